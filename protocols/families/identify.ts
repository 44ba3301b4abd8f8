/**
 * Who is at this address? The doors first, without a password; then, only where a family is likely and the certificate is
 * the one expected, one full read. What `probe` and discovery use.
 */
import {
  type CoupledPart,
  type DeviceFacts,
  type DeviceRead,
  type Evidence,
  type FamilyId,
  type InUse,
  type Line,
  managerOfBoth,
} from "../core/device.ts";
import type { Fault } from "../core/fault.ts";
import type { Reading } from "../core/reading.ts";
import { macOfName } from "../http/certificate.ts";
import { accessFrom } from "../snmp/client.ts";
import type { Family, FamilyIo, FirstLook, Target } from "./family.ts";
import { families } from "./index.ts";
import { identityFor, loginsFor } from "./logins.ts";
import { firstLook, LIKELY, recognise } from "./recognise.ts";
import type { Door } from "./silences.ts";

export interface Identified {
  /** Merged: what the device says of itself beats what its doors show. Empty where nothing answered. */
  readonly facts: DeviceFacts;
  readonly family?: Family;
  /** Families equally likely, where the read did not settle it either. */
  readonly ambiguous?: readonly FamilyId[];
  readonly confidence: number;
  /** Absent where no full read was made. */
  readonly inUse?: InUse;
  readonly lines: readonly Line[];
  readonly parts: readonly CoupledPart[];
  readonly reading: Reading;
  readonly evidence: readonly Evidence[];
  /** One per shut door, and those of the read. */
  readonly faults: readonly Fault[];
  readonly look: FirstLook;
}

export async function identifyDevice(target: Target, io: FamilyIo, signal: AbortSignal): Promise<Identified> {
  const { address, ports, expectMac } = target;
  const knocks = (door: Door): boolean => target.silent?.includes(door) !== true;
  const doors = {
    tls: knocks("tls"),
    sip: knocks("sip"),
    ssh: knocks("ssh"),
    snmp: [],
    ...(target.oldTls === true ? { oldTls: true } : {}),
    ...identityFor(target),
  };
  const patience = target.patienceMs === undefined ? {} : { patienceMs: target.patienceMs };
  const shown = await firstLook({ address, ports, doors, ...patience }, io, signal);
  const impostor = subjectFault(target, shown);
  if (impostor !== undefined) return nobody(shown, [...shown.faults, impostor]);
  // Communities travel in clear: they go out only after the certificate, where one is shown, was the expected one, and not
  // at all where the other doors say enough: phones have no agent, and a room's own read asks it.
  const byDoors = recognise(shown, families, io.clock.nowMs());
  if (byDoors.facts.mac !== undefined && target.leaveAlone?.includes(byDoors.facts.mac) === true) {
    const { facts, evidence, confidence, family, ambiguous } = byDoors;
    return { ...nobody(shown, shown.faults), facts, evidence, confidence, ...familyOrAmbiguity(family, ambiguous) };
  }
  const enough = byDoors.confidence >= LIKELY;
  const snmp = enough ? [] : target.credentials.flatMap(accessFrom);
  const onlySnmp = { ...doors, tls: false, sip: false, ssh: false, snmp };
  const bySnmp = snmp.length === 0 ? undefined : await firstLook({ address, ports, doors: onlySnmp, ...patience }, io, signal);
  const look: FirstLook = { ...shown, ...(bySnmp?.snmp === undefined ? {} : { snmp: bySnmp.snmp }) };
  const doorFaults = [...shown.faults, ...(bySnmp?.faults ?? [])];

  const recognition = recognise(look, families, io.clock.nowMs());
  const candidates = recognition.family === undefined ? familiesOf(recognition.ambiguous ?? [], target) : [recognition.family];
  const base = {
    ...nobody(look, doorFaults),
    facts: recognition.facts,
    evidence: recognition.evidence,
    confidence: recognition.confidence,
  };
  const chosen = candidates[0];
  if (chosen === undefined || (recognition.confidence < LIKELY && chosen.snmpAlone !== true)) {
    return { ...base, ...familyOrAmbiguity(recognition.family, recognition.ambiguous) };
  }
  const certain = expectMac ?? recognition.facts.mac;
  const checked = pinned({ ...target, ...(certain === undefined ? {} : { expectMac: certain }) }, look, io);
  const rest = [...candidates.slice(1), ...familiesOf(recognition.others ?? [], target)];
  return merged(base, candidates, await readInTurn(chosen, rest, { target: checked, io }, signal));
}

/**
 * Reads as the likeliest family; where the device then proves to be of another, as that one, and where it plainly is not of this
 * one, as the next, while there is time.
 *
 * @returns the read that proved a family, else the first
 */
async function readInTurn(
  chosen: Family,
  rest: readonly Family[],
  { target, io }: { readonly target: Target; readonly io: FamilyIo },
  signal: AbortSignal,
): Promise<DeviceRead> {
  let untried = rest;
  let best = await chosen.read(target, io, signal);
  for (let read = best; ; ) {
    const proved = read.facts.family;
    if (proved !== undefined) best = read;
    const next = proved === undefined ? (isAnother(read) ? untried[0] : undefined) : untried.find(({ id }) => id === proved);
    if (next === undefined || signal.aborted) return best;
    untried = untried.filter((family) => family !== next);
    read = await next.read(target, io, signal);
  }
}

/**
 * Does a read without any fact say that the device is of another family? It does where something answered that this family's
 * devices do not say: no such interface, another shape. A refused password says nothing, and the next might count towards a lock.
 */
function isAnother({ facts, faults }: DeviceRead): boolean {
  if (facts.model !== undefined || facts.running !== undefined) return false;
  const stops = (fault: Fault): boolean =>
    ["lockedOut", "impostor", "cancelled", "busy"].includes(fault.kind) || (fault.kind === "denied" && fault.credentialId !== undefined);
  return faults.some(({ kind }) => kind === "off" || kind === "garbled") && !faults.some(stops);
}

/** What the doors show and what a read told, the read first. */
function merged(base: Identified, candidates: readonly Family[], read: DeviceRead): Identified {
  const settled = families.find((family) => family.id === read.facts.family) ?? (candidates.length === 1 ? candidates[0] : undefined);
  const managedBy = managerOfBoth(read.facts.managedBy, base.facts.managedBy);
  const facts = {
    ...base.facts,
    ...read.facts,
    ...(settled === undefined ? {} : { family: settled.id }),
    ...(managedBy === undefined ? {} : { managedBy }),
  };
  const { inUse, lines, parts, reading } = read;
  return {
    ...base,
    facts,
    ...familyOrAmbiguity(
      settled,
      candidates.map((family) => family.id),
    ),
    ...{ inUse, lines, parts, reading },
    evidence: [...base.evidence, ...read.evidence],
    faults: [...base.faults, ...read.faults],
  };
}

function familyOrAmbiguity(
  family: Family | undefined,
  ambiguous: readonly FamilyId[] | undefined,
): Pick<Identified, "family" | "ambiguous"> {
  if (family !== undefined) return { family };
  return ambiguous === undefined || ambiguous.length === 0 ? {} : { ambiguous };
}

/** Those we have a password for first: they share their doors, and one visit tells which it is. */
function familiesOf(ids: readonly FamilyId[], target: Target): readonly Family[] {
  const hasLogin = (family: Family): number => (loginsFor(target, family.id).length > 0 ? 0 : 1);
  return families.filter((family) => ids.includes(family.id)).toSorted((a, b) => hasLogin(a) - hasLogin(b));
}

function nobody(look: FirstLook, faults: readonly Fault[]): Identified {
  return { facts: {}, confidence: 0, lines: [], parts: [], reading: {}, evidence: [], faults, look };
}

/** A certificate that names somebody else ends the visit before any secret, by whatever door, goes out. */
function subjectFault(target: Target, look: FirstLook): Fault | undefined {
  if (target.expectMac === undefined || look.tls === undefined || macOfName(look.tls.commonName) === target.expectMac) return undefined;
  return { kind: "impostor", via: "tls", wanted: target.expectMac, found: look.tls.commonName ?? "a certificate without a common name" };
}

/**
 * With what is kept of the device that this one says it is. Where a pin is asked for and none is on record yet, the certificate
 * just seen and checked is the one for this visit.
 */
function pinned(target: Target, look: FirstLook, { pins }: FamilyIo): Target {
  if (target.trust === "first" && target.expectMac !== undefined) {
    return { ...target, pins: { ...pins?.of(target.expectMac), ...target.pins } };
  }
  if (target.trust !== "pin" || target.pins?.tlsFingerprint !== undefined || target.expectMac === undefined || look.tls === undefined)
    return target;
  return { ...target, pins: { ...target.pins, tlsFingerprint: look.tls.fingerprint } };
}
