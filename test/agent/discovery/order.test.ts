import fc from "fast-check";
import { expect, test } from "vitest";
import { createInventory } from "../../../agent/discovery/inventory.ts";
import type { Sighting } from "../../../protocols/core/device.ts";
import type { Store } from "../../../store/store.ts";
import { temporaryStore } from "../../store/temporary.ts";
import { allIn, anySighting } from "./any-sighting.ts";

/** Undoes what a run wrote: one store serves them all. */
class Undone extends Error {}

/** All that is known after these sightings, whose each of them is, and which contradict each other on who a device is. */
function inventoryAfter(told: readonly Sighting[], store: Store) {
  const inventory = createInventory({ store, adopt: "ask", announce: () => undefined, onConflict: () => undefined });
  let known = allIn(store, ["serial", "mac"]);
  const run = (): void =>
    store.transaction(() => {
      for (const sighting of told) inventory.note(sighting);
      known = allIn(store, ["serial", "mac"]);
      throw new Undone();
    });
  expect(run).toThrow(Undone);
  return known;
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
