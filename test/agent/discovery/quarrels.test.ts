import { expect, test } from "vitest";
import { conflictWords } from "../../../agent/discovery/contradictions.ts";
import { createInventory } from "../../../agent/discovery/inventory.ts";
import { agedQuarrels } from "../../../agent/discovery/quarrels.ts";
import type { DeviceFacts, Sighting } from "../../../protocols/core/device.ts";
import type { DeviceId, Mac } from "../../../protocols/core/ids.ts";
import { HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { T0, temporaryStore } from "../../store/temporary.ts";

const MAC = "64167faabbcc" as Mac;
const PANEL = "64167f0000aa" as Mac;
const ID = `d-${MAC}` as DeviceId;

function bench() {
  const store = temporaryStore();
  const conflicts: string[] = [];
  const inventory = createInventory({
    store,
    adopt: "all",
    announce: () => undefined,
    onConflict: (conflict) => conflicts.push(conflictWords(conflict)),
  });
  return { store, inventory, conflicts };
}

function sighting(facts: DeviceFacts, more: Partial<Sighting> = {}): Sighting {
  return { source: "device", atMs: T0, address: "127.0.5.1", facts, evidence: [{ via: "https", what: "GET /info", atMs: T0 }], ...more };
}

const phone: DeviceFacts = { family: "uc-phone", vendor: "Poly", model: "VVX 411", mac: MAC, running: { application: "6.4.6.2327" } };

test("note(): two that claim one serial stay two, each under its MAC, and are one conflict however often it is said", () => {
  const { store, inventory, conflicts } = bench();
  inventory.note(sighting({ ...phone, serial: "S-1" }));
  inventory.note(sighting({ ...phone, mac: PANEL, serial: "S-2" }, { address: "127.0.5.2" }));
  const third = "64167f0000bb" as Mac;
  for (const atMs of [T0 + 1, T0 + 2]) {
    expect(inventory.note(sighting({ mac: MAC, serial: "S-2", model: "VVX 601" }, { atMs }))).toBe(ID);
    expect(inventory.note(sighting({ mac: third, serial: "s-2" }, { atMs, address: "127.0.5.3" }))).toBe(`d-${third}`);
  }
  expect(store.devices.count()).toBe(3);
  expect(conflicts).toEqual([`d-${PANEL} and ${ID} have one serial, S2`]);
  expect(store.conflicts.list("all", 9).map(({ kind, sides }) => [kind, sides.map(({ device }) => device)])).toEqual([
    ["serial", [`d-${PANEL}`, `d-${third}`, ID]],
  ]);
});

test("note(): a conflict ends when its cause is gone, and says so", () => {
  const { store, inventory } = bench();
  inventory.note(sighting({ ...phone, serial: "S-1" }));
  inventory.note(sighting({ ...phone, serial: "S-9" }, { source: "lens", atMs: T0 + 1 }));
  expect(store.conflicts.ofDevice(ID).map(({ kind, sides }) => [kind, sides.map(({ claims, source }) => [claims, source])])).toEqual([
    [
      "mac",
      [
        ["S-1", "device"],
        ["S-9", "lens"],
      ],
    ],
  ]);
  inventory.note(sighting({ ...phone, serial: "s-1" }, { source: "lens", atMs: T0 + 2 }));
  expect(store.conflicts.list("all", 9)).toMatchObject([{ sinceMs: T0 + 1, untilMs: T0 + 2, ended: "gone" }]);
});

test("agedQuarrels(): what was claimed by turns ends when nobody repeats it, also where nothing is seen any more; serials do not age", () => {
  const { store, inventory } = bench();
  for (const [mac, atMs] of [
    [MAC, T0],
    [PANEL, T0 + MINUTE],
    [MAC, T0 + 2 * MINUTE],
  ] as const) {
    inventory.note(sighting({ mac, serial: "S-1" }, { atMs }));
  }
  expect(
    store.conflicts
      .list("open", 9)
      .map(({ kind }) => kind)
      .sort(),
  ).toEqual(["address", "serial"]);
  expect(agedQuarrels(store, T0 + 3 * MINUTE)).toBe(0);
  expect(agedQuarrels(store, T0 + HOUR)).toBe(1);
  expect(store.conflicts.list("open", 9).map(({ kind }) => kind)).toEqual(["serial"]);
});
