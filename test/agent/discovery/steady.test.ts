import fc from "fast-check";
import { expect, test } from "vitest";
import { createInventory } from "../../../agent/discovery/inventory.ts";
import { STEADY_FOR_MS } from "../../../agent/discovery/steady.ts";
import type { Sighting } from "../../../protocols/core/device.ts";
import type { DeviceId, Mac } from "../../../protocols/core/ids.ts";
import { MINUTE, type Ms } from "../../../protocols/core/time.ts";
import type { Store } from "../../../store/store.ts";
import { macOf, T0, temporaryStore } from "../../store/temporary.ts";
import { ADDRESSES, allIn, anySighting, MACS, SERIALS } from "./any-sighting.ts";
import { story } from "./stories.ts";

/** Undoes what a run wrote: one store serves them all. */
class Undone extends Error {}

function knownAfter(told: readonly Sighting[], store: Store, steadyForMs: Ms) {
  let repeats = 0;
  const heardAgain: Store["devices"]["heardAgain"] = (...said) => {
    repeats++;
    store.devices.heardAgain(...said);
  };
  const counted = { ...store, devices: { ...store.devices, heardAgain } };
  const says: string[] = [];
  const inventory = createInventory({
    ...{ store: counted, adopt: "ask", steadyForMs },
    announce: (what, { id }, changes) => says.push(JSON.stringify([what, id, changes])),
    onConflict: (conflict) => says.push(JSON.stringify(conflict)),
  });
  let known = {};
  const run = (): void =>
    store.transaction(() => {
      for (const sighting of told) inventory.note(sighting);
      known = { ...allIn(store, ["serial", "mac", "address", "twoAddresses"]), says };
      throw new Undone();
    });
  expect(run).toThrow(Undone);
  return { known, repeats };
}

/** Mostly a phone that states its MAC from an address of its own. */
const anySpeaker: fc.Arbitrary<Sighting> = fc.oneof(
  { weight: 1, arbitrary: anySighting },
  {
    weight: 3,
    arbitrary: fc
      .record({ who: fc.constantFrom(0, 1), source: fc.constantFrom("device" as const, "sip" as const) })
      .map(({ who, source }) => ({
        ...{ source, atMs: T0, address: ADDRESSES[who], evidence: [{ via: "https" as const, what: "c", atMs: T0 }] },
        facts: { mac: MACS[who] as Mac, model: "VVX 411", family: "uc-phone" as const, serial: SERIALS[who] },
      })),
  },
);

/** Some who say the same every five minutes, and now and then somebody who says anything, at times late. */
const anyCourse = fc
  .tuple(
    fc.array(anySpeaker, { minLength: 1, maxLength: 4 }),
    fc.array(
      fc.oneof(
        { weight: 12, arbitrary: fc.record({ by: fc.nat(3) }) },
        { weight: 1, arbitrary: fc.record({ other: anySighting, lateMs: fc.constantFrom(0, 7 * MINUTE) }) },
      ),
      { minLength: 10, maxLength: 40 },
    ),
  )
  .map(([speakers, turns]) =>
    turns.map((turn, at): Sighting => {
      const nowMs = T0 + at * 5 * MINUTE;
      if ("other" in turn) return { ...turn.other, atMs: nowMs - turn.lateMs };
      return { ...(speakers[turn.by % speakers.length] as Sighting), atMs: nowMs };
    }),
  );

test("note(): a repeated sighting that is only written down leaves the inventory as a full look would", () => {
  const store = temporaryStore();
  let repeats = 0;
  fc.assert(
    fc.property(anyCourse, (told) => {
      const quick = knownAfter(told, store, STEADY_FOR_MS);
      const slow = knownAfter(told, store, 0);
      expect(slow.repeats).toBe(0);
      repeats += quick.repeats;
      expect(quick.known).toEqual(slow.known);
    }),
    { numRuns: 60 },
  );
  expect(repeats).toBeGreaterThan(50);
});

const HOURLY: Ms = 10 * MINUTE;

/** Tells the story with every repeated sighting counted. */
function counted() {
  const store = temporaryStore();
  const again: DeviceId[] = [];
  const { heardAgain } = store.devices;
  const devices = {
    ...store.devices,
    heardAgain(...said: Parameters<typeof heardAgain>) {
      again.push(said[0]);
      heardAgain(...said);
    },
  };
  return { told: story({ ...store, devices }), again };
}

test("note(): who says the same again is looked at in full once an hour", () => {
  const { told, again } = counted();
  for (let i = 0; i < 14; i++) {
    told.see(1);
    told.nowMs += HOURLY - MINUTE;
  }
  // At 0, 60 and 120 minutes.
  expect(again).toHaveLength(11);
});

test("note(): whoever else speaks at its address, with its serial number or of it, is a reason to look", () => {
  for (const other of [
    { number: 2, more: { address: "10.20.0.1" } },
    { number: 3, facts: { serial: "S-1" } },
    { number: 1, more: { source: "lldp" as const, port: { switchAddress: "10.20.9.9", name: "ge-0/0/1" } } },
  ]) {
    const { told, again } = counted();
    told.see(1, { serial: "S-1" });
    told.see(1, { serial: "S-1" });
    expect(again).toHaveLength(1);
    told.see(other.number, other.facts, other.more);
    told.see(1, { serial: "S-1" });
    expect(again).toHaveLength(1);
  }
});

test("note(): a place that got a name and a device that was retired are seen at the next word", async () => {
  const { told, again } = counted();
  const id = told.see(1) as DeviceId;
  told.see(1);
  expect(again).toHaveLength(1);
  const row = told.store.devices.load(id);
  told.store.places.save({ id: "desk-5", name: "Desk 5", duties: [] });
  told.store.places.assign("desk-5", macOf(1), { atMs: told.nowMs, why: "test" });
  told.see(1);
  expect(told.store.devices.load(id)?.name).toBe("Desk 5");
  told.store.devices.save({ ...(row as NonNullable<typeof row>), name: "Desk 5", retiredAtMs: told.nowMs });
  told.see(1);
  expect(told.store.devices.load(id)?.retiredAtMs).toBeUndefined();
  expect(again).toHaveLength(1);
});
