/** Sightings of every kind and source about a few devices, and all that a store knows after them. */
import fc from "fast-check";
import type { DeviceFacts, FamilyId, ManagedBy, Sighting, SightingSource } from "../../../protocols/core/device.ts";
import { type Mac, macFromVideoSerial } from "../../../protocols/core/ids.ts";
import { DAY, MINUTE } from "../../../protocols/core/time.ts";
import type { Version } from "../../../protocols/core/version.ts";
import type { Conflict } from "../../../store/conflicts.ts";
import { SOURCES } from "../../../store/devices.ts";
import type { Store } from "../../../store/store.ts";
import { T0 } from "../../store/temporary.ts";

type ConflictKind = Conflict["kind"];

/** Of the third, characters 7 to 12 are half of the last MAC. */
export const SERIALS = ["S-1001", "S-1002", "8G1234ABCDEFXY"] as const;
export const MACS = ["64167f000001", "64167f000002", macFromVideoSerial(SERIALS[2])] as Mac[];
export const ADDRESSES = ["127.0.5.1", "127.0.5.2"] as const;
const on = (name: string): NonNullable<Sighting["port"]> => ({ switchAddress: "127.0.9.1", name });
const PORTS = [on("ge-0/0/1"), on("ge-0/0/2"), { ...on("ge-0/0/1"), poeDelivering: true }];

const maybe = <T>(...values: readonly T[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
const anyFacts: fc.Arbitrary<DeviceFacts> = fc
  .record({
    mac: maybe(...MACS),
    serial: maybe<string>(...SERIALS),
    family: maybe<FamilyId>("uc-phone", "video-os", "lens-only"),
    model: maybe("VVX 411", "Studio X50"),
    name: maybe("Desk 5", "Room 7"),
    running: maybe({ application: "6.4.6.2327" as Version }, { application: "6.4.7.0001" as Version, updater: "5.9.0.1" as Version }),
    managedBy: maybe<ManagedBy>("none", "lens", "unknown"),
  })
  .map((facts) => Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)));

/** Minutes apart and days apart, often the same moment: runs at an address are short, long and broken. */
const anyMoment = fc
  .tuple(fc.constantFrom(0, 0, 0, 8 * DAY), fc.integer({ min: 0, max: 12 }))
  .map(([days, step]) => T0 + days + step * 5 * MINUTE);

export const anySighting: fc.Arbitrary<Sighting> = fc
  .record({
    source: fc.constantFrom(...(Object.keys(SOURCES) as SightingSource[])),
    atMs: anyMoment,
    address: maybe<string>(...ADDRESSES),
    facts: anyFacts,
    evidence: fc.constantFrom("a", "b").map((what) => [{ via: "https" as const, what, atMs: T0 }]),
    port: maybe(...PORTS),
    heard: maybe(false as const),
  })
  .map(({ address, port, heard, ...rest }) => ({
    ...rest,
    ...(address === undefined ? {} : { address }),
    ...(port === undefined ? {} : { port }),
    ...(heard === undefined ? {} : { heard }),
  }));

/** All that the store knows of devices. Conflicts of addresses are about now, which is what was told last: `kinds` may leave them out. */
export function allIn(store: Store, kinds: readonly ConflictKind[]) {
  const devices = store.devices.list().map((row) => {
    const sightings = store.sightings.recent(row.id, 1_000).map((one) => JSON.stringify(one));
    return { row, facts: store.devices.facts(row.id), sightings: sightings.sort() };
  });
  const conflicts = store.conflicts
    .list("open", 1_000)
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ kind, value, sides }) => JSON.stringify({ kind, value, sides }));
  return { devices, conflicts: conflicts.sort() };
}
