import { expect, test } from "vitest";
import { Bug } from "../../protocols/core/fault.ts";
import type { DeviceRow, FactRow } from "../../store/devices.ts";
import { device, deviceId, macOf, T0, temporaryStore } from "./temporary.ts";

const FULL: DeviceRow = device(1, {
  serial: "8G1",
  family: "video-os",
  vendor: "Poly",
  model: "Studio X50",
  partNumber: "2200-85970-001",
  revision: "A",
  address: "10.0.0.1",
  managedBy: "lens",
  availability: "suspect",
  inUse: { state: "busy", reason: "in a call" },
  lines: [{ address: "1001@pbx.example", registered: false }],
  parts: [{ model: "TC8", connected: true }],
  switchPort: { switchAddress: "10.0.0.2", name: "Gi1/0/1" },
  adopted: false,
});

test("save(): a row comes back as it was, absent fields absent", () => {
  const store = temporaryStore();
  store.devices.save(FULL);
  store.devices.save(device(2));
  expect(store.devices.load(deviceId(1))).toEqual(FULL);
  expect(store.devices.load(deviceId(2))).toEqual(device(2));
  expect(Object.keys(store.devices.load(deviceId(2)) ?? {})).not.toContain("model");
});

test("save(): the whole row is written: a field that is gone is forgotten", () => {
  const store = temporaryStore();
  store.devices.save(FULL);
  store.devices.save(device(1));
  expect(store.devices.load(deviceId(1))).toEqual(device(1));
});

test("save(): a MAC that another row has is a bug and changes nothing", () => {
  const store = temporaryStore();
  store.devices.save(device(1));
  expect(() => store.devices.save(device(2, { mac: macOf(1) }))).toThrow(Bug);
  expect(store.devices.count()).toBe(1);
});

test("load(): an unknown id is undefined", () => {
  const { devices } = temporaryStore();
  expect([devices.load(deviceId(1)), devices.findByMac(macOf(1)), devices.findBySerial("x"), devices.count()]).toEqual([
    undefined,
    undefined,
    [],
    0,
  ]);
});

test("findBySerial(): two devices with one serial are both given, for a person to decide", () => {
  const store = temporaryStore();
  for (const number of [2, 1]) store.devices.save(device(number, { serial: "same" }));
  store.devices.save(device(3, { serial: "other" }));
  expect(store.devices.findBySerial("same").map(({ id }) => id)).toEqual([deviceId(1), deviceId(2)]);
});

test.each([
  [{ model: "VVX 450" }, [2]],
  [{ family: "uc-phone" }, [2, 3]],
  [{ availability: "offline" }, [3]],
  [{ managedBy: "teams" }, [3]],
  [{ address: "10.0.0.2" }, [2]],
  [{ adopted: false }, [3]],
  [{ family: "uc-phone", adopted: true }, [2]],
  [{ model: "VVX" }, []],
  [{}, [1, 2, 3]],
] as const)("list(): %j gives the devices that match every field", (filter, numbers) => {
  const { devices } = temporaryStore();
  devices.save(device(1));
  devices.save(device(2, { family: "uc-phone", model: "VVX 450", address: "10.0.0.2" }));
  devices.save(device(3, { family: "uc-phone", availability: "offline", managedBy: "teams", adopted: false }));
  expect(devices.list(filter).map(({ id }) => id)).toEqual(numbers.map(deviceId));
  expect(devices.count(filter)).toBe(numbers.length);
});

test("list(): pages hold every device once, in order", () => {
  const { devices } = temporaryStore();
  for (const number of [5, 3, 1, 4, 2]) devices.save(device(number));
  const seen: string[] = [];
  for (let page = devices.list({ limit: 2 }); page.length > 0; page = devices.list({ limit: 2, after: page.at(-1)?.id ?? deviceId(0) }))
    seen.push(...page.map(({ id }) => id));
  expect(seen).toEqual([1, 2, 3, 4, 5].map(deviceId));
});

function fact(changes: Partial<FactRow>): FactRow {
  return { device: deviceId(1), field: "model", source: "device", value: "VVX 450", rank: 7, atMs: T0, evidence: [], ...changes };
}

test("putFact(): of one source the newest stays, whichever comes last", () => {
  const { devices } = temporaryStore();
  devices.save(device(1));
  devices.putFact(fact({ value: "new", atMs: T0 + 1 }));
  devices.putFact(fact({ value: "old", atMs: T0 }));
  expect(devices.facts(deviceId(1)).map(({ value }) => value)).toEqual(["new"]);
});

test("facts(): by field, the higher rank first, the newer first within a rank", () => {
  const { devices } = temporaryStore();
  devices.save(device(1));
  devices.putFact(fact({ field: "serial", value: "s" }));
  devices.putFact(fact({ source: "csv", rank: 1, atMs: T0 + 9, value: "csv" }));
  devices.putFact(fact({ source: "lldp", rank: 5, atMs: T0, value: "lldp" }));
  devices.putFact(fact({ source: "cdp", rank: 5, atMs: T0 + 1, value: "cdp" }));
  devices.putFact(fact({ value: "device", evidence: [{ via: "https", what: "said so", atMs: T0 }] }));
  expect(devices.facts(deviceId(1)).map(({ value }) => value)).toEqual(["device", "cdp", "lldp", "csv", "s"]);
  expect(devices.facts(deviceId(1))[0]?.evidence).toEqual([{ via: "https", what: "said so", atMs: T0 }]);
});

test("putFact(): a fact of an unknown device is a bug", () => {
  expect(() => temporaryStore().devices.putFact(fact({}))).toThrow(Bug);
});

test("watchedAddresses(): devices that told their version themselves since then and answer their polls", () => {
  const { devices } = temporaryStore();
  const add = (number: number, row: Partial<DeviceRow>, fact: Partial<FactRow> = {}): void => {
    const saved = device(number, { address: `10.0.0.${number}`, model: "VVX 411", ...row });
    devices.save(saved);
    devices.putFact({ device: saved.id, field: "running", source: "device", value: "6.4.6", rank: 9, atMs: T0, evidence: [], ...fact });
  };
  add(1, {});
  add(2, { availability: "unknown" });
  add(3, { availability: "suspect" });
  add(4, { availability: "offline" });
  add(5, {}, { source: "lldp" });
  add(6, {}, { atMs: T0 - 2 });
  add(7, {}, { field: "model" });
  expect(devices.watchedAddresses(T0 - 1).toSorted()).toEqual(["10.0.0.1", "10.0.0.2"]);
});

test("adoptedMacs(): devices in our care that have a MAC, and no more than asked for", () => {
  const { devices } = temporaryStore();
  devices.save(device(1, { adopted: true }));
  devices.save(device(2, { adopted: false }));
  devices.save(device(3, { adopted: true, retiredAtMs: T0 }));
  const { mac: _none, ...nameless } = device(4, { adopted: true });
  devices.save(nameless);
  devices.save(device(5, { adopted: true }));
  expect(devices.adoptedMacs(10)).toEqual([macOf(1), macOf(5)]);
  expect(devices.adoptedMacs(1)).toEqual([macOf(1)]);
});

test("takeWritten(): ids written since the last call, of saves and renames", () => {
  const store = temporaryStore();
  expect(store.devices.takeWritten()).toEqual([]);
  for (const number of [1, 2, 1]) store.devices.save(device(number));
  expect(store.devices.takeWritten()).toEqual([deviceId(1), deviceId(2)]);
  store.devices.rename(deviceId(1), deviceId(7));
  expect(store.devices.takeWritten()).toEqual([deviceId(1), deviceId(7)]);
  expect(store.devices.takeWritten()).toEqual([]);
});
