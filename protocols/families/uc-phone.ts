/**
 * Phones on UC Software and PVOS: VVX, Trio, CCX, Edge E. Source: protocols/uc-phones.md.
 */

import type { DeviceRead, Evidence } from "../core/device.ts";
import { type Fault, ok, showFault } from "../core/fault.ts";
import type { Reading } from "../core/reading.ts";
import { MINUTE, type Ms } from "../core/time.ts";
import type { PeerCertificate } from "../http/certificate.ts";
import { defineFamily, type FamilyIo, type Look, type Target } from "./family.ts";
import { readBoard } from "./phone-board.ts";
import { recognisePhone } from "./phone-doors.ts";
import { type PagesSeen, seeByPages } from "./phone-pages.ts";
import { seeBySip } from "./sip-facts.ts";
import { dataOf, decodePackets, decodeStats } from "./uc-phone-answers.ts";
import { showConnection } from "./uc-phone-network.ts";
import { type Seen, see } from "./uc-phone-see.ts";
import { readPhoneSettings } from "./uc-phone-settings.ts";
import { ucPhoneUpdate } from "./uc-phone-update.ts";
import { decodeSessionStats } from "./uc-phone-use.ts";
import { endsVisit, type PhoneVisit, visitPhone } from "./uc-phone-visit.ts";

/** Real time one visit may take in all, whatever its single asks are allowed. A guess: 20 x a slow phone's answer. */
const READ_MS = 20_000;
const LOOK_MS = 12_000;

interface Where {
  readonly target: Target;
  readonly io: FamilyIo;
}

/** Where REST is switched off the pages and state polling are asked; where it fails otherwise, SIP alone. */
async function withoutRest({ target, io }: Where, fault: Fault, whole: boolean, signal: AbortSignal): Promise<PagesSeen> {
  if (fault.kind === "off") {
    const seen = await seeByPages({ target, family: "uc-phone", io }, whole, signal);
    return { ...seen, faults: [fault, ...seen.faults.filter(({ kind }) => kind !== "off")] };
  }
  const inUse = { state: "unknown", reason: `the call state cannot be read: ${showFault(fault)}` } as const;
  // Once REST is known to be somebody else's, nothing more is asked there.
  if (fault.kind === "impostor" || fault.kind === "cancelled") return { facts: {}, inUse, evidence: [], faults: [fault] };
  const sip = await seeBySip(target, io, signal);
  return { ...sip, inUse, faults: [fault, ...sip.faults] };
}

async function read(target: Target, io: FamilyIo, signal: AbortSignal): Promise<DeviceRead> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(READ_MS)]);
  const seen = await visitPhone(target, io, limited, async (visit) => {
    const short = await see(visit);
    return short.ok ? ok(await seeMore(visit, short.value, io)) : short;
  });
  if (seen.ok) return withBoard(seen.value, { target, io }, limited);
  const { certificate, ...pages } = await withoutRest({ target, io }, seen.fault, true, limited);
  return { ...pages, lines: [], parts: [], reading: { ...inCallOf(pages.inUse), ...expiryOf(certificate, io.clock.nowMs()) } };
}

/** Version 1 of device/info states no part number; the image depends on it. */
async function withBoard(read: DeviceRead, { target, io }: Where, signal: AbortSignal): Promise<DeviceRead> {
  const { mac, partNumber } = read.facts;
  if (mac === undefined || partNumber !== undefined || read.faults.some(endsVisit)) return read;
  return { ...read, facts: { ...read.facts, ...(await readBoard({ target, family: "uc-phone", io }, mac, signal)) } };
}

const inCallOf = ({ state }: PagesSeen["inUse"]): Reading => (state === "unknown" ? {} : { inCall: state === "busy" ? 1 : 0 });

function expiryOf(certificate: PeerCertificate | undefined, nowMs: Ms): Reading {
  const notAfterMs = certificate?.notAfterMs;
  return notAfterMs === undefined ? {} : { certificateNotAfterSeconds: Math.round((notAfterMs - nowMs) / 1000) };
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
  const { info, inUse, lines } = seen;
  const stats = decodeStats(await extra("v1/mgmt/device/stats"));
  const packets = decodePackets(await extra("v1/mgmt/network/stats"));
  const quality = inUse.state === "busy" ? decodeSessionStats(await extra("v1/mgmt/media/sessionStats")) : {};
  const nowMs = io.clock.nowMs();
  const connection = seen.connection === undefined ? [] : [showConnection(seen.connection)];
  const evidence: Evidence[] = ["REST device information, calls and lines", ...connection].map((what) => ({
    via: "https",
    what,
    atMs: nowMs,
  }));
  return {
    facts: info.facts,
    inUse,
    lines: lines ?? [],
    parts: info.modules,
    ...(seen.servers === undefined ? {} : { servers: seen.servers }),
    reading: {
      ...(lines === undefined ? {} : { registeredLines: lines.filter((line) => line.registered).length, configuredLines: lines.length }),
      ...inCallOf(inUse),
      ...stats,
      ...packets,
      ...(info.uptimeSeconds === undefined ? {} : { uptimeSeconds: info.uptimeSeconds }),
      ...quality,
      ...(info.peripherals === undefined ? {} : { peripheralsConnected: info.peripherals }),
      ...expiryOf(visit.certificate, nowMs),
    },
    evidence: [...evidence, ...certificateEvidence(visit, nowMs)],
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
    const { facts, inUse, faults } = await withoutRest({ target, io }, seen.fault, false, limited);
    return { facts, inUse, faults };
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
  settings: (target, io, signal) => readPhoneSettings("uc-phone", { target, io }, signal),
  update: ucPhoneUpdate,
  // 20: DHCP and registration servers see that many phones return at once; a guess. 120 s: design, health of phones.
  limits: { inFlightPerSite: 20, pollMs: 2 * MINUTE },
});
