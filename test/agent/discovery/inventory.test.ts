import fc from "fast-check";
import { expect, test } from "vitest";
import { conflictWords } from "../../../agent/discovery/contradictions.ts";
import type { Change } from "../../../agent/discovery/device-row.ts";
import { createInventory, type Inventory } from "../../../agent/discovery/inventory.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import type { DeviceFacts, DeviceRead, Sighting } from "../../../protocols/core/device.ts";
import { type DeviceId, type Mac, taskIdOf } from "../../../protocols/core/ids.ts";
import { DAY, MINUTE } from "../../../protocols/core/time.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import type { Store } from "../../../store/open.ts";
import { CAMPAIGN, device, deviceId, HASH, macOf, planOf, T0, temporaryStore } from "../../store/temporary.ts";

const MAC = "64167faabbcc" as Mac;
const PANEL = "64167f0000aa" as Mac;
const ID = `d-${MAC}` as DeviceId;

interface Bench {
  readonly store: Store;
  readonly inventory: Inventory;
  readonly announced: { what: string; row: DeviceRow; changes: readonly Change[] }[];
  readonly conflicts: string[];
}

function bench(adopt: "all" | "ask" = "all", store: Store = temporaryStore()): Bench {
  const announced: Bench["announced"] = [];
  const conflicts: string[] = [];
  const inventory = createInventory({
    store,
    adopt,
    announce: (what, row, changes) => announced.push({ what, row, changes }),
    onConflict: (conflict) => conflicts.push(conflictWords(conflict)),
  });
  return { store, inventory, announced, conflicts };
}

function sighting(facts: DeviceFacts, more: Partial<Sighting> = {}): Sighting {
  return { source: "device", atMs: T0, address: "127.0.5.1", facts, evidence: [{ via: "https", what: "GET /info", atMs: T0 }], ...more };
}

const phone: DeviceFacts = { family: "uc-phone", vendor: "Poly", model: "VVX 411", mac: MAC, running: { application: "6.4.6.2327" } };

test("note(): a new device is found once, with its facts, sighting and adoption", () => {
  const { store, inventory, announced } = bench("ask");
  expect(inventory.note(sighting(phone))).toBe(ID);
  inventory.note(sighting(phone, { atMs: T0 + MINUTE }));
  expect(store.devices.load(ID)).toMatchObject({
    mac: MAC,
    model: "VVX 411",
    name: "VVX 411 aa:bb:cc",
    address: "127.0.5.1",
    running: "6.4.6.2327",
    adopted: false,
    availability: "unknown",
    firstSeenMs: T0,
    lastSeenMs: T0 + MINUTE,
  });
  expect(announced.map(({ what, row, changes }) => [what, row.id, changes.length])).toEqual([["found", ID, 0]]);
  expect(store.sightings.recent(ID, 10)).toHaveLength(2);
});

test("note(): what reads differently is announced with both sides, what reads the same is not", () => {
  const { inventory, announced } = bench();
  inventory.note(sighting(phone));
  inventory.note(sighting({ ...phone, serial: "S-1", running: { application: "6.4.7.0001" } }, { atMs: T0 + 1 }));
  inventory.note(sighting(phone, { source: "sip", atMs: T0 + 2 }));
  expect(announced.slice(1).map(({ what, changes }) => [what, changes])).toEqual([
    [
      "changed",
      [
        { field: "serial", is: "S-1" },
        { field: "running", was: "6.4.6.2327", is: "6.4.7.0001" },
      ],
    ],
  ]);
});

test("note(): a switch's stale address does not beat the device's own, and its port is kept", () => {
  const { store, inventory } = bench();
  inventory.note(sighting(phone));
  const port = { switchAddress: "127.0.9.1", name: "ge-0/0/7", poeDelivering: true };
  inventory.note(sighting({ mac: MAC }, { source: "lldp", atMs: T0 + 1, address: "127.0.5.99", port }));
  expect(store.devices.load(ID)).toMatchObject({ address: "127.0.5.1", switchPort: port });
});

test("note(): an older word about the port that comes late changes nothing", () => {
  const { store, inventory } = bench();
  const on = (name: string, atMs: number): void =>
    void inventory.note(sighting({ mac: MAC }, { source: "lldp", atMs, port: { switchAddress: "127.0.9.1", name } }));
  on("ge-0/0/2", T0 + MINUTE);
  on("ge-0/0/1", T0);
  expect(store.devices.load(ID)?.switchPort?.name).toBe("ge-0/0/2");
});

test("note(): a device first known by its address is renamed when its MAC shows, and keeps what was known", () => {
  const { store, inventory } = bench();
  const first = inventory.note(sighting({ family: "uc-phone", model: "VVX 411" }, { source: "sip" }));
  expect(first).toBe("d-a-127-0-5-1");
  expect(inventory.note(sighting({ mac: MAC }, { source: "tls", atMs: T0 + MINUTE }))).toBe(ID);
  expect(store.devices.list().map(({ id, mac, model, firstSeenMs }) => [id, mac, model, firstSeenMs])).toEqual([[ID, MAC, "VVX 411", T0]]);
  expect(store.sightings.recent(ID, 10)).toHaveLength(2);
});

test("note(): a device known by address is taken in by the one whose MAC was known already", () => {
  const { store, inventory } = bench();
  inventory.note(sighting({ mac: MAC, vendor: "Poly" }, { source: "lldp", atMs: T0 - 60 * MINUTE, address: "127.0.5.7" }));
  inventory.note(sighting({ family: "uc-phone", model: "VVX 411" }, { source: "sip" }));
  expect(store.devices.count()).toBe(2);
  inventory.note(sighting({ mac: MAC }, { source: "tls", atMs: T0 + MINUTE }));
  expect(store.devices.list().map(({ id, model, address }) => [id, model, address])).toEqual([[ID, "VVX 411", "127.0.5.1"]]);
});

test("note(): a video system that states another MAC than its serial holds is one device, in any order", () => {
  const bySerial = sighting({ family: "video-os", serial: "8G1234ABCDEFXY" });
  const byBoth = sighting({ family: "video-os", serial: "8G1234ABCDEFXY", mac: MAC }, { source: "tls", atMs: T0 + 1 });
  const byMac = sighting({ family: "video-os", mac: MAC }, { source: "lldp", atMs: T0 + 2 });
  fc.assert(
    fc.property(fc.shuffledSubarray([bySerial, byBoth, byMac], { minLength: 3 }), (order) => {
      const { store, inventory, conflicts } = bench();
      for (const one of [...order, ...order]) inventory.note(one);
      expect(store.devices.list().map(({ id, mac, serial }) => [id, mac, serial])).toEqual([[ID, MAC, "8G1234ABCDEFXY"]]);
      expect(conflicts).toEqual([]);
      store.close();
    }),
    { numRuns: 12 },
  );
});

test("note(): two rows in unfinished work stay two, and the one with the MAC still learns", () => {
  const { store, inventory } = bench();
  const nameless = inventory.note(sighting({ family: "uc-phone" }, { source: "sip" })) as DeviceId;
  store.devices.save(device(1));
  const both = planOf([1, 2]);
  const renamed = (task: PlannedTask): PlannedTask =>
    task.device === deviceId(2) ? { ...task, id: taskIdOf(CAMPAIGN, nameless), device: nameless } : task;
  const tasks = both.tasks.map(renamed);
  const plan = { ...both, tasks, waves: [{ index: 1, tasks: tasks.map(({ id }) => id), failuresAllowed: 0, soakMs: 1_000, proof: [] }] };
  store.campaigns.create({
    id: CAMPAIGN,
    state: { at: "planned" },
    plan,
    planHash: HASH,
    waves: [{ index: 1, state: { at: "pending" } }],
    atMs: T0,
  });
  store.tasks.createAll(CAMPAIGN, plan, T0);
  expect(inventory.note(sighting({ mac: macOf(1), model: "VVX 411" }, { source: "tls", atMs: T0 + MINUTE }))).toBe(deviceId(1));
  expect(store.devices.list().map(({ id, model }) => [id, model])).toEqual([
    [deviceId(1), "VVX 411"],
    [nameless, undefined],
  ]);
});

test("note(): a serial number of two MACs is told as a conflict: each MAC is a device of its own, whoever came first", () => {
  const told = [sighting({ ...phone, serial: "S-2" }), sighting({ ...phone, mac: PANEL, serial: "S-2" }, { address: "127.0.5.2" })];
  for (const order of [told, told.toReversed()]) {
    const { store, inventory, conflicts } = bench();
    expect(order.map((one) => inventory.note(one)).sort()).toEqual([`d-${PANEL}`, ID]);
    expect(store.devices.list().map(({ serial }) => serial)).toEqual(["S-2", "S-2"]);
    expect(conflicts).toEqual([`d-${PANEL} and ${ID} have one serial, S2`]);
  }
});

test("note(): a serial number without a MAC goes to the better known of two that claim it, and moves when that changes", () => {
  const { store, inventory } = bench();
  inventory.note(sighting({ mac: MAC, serial: "S-2" }, { source: "lens" }));
  inventory.note(sighting({ serial: "S-2", name: "Room 5" }, { source: "csv" }));
  expect(store.devices.load(ID)?.name).toBe("Room 5");
  inventory.note(sighting({ mac: PANEL, serial: "S-2" }));
  expect(store.devices.list().map(({ id, name }) => [id, name])).toEqual([
    [`d-${PANEL}`, "Room 5"],
    [ID, "device aa:bb:cc"],
  ]);
});

test("note(): of a device known by its address only what was seen near goes to the MAC that shows there, days old remains", () => {
  const { store, inventory, announced } = bench();
  const nameless = (atMs: number, model: string): void =>
    void inventory.note(sighting({ family: "uc-phone", model }, { source: "sip", atMs }));
  nameless(T0, "VVX 311");
  nameless(T0 + DAY, "VVX 411");
  inventory.note(sighting({ mac: MAC }, { source: "tls", atMs: T0 + DAY + MINUTE }));
  expect(store.devices.list().map(({ id, model, firstSeenMs }) => [id, model, firstSeenMs])).toEqual([
    [ID, "VVX 411", T0 + DAY],
    ["d-a-127-0-5-1", "VVX 311", T0],
  ]);
  expect(announced.at(-1)).toMatchObject({
    what: "changed",
    row: { id: ID },
    changes: [{ field: "family" }, { field: "model" }, { field: "name" }],
  });
});

test("note(): what names nobody leaves nothing behind", () => {
  const { store, inventory, announced } = bench();
  expect(inventory.note(sighting({ vendor: "Somebody" }))).toBeUndefined();
  expect([store.devices.count(), announced.length]).toEqual([0, 0]);
});

test("note(): a place gives the device its name", () => {
  const { store, inventory } = bench();
  store.places.fromSettings({ mac: MAC, name: "Reception", duties: [] }, T0);
  inventory.note(sighting({ ...phone, name: "Polycom-aabbcc" }));
  expect(store.devices.load(ID)?.name).toBe("Reception");
});

test("noteRead(): use, lines and parts are kept, and each part with a MAC is a device of its own", () => {
  const { store, inventory, announced } = bench();
  const read: DeviceRead = {
    facts: { family: "video-os", vendor: "Poly", model: "Studio X50", mac: MAC, serial: "8G1234ABCDEFXY" },
    inUse: { state: "busy", reason: "in a call" },
    lines: [{ address: "room@pbx", registered: true }],
    parts: [
      { mac: PANEL, serial: "S-9", model: "TC8", version: "4.1.0-210800", connected: true },
      { model: "Camera", connected: false },
    ],
    reading: {},
    evidence: [{ via: "https", what: "GET /system", atMs: T0 }],
    faults: [],
  };
  expect(inventory.noteRead(read, { address: "127.0.5.1", atMs: T0 })).toBe(ID);
  expect(store.devices.load(ID)).toMatchObject({ inUse: read.inUse, lines: read.lines, parts: read.parts });
  expect(store.devices.findByMac(PANEL)).toMatchObject({
    id: `d-${PANEL}`,
    model: "TC8",
    serial: "S-9",
    running: "4.1.0-210800",
    availability: "online",
    inUse: read.inUse,
  });
  expect(announced.map(({ what, row }) => [what, row.id])).toEqual([
    ["found", ID],
    ["found", `d-${PANEL}`],
  ]);
  const away = { ...read, parts: read.parts.map((part) => ({ ...part, connected: false })) };
  inventory.noteRead(away, { address: "127.0.5.1", atMs: T0 + 1 });
  expect(store.devices.findByMac(PANEL)?.availability).toBe("offline");
});

const byLens = (changes: Partial<DeviceRead> = {}): DeviceRead => ({
  facts: { family: "lens-only", model: "Trio 8800", mac: MAC, running: { application: "7.2.7.0110" }, managedBy: "lens" },
  inUse: { state: "idle" },
  lines: [],
  parts: [{ model: "TC10", mac: PANEL, connected: true }],
  reading: {},
  evidence: [{ via: "lens", what: "connected to Lens", atMs: T0 }],
  faults: [],
  ...changes,
});

test("noteRead(): what Lens says of a device is Lens's word: the device's own doors outrank it, and who manages it stays", () => {
  const { store, inventory } = bench();
  expect(inventory.noteRead(byLens(), { atMs: T0 })).toBe(ID);
  expect(store.devices.load(ID)).toMatchObject({ family: "lens-only", model: "Trio 8800", managedBy: "lens", inUse: { state: "idle" } });
  expect(store.devices.load(ID)).not.toHaveProperty("address");
  inventory.note(sighting({ ...phone, managedBy: "none" }));
  inventory.noteRead(byLens(), { atMs: T0 + MINUTE });
  expect(store.devices.load(ID)).toMatchObject({ family: "uc-phone", model: "VVX 411", running: "6.4.6.2327", managedBy: "lens" });
});

test("noteRead(): once a device's own doors tell its use, Lens's view of it is not written over theirs", () => {
  const { store, inventory } = bench();
  const own: DeviceRead = { ...byLens(), facts: phone, inUse: { state: "busy", reason: "call" }, parts: [] };
  inventory.noteRead(own, { address: "127.0.5.1", atMs: T0 });
  inventory.noteRead(byLens(), { address: "127.0.5.1", atMs: T0 + MINUTE });
  expect(store.devices.load(ID)).toMatchObject({ inUse: { state: "busy" }, parts: [] });
});

test("noteRead(): a panel Lens lists is known, and neither called there nor gone", () => {
  const { store, inventory } = bench();
  inventory.noteRead(byLens(), { atMs: T0 });
  expect(store.devices.load(`d-${PANEL}` as DeviceId)).toMatchObject({ model: "TC10", availability: "unknown" });
});

test("note(): what a source only remembers does not move when a device was last seen [lens 4.7]", () => {
  const { store, inventory } = bench();
  inventory.note(sighting(phone));
  inventory.note(sighting({ mac: MAC, name: "Room 5" }, { source: "lens", atMs: T0 + MINUTE, heard: false }));
  expect(store.devices.load(ID)).toMatchObject({ name: "Room 5", lastSeenMs: T0 });
});

test("note(): a device keeps its port, its times and its one name after its sightings were pruned", () => {
  const { store, inventory } = bench();
  const port = { switchAddress: "127.0.9.1", name: "Gi1/0/7", power: { deliversPower: true } } as Sighting["port"];
  inventory.note(sighting({ mac: MAC, serial: "8G1" }, { source: "csv", heard: false }));
  inventory.note(sighting({ mac: MAC }, { source: "lldp", atMs: T0 + 1, heard: false, ...(port === undefined ? {} : { port }) }));
  for (let hour = 1; hour <= 20; hour++) inventory.note(sighting(phone, { atMs: T0 + hour * 60 * MINUTE }));
  const before = store.devices.load(ID);
  store.sightings.prune(T0 + DAY, undefined);
  expect(store.sightings.recent(ID, 99)).toHaveLength(3);
  // A word of somebody else makes the row anew.
  inventory.note(sighting({ mac: MAC }, { source: "sip", atMs: T0 + 19 * 60 * MINUTE }));
  inventory.note(sighting({ serial: "8G1" }, { source: "lens", atMs: T0 + DAY, heard: false }));
  expect(store.devices.load(ID)).toEqual(before);
  expect(store.devices.list()).toHaveLength(1);
});
