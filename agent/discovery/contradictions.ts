/**
 * Where do sightings contradict each other on who a device is? Pure.
 */
import type { Sighting, SightingSource } from "../../protocols/core/device.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { Conflict, ConflictSide } from "../../store/conflicts.ts";
import type { FactRow } from "../../store/devices.ts";
import { isHint } from "./identify.ts";

/** Two claims are at once where each is heard again within so long: a lease that moved is not heard again. As the address hint. */
export const AT_ONCE_MS: Ms = 15 * MINUTE;
/** Evidence of a side, as people read it. */
const EVIDENCE_CHARS = 300;

/** A serial as sources may spell it: case and separators say nothing. As `Devices.claimingSerial` compares. */
export function plainSerial(serial: string): string {
  return serial.toUpperCase().replaceAll(/[-:. ]/g, "");
}

/** Something that was claimed at a moment. */
export interface Claim {
  readonly value: string;
  readonly side: ConflictSide;
}

/**
 * Those values that were claimed by turns: one, another, and the first again, all within `AT_ONCE_MS`. Each with its newest claim;
 * the order of the claims handed in does not matter.
 */
export function byTurns(claims: readonly Claim[]): readonly Claim[] {
  const told = claims.toSorted((a, b) => a.side.atMs - b.side.atMs || (a.value < b.value ? -1 : 1));
  const found = new Set<string>();
  told.forEach((first, at) => {
    const soon = told.slice(at + 1).filter(({ side }) => side.atMs - first.side.atMs <= AT_ONCE_MS);
    const again = soon.findLast(({ value, side }) => value === first.value && side.atMs > first.side.atMs);
    if (again === undefined) return;
    for (const { value, side } of soon) {
      if (value === first.value || side.atMs >= again.side.atMs || side.atMs <= first.side.atMs) continue;
      found.add(value).add(first.value);
    }
  });
  return [...found].toSorted().flatMap((value) => told.findLast((claim) => claim.value === value) ?? []);
}

function sideOf(
  device: DeviceId,
  claims: string,
  said: { source: SightingSource; atMs: Ms; evidence: Sighting["evidence"] },
): ConflictSide {
  const { source, atMs, evidence } = said;
  const words = evidence.map(({ via, what }) => `${via}: ${what}`).join("; ");
  return { device, claims, source, atMs, evidence: words.slice(0, EVIDENCE_CHARS) };
}

/** Sides as conflicts: those of one value in a fixed order. */
const sorted = (sides: readonly ConflictSide[]): readonly ConflictSide[] =>
  sides.toSorted((a, b) => (`${a.device} ${a.claims}` < `${b.device} ${b.claims}` ? -1 : 1));

/** The serials a device is said to have, each with the best fact that says so; a phone's serial is often its MAC, which is no second one. */
export function serialSides(device: { readonly id: DeviceId; readonly mac?: string }, facts: readonly FactRow[]): readonly ConflictSide[] {
  const best = new Map<string, ConflictSide>();
  for (const fact of facts) {
    const serial = plainSerial(fact.value);
    if (fact.field !== "serial" || serial === device.mac?.toUpperCase() || best.has(serial)) continue;
    best.set(serial, sideOf(device.id, fact.value, fact));
  }
  return [...best.values()];
}

/** One MAC, two serials. */
export function macConflict(device: { readonly id: DeviceId; readonly mac?: string }, facts: readonly FactRow[]): Conflict | undefined {
  const sides = serialSides(device, facts);
  return sides.length < 2 ? undefined : { kind: "mac", value: device.id, sides: sorted(sides) };
}

/** Two devices, one serial. `sides` holds one of each device. */
export function serialConflict(serial: string, sides: readonly ConflictSide[]): Conflict | undefined {
  return sides.length < 2 ? undefined : { kind: "serial", value: plainSerial(serial), sides: sorted(sides) };
}

interface Seen {
  readonly device: DeviceId;
  readonly sighting: Sighting;
}

/** Sightings that say where a device is now, by its own word or that of a server it just spoke with. */
const live = ({ sighting: { source, address, heard } }: Seen): boolean => address !== undefined && heard !== false && !isHint(source);
const family = (address: string): string => (address.includes(":") ? "6" : "4");

/** Two devices, one address, by turns. */
export function addressConflict(address: string, seen: readonly Seen[]): Conflict | undefined {
  const claims = seen
    .filter((one) => live(one) && one.sighting.address === address)
    .map(({ device, sighting }): Claim => ({ value: device, side: sideOf(device, address, sighting) }));
  const sides = byTurns(claims).map(({ side }) => side);
  return sides.length < 2 ? undefined : { kind: "address", value: address, sides: sorted(sides) };
}

/** One device, two addresses of one kind, by turns: two units answer with one MAC, or something answers in its stead. */
export function twoAddressConflict(device: DeviceId, recent: readonly Sighting[]): Conflict | undefined {
  for (const kind of ["4", "6"]) {
    const claims = recent.flatMap((sighting): Claim[] => {
      const { address } = sighting;
      if (address === undefined || family(address) !== kind || !live({ device, sighting })) return [];
      return [{ value: address, side: sideOf(device, address, sighting) }];
    });
    const sides = byTurns(claims).map(({ side }) => side);
    if (sides.length > 1) return { kind: "twoAddresses", value: device, sides: sorted(sides) };
  }
  return undefined;
}

/** Every two of the sides that are not one device. */
export function pairsOf(sides: readonly ConflictSide[]): readonly (readonly [DeviceId, DeviceId])[] {
  const devices = [...new Set(sides.map(({ device }) => device))];
  return devices.flatMap((one, at) => devices.slice(at + 1).map((other) => [one, other] as const));
}

/** What is wrong, in a line. */
export function conflictWords({ kind, value, sides }: Conflict): string {
  const devices = [...new Set(sides.map(({ device }) => device))].join(" and ");
  const claims = [...new Set(sides.map((side) => side.claims))].join(" and ");
  switch (kind) {
    case "serial":
      return `${devices} have one serial, ${value}`;
    case "mac":
      return `${value} has two serials, ${claims}`;
    case "address":
      return `${devices} are at ${value} by turns`;
    case "twoAddresses":
      return `${value} is at ${claims} by turns`;
  }
}
