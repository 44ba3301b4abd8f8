import fc from "fast-check";
import { expect, test } from "vitest";
import { createInventory } from "../../../agent/discovery/inventory.ts";
import type { DeviceFacts, FamilyId, ManagedBy, Sighting, SightingSource } from "../../../protocols/core/device.ts";
import { type Mac, macFromVideoSerial } from "../../../protocols/core/ids.ts";
import { DAY, MINUTE } from "../../../protocols/core/time.ts";
import type { Version } from "../../../protocols/core/version.ts";
import { SOURCES } from "../../../store/devices.ts";
import type { Store } from "../../../store/store.ts";
import { T0, temporaryStore } from "../../store/temporary.ts";

/** Of the third, characters 7 to 12 are half of the last MAC. */
const SERIALS = ["S-1001", "S-1002", "8G1234ABCDEFXY"] as const;
const MACS = ["64167f000001", "64167f000002", macFromVideoSerial(SERIALS[2])] as Mac[];
const ADDRESSES = ["127.0.5.1", "127.0.5.2"] as const;
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

const anySighting: fc.Arbitrary<Sighting> = fc
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

/** Undoes what a run wrote: one store serves them all. */
class Undone extends Error {}

/** All that is known after these sightings, whose each of them is, and which contradict each other on who a device is. */
function inventoryAfter(told: readonly Sighting[], store: Store) {
  const inventory = createInventory({ store, adopt: "ask", announce: () => undefined, onConflict: () => undefined });
  let known = allIn(store);
  const run = (): void =>
    store.transaction(() => {
      for (const sighting of told) inventory.note(sighting);
      known = allIn(store);
      throw new Undone();
    });
  expect(run).toThrow(Undone);
  return known;
}

function allIn(store: Store) {
  const devices = store.devices.list().map((row) => {
    const sightings = store.sightings.recent(row.id, 1_000).map((one) => JSON.stringify(one));
    return { row, facts: store.devices.facts(row.id), sightings: sightings.sort() };
  });
  // Those of addresses are about now, which is what was told last.
  const conflicts = store.conflicts
    .list("open", 1_000)
    .filter(({ kind }) => kind === "serial" || kind === "mac")
    .map(({ kind, value, sides }) => JSON.stringify({ kind, value, sides }));
  return { devices, conflicts: conflicts.sort() };
}

const RUNS = { numRuns: 150 };

test("note(): any order of sightings of all sources gives the same inventory", () => {
  const store = temporaryStore();
  fc.assert(
    fc.property(
      fc
        .array(anySighting, { maxLength: 14 })
        .chain((told) => fc.tuple(fc.constant(told), fc.shuffledSubarray(told, { minLength: told.length }))),
      ([told, shuffled]) => {
        expect(inventoryAfter(shuffled, store)).toEqual(inventoryAfter(told, store));
      },
    ),
    RUNS,
  );
});

test("note(): any repetition of sightings of all sources, at any time, gives the same inventory", () => {
  const store = temporaryStore();
  fc.assert(
    fc.property(
      fc
        .array(anySighting, { maxLength: 12 })
        .chain((told) => fc.tuple(fc.constant(told), fc.shuffledSubarray([...told, ...told], { minLength: told.length * 2 }))),
      ([told, repeated]) => {
        expect(inventoryAfter(repeated, store)).toEqual(inventoryAfter(told, store));
      },
    ),
    RUNS,
  );
});

test("note(): a MAC is one device whatever else is told, and none is of two", () => {
  const store = temporaryStore();
  fc.assert(
    fc.property(fc.array(anySighting, { maxLength: 14 }), (told) => {
      const { devices } = inventoryAfter(told, store);
      const stated = new Set(told.flatMap(({ facts }) => (facts.mac === undefined ? [] : [facts.mac])));
      for (const mac of stated) expect(devices.filter(({ row }) => row.mac === mac)).toHaveLength(1);
    }),
    RUNS,
  );
});
