/**
 * Keeps the list of conflicts true: after each sighting, what contradicts is opened and what no longer does is closed.
 */
import type { Sighting } from "../../protocols/core/device.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { type Conflict, type ConflictRow, type Conflicts, conflictIdOf } from "../../store/conflicts.ts";
import type { Decisions } from "../../store/decisions.ts";
import type { Devices } from "../../store/devices.ts";
import type { Sightings } from "../../store/sightings.ts";
import {
  AT_ONCE_MS,
  addressConflict,
  macConflict,
  pairsOf,
  plainSerial,
  serialConflict,
  serialSides,
  twoAddressConflict,
} from "./contradictions.ts";

export interface QuarrelStore {
  readonly devices: Devices;
  readonly sightings: Sightings;
  readonly conflicts: Conflicts;
  readonly decisions: Decisions;
}

/** Sightings looked at for claims by turns: at one a minute, all that are at once. */
const SIGHTINGS_MAX = 32;

/** What contradicts now about one device; decided things are no conflicts any more. */
export function quarrelsOf(id: DeviceId, store: QuarrelStore, nowMs: Ms): readonly Conflict[] {
  const { devices, sightings, decisions } = store;
  const row = devices.load(id);
  if (row === undefined) return [];
  const facts = devices.facts(id);
  const merged = decisions.mergesInto(id).length > 0;
  const recent = sightings.recent(id, SIGHTINGS_MAX, nowMs - AT_ONCE_MS);
  const live = recent.flatMap(({ address }) => address ?? []);
  const found = [
    // Two that a person made one may well have two serials and two addresses.
    ...(merged ? [] : [macConflict(row, facts), twoAddressConflict(id, recent)]),
    ...[...new Set(serialSides(row, facts).map(({ claims }) => claims))].map((serial) => sharedSerial(serial, store)),
    ...[...new Set(live)].map((address) => addressConflict(address, sightings.at(address, nowMs - AT_ONCE_MS, SIGHTINGS_MAX))),
  ];
  return found.filter((one) => one !== undefined).filter((one) => !isDecided(one, decisions));
}

function sharedSerial(serial: string, { devices }: QuarrelStore): Conflict | undefined {
  const sides = devices.claimingSerial(plainSerial(serial)).flatMap((row) => {
    const side = serialSides(row, devices.facts(row.id)).find(({ claims }) => plainSerial(claims) === plainSerial(serial));
    return side === undefined ? [] : [side];
  });
  return serialConflict(serial, sides);
}

/** All that quarrel are known to be two. One device that quarrels with itself is decided by splitting it, which ends the cause. */
function isDecided({ sides }: Conflict, decisions: Decisions): boolean {
  const pairs = pairsOf(sides);
  return pairs.length > 0 && pairs.every(([one, other]) => decisions.apart(one, other));
}

/**
 * Opens and closes what concerns a device.
 *
 * @param ended  why what is gone is gone: its cause went away, or a person decided
 * @returns what is open now and was not before
 */
export function settleQuarrels(
  id: DeviceId,
  store: QuarrelStore,
  at: { readonly nowMs: Ms; readonly ended: "gone" | "decided" },
): readonly Conflict[] {
  const { conflicts } = store;
  const now = quarrelsOf(id, store, at.nowMs);
  const ids = new Set(now.map(conflictIdOf));
  for (const open of conflicts.ofDevice(id)) {
    if (ids.has(open.id)) continue;
    // This one is out of it; the others may quarrel on.
    const still = leftOf(open, id, store, at.nowMs);
    if (still === undefined) conflicts.close(open.id, at.ended, at.nowMs);
    else conflicts.open(still, at.nowMs);
  }
  return now.filter((conflict) => conflicts.open(conflict, at.nowMs));
}

/** The conflict as the other sides still have it among themselves. */
function leftOf({ id: conflict, sides }: ConflictRow, without: DeviceId, store: QuarrelStore, nowMs: Ms): Conflict | undefined {
  const others = new Set(sides.map(({ device }) => device).filter((device) => device !== without));
  for (const other of others) {
    const still = quarrelsOf(other, store, nowMs).find((one) => conflictIdOf(one) === conflict);
    if (still !== undefined) return still;
  }
  return undefined;
}

/** Conflicts by turns end when nobody repeats the claim: nothing is seen then, so time has to say it. @returns how many ended */
export function agedQuarrels(store: QuarrelStore, nowMs: Ms): number {
  let ended = 0;
  for (const { id, sides, kind } of store.conflicts.list("open", CONFLICTS_MAX)) {
    if (kind === "serial" || kind === "mac") continue;
    const still = sides.some(({ device }) => quarrelsOf(device, store, nowMs).some((one) => conflictIdOf(one) === id));
    if (still) continue;
    store.conflicts.close(id, "gone", nowMs);
    ended++;
  }
  return ended;
}

/** Open conflicts looked at in one go: more is no inventory but an attack, and the rest is looked at as these end. */
const CONFLICTS_MAX = 500;

/** Whether a sighting can change anything about conflicts at all: most repeat what is known. */
export function mayQuarrel({ facts, address }: Sighting): boolean {
  return facts.mac !== undefined || facts.serial !== undefined || address !== undefined;
}
