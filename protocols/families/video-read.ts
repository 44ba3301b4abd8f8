/**
 * What a visit to a video system saw, as the facts and values every family gives.
 */

import type { DeviceRead, Evidence, InUse } from "../core/device.ts";
import { type Fault, showFault, type Transport } from "../core/fault.ts";
import type { Ms } from "../core/time.ts";
import type { FamilyIo, Look, Target } from "./family.ts";
import { readSystem, snmpTargets } from "./snmp-system.ts";
import type { VideoSeenMore } from "./video-room.ts";
import { readVideoSnmp } from "./video-snmp.ts";
import { USB_DEVICE, type VideoSeen } from "./video-visit.ts";

export function unreadable(fault: Fault): InUse {
  return { state: "unknown", reason: `the calls cannot be read: ${showFault(fault)}` };
}

export function silentRead(fault: Fault): DeviceRead {
  return { facts: {}, inUse: unreadable(fault), lines: [], parts: [], reading: {}, evidence: [], faults: [fault] };
}

export function lookOf(seen: VideoSeen & { readonly parts?: Look["parts"] | undefined }): Look {
  const { facts, uptimeSeconds, rebootNeeded } = seen.system;
  return {
    facts,
    inUse: seen.inUse,
    ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }),
    ...(rebootNeeded === undefined ? {} : { rebootNeeded }),
    ...(seen.parts === undefined ? {} : { parts: seen.parts }),
    faults: seen.faults,
  };
}

export function readOf(seen: VideoSeenMore, nowMs: Ms): DeviceRead {
  const { system, inUse, parts, lines, certificate } = seen;
  const notAfterMs = certificate?.notAfterMs;
  const missing = (parts?.filter((part) => !part.connected).length ?? 0) + (seen.peripheralsDown ?? 0);
  const evidence: Evidence[] = [{ via: "https", what: "REST system, conferences and status", atMs: nowMs }];
  if (certificate !== undefined) {
    evidence.push({
      via: "tls",
      what: `certificate ${certificate.commonName ?? "without a name"}, SHA-256 ${certificate.fingerprint}`,
      atMs: nowMs,
    });
  }
  if (seen.partner !== undefined) evidence.push({ via: "https", what: `mode ${seen.partner}`, atMs: nowMs });
  for (const what of seen.notes) evidence.push({ via: "https", what: what.slice(0, NOTE_CHARS), atMs: nowMs });
  return {
    facts: { ...system.facts, ...(seen.managedBy === undefined ? {} : { managedBy: seen.managedBy }) },
    inUse,
    lines: seen.lines ?? [],
    parts: parts ?? [],
    ...serversOf(seen),
    reading: {
      ...(inUse.state === "unknown" ? {} : { inCall: inUse.state === "busy" ? 1 : 0 }),
      ...(system.uptimeSeconds === undefined ? {} : { uptimeSeconds: system.uptimeSeconds }),
      ...(system.rebootNeeded === undefined ? {} : { rebootNeeded: system.rebootNeeded ? 1 : 0 }),
      ...(lines === undefined ? {} : { registeredLines: lines.filter((line) => line.registered).length, configuredLines: lines.length }),
      ...(parts === undefined ? {} : { peripheralsConnected: parts.filter((part) => part.connected).length }),
      ...(parts === undefined && seen.peripheralsDown === undefined ? {} : { peripheralsMissing: missing }),
      ...(seen.provisioningFailed === undefined ? {} : { provisioningFailed: seen.provisioningFailed ? 1 : 0 }),
      ...(notAfterMs === undefined ? {} : { certificateNotAfterSeconds: Math.round((notAfterMs - nowMs) / 1000) }),
    },
    evidence,
    faults: seen.faults,
  };
}

/** Where the mode or the settings could not be read, nothing is said of them. */
function serversOf({ partner, provisioning }: VideoSeenMore): Pick<DeviceRead, "servers"> {
  const app = partner === undefined || partner === USB_DEVICE ? undefined : [applicationOf(partner)];
  if (app === undefined && provisioning === undefined) return {};
  return { servers: { ...(app === undefined ? {} : { app }), ...(provisioning === undefined ? {} : { provisioning }) } };
}

/** One spelling per application over all families. */
function applicationOf(persona: string): string {
  if (/teams/i.test(persona)) return "Microsoft Teams";
  return /zoom/i.test(persona) ? "Zoom" : persona.slice(0, 60);
}

/** By which door a system without REST was read, and what it calls offline. */
export function doorEvidence(
  seen: { readonly via: Transport; readonly hostFingerprint?: string; readonly offline: readonly string[] },
  atMs: Ms,
): readonly Evidence[] {
  const { via, hostFingerprint, offline } = seen;
  const key = hostFingerprint === undefined ? "" : `, host key ${hostFingerprint}`;
  const door = via === "ssh" || via === "telnet" ? "command line" : "status page and commands";
  const down = offline.length === 0 ? [] : [{ via, what: `offline: ${offline.join(", ").slice(0, OFFLINE_CHARS)}`, atMs }];
  return [{ via, what: `${door}${key}`, atMs }, ...down];
}

/** All names a unit has fit into it. */
const OFFLINE_CHARS = 400;
const NOTE_CHARS = 300;

/** Real time spent on an agent that is usually off: more would be lost at every visit. A guess. */
const SNMP_MS = 3_000;

/**
 * Adds what SNMP knows of the hardware, where the site has a credential for it. SNMP is off by default, so its silence is
 * no fault, but what it says badly is; it may say busy, never idle. Source: protocols/snmp.md 4.1.
 */
export async function withSnmp(read: DeviceRead, place: { target: Target; io: FamilyIo }, signal: AbortSignal): Promise<DeviceRead> {
  const { target, io } = place;
  const known = target.silent?.includes("snmp") === true || io.silences?.isSilent(target.address, "snmp") === true;
  if (known || snmpTargets(target).length === 0) return read;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(target.patienceMs ?? SNMP_MS)]);
  const system = await readSystem(target, io, limited);
  if (!system.ok) {
    if (system.fault.kind === "unreachable") io.silences?.note(target.address, "snmp");
    return withFault(read, system.fault);
  }
  const snmp = await readVideoSnmp(system.value.target, io, limited);
  if (!snmp.ok) return withFault(read, snmp.fault);
  const busy = read.inUse.state !== "busy" && snmp.value.inUse.state === "busy";
  // Its count of none is no reading where the calls are unknown.
  const { inCall: _, ...hardware } = snmp.value.reading;
  return {
    ...read,
    inUse: busy ? snmp.value.inUse : read.inUse,
    reading: { ...hardware, ...read.reading, ...(busy ? { inCall: 1 } : {}) },
    evidence: [...read.evidence, ...snmp.value.evidence],
    faults: [...read.faults, ...snmp.value.faults],
  };
}

function withFault(read: DeviceRead, fault: Fault): DeviceRead {
  return ["unreachable", "off", "cancelled"].includes(fault.kind) ? read : { ...read, faults: [...read.faults, fault] };
}
