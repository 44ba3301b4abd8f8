/**
 * Phones on UC Software and PVOS: VVX, Trio, CCX, Edge E. Source: protocols/uc-phones.md.
 */

import type { DeviceRead, Evidence, InUse } from "../core/device.ts";
import { type Fault, ok, showFault } from "../core/fault.ts";
import { MINUTE, type Ms } from "../core/time.ts";
import { defineFamily, type FamilyIo, type Look, type Target } from "./family.ts";
import { recognisePhone } from "./phone-doors.ts";
import { seeBySip } from "./sip-facts.ts";
import { decodeManagedBy, decodePackets, decodeStats } from "./uc-phone-answers.ts";
import { dataOf, type Seen, see } from "./uc-phone-see.ts";
import { ucPhoneUpdate } from "./uc-phone-update.ts";
import { endsVisit, type PhoneVisit, visitPhone } from "./uc-phone-visit.ts";

/** Real time one visit may take in all, whatever its single asks are allowed. A guess: 20 x a slow phone's answer. */
const READ_MS = 20_000;
const LOOK_MS = 12_000;

/** Once REST is known to be somebody else's, nothing more is asked there. */
const asksFurther = (fault: Fault): boolean => fault.kind !== "impostor" && fault.kind !== "cancelled";

async function read(target: Target, io: FamilyIo, signal: AbortSignal): Promise<DeviceRead> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(READ_MS)]);
  const seen = await visitPhone(target, io, limited, async (visit) => {
    const short = await see(visit);
    return short.ok ? ok(await seeMore(visit, short.value, io)) : short;
  });
  if (seen.ok) return seen.value;
  const sip = asksFurther(seen.fault) ? await seeBySip(target, io, limited) : { facts: {}, evidence: [], faults: [] };
  const inUse: InUse = { state: "unknown", reason: `the call state cannot be read: ${showFault(seen.fault)}` };
  return { facts: sip.facts, inUse, lines: [], parts: [], reading: {}, evidence: sip.evidence, faults: [seen.fault, ...sip.faults] };
}

async function seeMore(visit: PhoneVisit, seen: Seen, io: FamilyIo): Promise<DeviceRead> {
  const faults = [...seen.faults];
  const extra = async (path: string): Promise<unknown> => {
    if (faults.some(endsVisit)) return undefined;
    const data = dataOf(await visit.ask(path));
    if (data.ok) return data.value;
    // A phone that does not know one of these calls is not at fault.
    if (data.fault.kind !== "off") faults.push(data.fault);
    return undefined;
  };
  const managedBy = decodeManagedBy(await extra("v1/mgmt/network/info"));
  const stats = decodeStats(await extra("v1/mgmt/device/stats"));
  const packets = decodePackets(await extra("v1/mgmt/network/stats"));
  const { info, inUse, lines } = seen;
  const nowMs = io.clock.nowMs();
  const notAfterMs = visit.certificate?.notAfterMs;
  return {
    facts: { ...info.facts, ...(managedBy === undefined ? {} : { managedBy }) },
    inUse,
    lines: lines ?? [],
    parts: info.modules,
    reading: {
      ...(lines === undefined ? {} : { registeredLines: lines.filter((line) => line.registered).length, configuredLines: lines.length }),
      ...(inUse.state === "unknown" ? {} : { inCall: inUse.state === "busy" ? 1 : 0 }),
      ...(info.uptimeSeconds === undefined ? {} : { uptimeSeconds: info.uptimeSeconds }),
      ...stats,
      ...packets,
      ...(info.peripherals === undefined ? {} : { peripheralsConnected: info.peripherals }),
      ...(notAfterMs === undefined ? {} : { certificateNotAfterSeconds: Math.round((notAfterMs - nowMs) / 1000) }),
    },
    evidence: [{ via: "https", what: "REST device information, calls and lines", atMs: nowMs }, ...certificateEvidence(visit, nowMs)],
    faults,
  };
}

function certificateEvidence(visit: PhoneVisit, atMs: Ms): Evidence[] {
  const { certificate } = visit;
  if (certificate === undefined) return [];
  return [{ via: "tls", what: `certificate ${certificate.commonName ?? "without a name"}, SHA-256 ${certificate.fingerprint}`, atMs }];
}

async function look(target: Target, io: FamilyIo, signal: AbortSignal): Promise<Look> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]);
  const seen = await visitPhone(target, io, limited, see);
  if (!seen.ok) {
    const sip = asksFurther(seen.fault) ? await seeBySip(target, io, limited) : { facts: {}, faults: [] };
    const inUse: InUse = { state: "unknown", reason: `the call state cannot be read: ${showFault(seen.fault)}` };
    return { facts: sip.facts, inUse, faults: [seen.fault, ...sip.faults] };
  }
  const { info, inUse, lines, faults } = seen.value;
  return {
    facts: info.facts,
    inUse,
    ...(lines === undefined ? {} : { lines: { registered: lines.filter((line) => line.registered).length, configured: lines.length } }),
    ...(info.uptimeSeconds === undefined ? {} : { uptimeSeconds: info.uptimeSeconds }),
    faults,
  };
}

export const ucPhone = defineFamily({
  id: "uc-phone",
  name: "UC Software phones (VVX, Trio, CCX, Edge E)",
  recognise: recognisePhone,
  read,
  look,
  update: ucPhoneUpdate,
  // 20: DHCP and registration servers see that many phones return at once; a guess. 120 s: design, health of phones.
  limits: { inFlightPerSite: 20, pollMs: 2 * MINUTE },
});
