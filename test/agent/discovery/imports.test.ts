import { expect, test } from "vitest";
import { createImports } from "../../../agent/discovery/imports.ts";
import { createInventory } from "../../../agent/discovery/inventory.ts";
import type { ImportRow } from "../../../agent/discovery/sources/csv.ts";
import type { DeviceId, Mac } from "../../../protocols/core/ids.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { T0, temporaryStore } from "../../store/temporary.ts";

const MAC = "64167faabbcc" as Mac;
const ID = `d-${MAC}` as DeviceId;
const row = (fields: Partial<ImportRow>): ImportRow => ({ line: 2, ...fields });
const order = (...rows: readonly ImportRow[]) => ({ file: "site.csv", rows });

function bench() {
  const store = temporaryStore();
  const inventory = createInventory({ store, adopt: "ask", announce: () => undefined, onConflict: () => undefined });
  return { store, inventory, imports: createImports({ store, inventory, clock: manualClock(T0) }) };
}

/** All there is. */
const everythingIn = ({ store }: Pick<ReturnType<typeof bench>, "store">): unknown => [
  store.devices.list().map((device) => [device, store.devices.facts(device.id), store.sightings.recent(device.id, 9)]),
  store.places.all(),
  store.audit.list({ limit: 100 }),
];

test("preview(): says what the import then does, and changes nothing itself", () => {
  const kit = bench();
  kit.inventory.note({ source: "device", atMs: T0 - 5, address: "10.0.0.1", facts: { mac: MAC, model: "VVX 411" }, evidence: [] });
  const before = everythingIn(kit);
  const rows = order(row({ mac: MAC, model: "VVX 450", name: "Hall", room: "Hall" }), row({ line: 3, serial: "8G1234", model: "Voyager" }));
  const shown = kit.imports.preview(rows);
  expect(everythingIn(kit)).toEqual(before);
  expect(kit.imports.run(rows, "doe")).toEqual(shown);
  expect(shown).toEqual([
    {
      line: 2,
      outcome: "changed",
      device: ID,
      name: "Hall",
      changes: [
        { field: "family", is: "uc-phone" },
        { field: "vendor", is: "Polycom" },
        { field: "name", was: "VVX 411 aa:bb:cc", is: "Hall" },
        { field: "room", is: "Hall" },
      ],
      overruled: [{ field: "model", table: "VVX 450", believed: "VVX 411" }],
    },
    {
      line: 3,
      outcome: "new",
      device: "d-s-8g1234",
      name: "s-8g1234",
      changes: [
        { field: "serial", is: "8G1234" },
        { field: "model", is: "Voyager" },
        { field: "name", is: "s-8g1234" },
      ],
      overruled: [],
    },
  ]);
});

test("run(): a table again changes nothing, and a table is the last to be believed", () => {
  const { store, inventory, imports } = bench();
  const table = order(row({ mac: MAC, model: "VVX 411", name: "Desk 5" }));
  expect(imports.run(table, "doe").map(({ outcome }) => outcome)).toEqual(["new"]);
  expect(imports.run(table, "doe").map(({ outcome }) => outcome)).toEqual(["unchanged"]);
  expect(store.devices.load(ID)).toMatchObject({ name: "Desk 5", adopted: false });
  inventory.note({ source: "lens", atMs: T0 - 9, facts: { mac: MAC, name: "Room 7" }, evidence: [] });
  expect(store.devices.load(ID)?.name).toBe("Room 7");
});

test("run(): what a table says is no sign of life", () => {
  const { store, inventory, imports } = bench();
  inventory.note({ source: "device", atMs: T0 - 50, facts: { mac: MAC }, evidence: [] });
  imports.run(order(row({ mac: MAC, model: "VVX 411" })), "doe");
  expect(store.devices.load(ID)?.lastSeenMs).toBe(T0 - 50);
});

test("run(): a room keeps what the table does not say of it, and needs a MAC that is stated or known", () => {
  const { store, inventory, imports } = bench();
  imports.run(order(row({ mac: MAC, name: "Hall", room: "Hall", floor: "1", duties: ["reception"] })), "doe");
  inventory.note({ source: "device", atMs: T0, facts: { mac: MAC, serial: "8G1234" }, evidence: [] });
  const [byKnown, byNobody] = imports.run(
    order(row({ serial: "8G1234", floor: "2" }), row({ line: 3, serial: "8G9999", floor: "2" })),
    "doe",
  );
  expect(byKnown).toMatchObject({ outcome: "changed", changes: [{ field: "floor", was: "1", is: "2" }] });
  expect(byNobody).toMatchObject({ outcome: "refused", why: expect.stringContaining("by its MAC") });
  expect(store.places.ofMac(MAC)).toMatchObject({ name: "Hall", room: "Hall", floor: "2", duties: ["reception"] });
  expect(store.devices.list()).toHaveLength(1);
});

test("run(): a phone is meant by its serial number, which is its MAC", () => {
  const { imports } = bench();
  expect(imports.run(order(row({ serial: "64167FAABBCC", room: "Hall" })), "doe")).toMatchObject([{ outcome: "new", device: ID }]);
  expect(imports.preview(order(row({ mac: MAC, room: "Hall" })))).toMatchObject([{ outcome: "unchanged" }]);
});

test("run(): is in the audit, with who, which file and how much of it", () => {
  const { store, imports } = bench();
  imports.run(order(row({ mac: MAC }), row({ line: 3, serial: "8G9999", room: "x" })), "doe");
  expect(store.audit.list({ limit: 9 })).toMatchObject([
    { actor: "doe", action: "device.import:rows", subject: "site.csv", detail: { rows: 2, new: 1, changed: 0, refused: 1 } },
  ]);
});
