import { expect, test } from "vitest";
import { findDevice, listDevices, showDevice, viewDevice, whereTrouble } from "../../../agent/views/devices.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import { device, deviceId, macOf, T0, temporaryStore } from "../../store/temporary.ts";

const phone = (number: number, changes: Partial<DeviceRow> = {}): DeviceRow =>
  device(number, {
    family: "uc-phone",
    model: "VVX 411",
    address: `127.0.5.${number}`,
    running: "6.4.6.2327",
    serial: `S-${number}`,
    lines: [
      { address: "1001@pbx", registered: true },
      { address: "1002@pbx", registered: false },
    ],
    ...changes,
  });

function filled() {
  const store = temporaryStore();
  store.devices.save(phone(1, { switchPort: { switchAddress: "127.0.9.1", name: "ge-0/0/7" } }));
  store.devices.save(phone(2, { model: "VVX 601", availability: "offline" }));
  store.devices.save(phone(3, { model: "Studio X50", family: "video-os", name: "Board room" }));
  store.places.fromSettings({ mac: macOf(1), name: "Reception", room: "Lobby", floor: "0", duties: [] }, T0);
  const condition = { kind: "deviceOffline", severity: "error", causeClass: "network", sinceMs: T0, evidence: [] } as const;
  store.conditions.openOnce({ deviceId: deviceId(2), ...condition });
  store.coverage.save({ device: deviceId(2), state: "notCovered", doc: { why: "no list names it" } }, T0);
  store.coverage.save({ device: deviceId(3), state: "expiring", doc: { until: "2027-01-19", by: { contract: "C-1" } } }, T0);
  return store;
}

test("viewDevice(): what is unknown is absent, lines are counted, the place is shown", () => {
  const store = filled();
  const row = store.devices.load(deviceId(1)) as DeviceRow;
  expect(viewDevice(row, { place: store.places.ofDevice(row.id), conditions: [] })).toEqual({
    id: deviceId(1),
    mac: macOf(1),
    serial: "S-1",
    family: "uc-phone",
    model: "VVX 411",
    name: "Phone 1",
    address: "127.0.5.1",
    running: "6.4.6.2327",
    availability: "online",
    health: "ok",
    inUse: { state: "idle" },
    registered: 1,
    lines: 2,
    managedBy: "none",
    room: "Lobby",
    floor: "0",
    switchPort: "127.0.9.1 ge-0/0/7",
    conditions: [],
    adopted: true,
    standing: "adopted",
    lastSeen: "2026-11-22T20:00:00.000Z",
  });
});

test.each([
  [{}, [1, 2, 3]],
  [{ model: "vvx 601" }, [2]],
  [{ family: "video-os" }, [3]],
  [{ availability: "offline" }, [2]],
  [{ where: "lobby" }, [1]],
  [{ where: "vvx 6.4" }, [1, 2]],
  [{ where: "deviceoffline" }, [2]],
  [{ where: "  BOARD   studio " }, [3]],
  [{ model: "VVX 411", where: "601" }, []],
  [{ where: "coverage=none" }, [2]],
  [{ where: "studio coverage=expiring" }, [3]],
  [{ where: "coverage=not-covered 411" }, []],
] as const)("listDevices(): %j", (query, numbers) => {
  const { schema, devices } = listDevices(query, filled());
  expect(schema).toBe("groundswell.devices/1");
  expect(devices.map(({ id }) => id)).toEqual(numbers.map(deviceId));
});

test("listDevices(): the contract stands beside a device that was judged, and nowhere else", () => {
  const { devices } = listDevices({}, filled());
  expect(devices.map(({ coverage }) => coverage)).toEqual([
    undefined,
    { state: "notCovered", why: "no list names it" },
    { state: "expiring", until: "2027-01-19", contract: "C-1" },
  ]);
});

test("whereTrouble(): a state that is none is told with those there are", () => {
  expect(whereTrouble("reception coverage=nine")).toContain("coverage=none, covered");
  expect([whereTrouble(undefined), whereTrouble("coverage=lapsed")]).toEqual([undefined, undefined]);
});

test("findDevice(): by id, MAC in any spelling, address, serial or name, and nobody where several fit", () => {
  const store = filled();
  store.devices.save(phone(4, { name: "Twin" }));
  store.devices.save(phone(5, { name: "twin" }));
  const spellings = [deviceId(2), macOf(2), "64:16:7F:00:00:02", "127.0.5.2", "s-2", "phone 2"];
  for (const text of spellings) expect(findDevice(text, store)?.id).toBe(deviceId(2));
  for (const text of ["Twin", "", "127.0.5.99", "d-unknown", macOf(99)]) expect(findDevice(text, store)).toBeUndefined();
});

test("showDevice(): facts with their evidence, conditions with their times, sightings, the newest reading", () => {
  const store = filled();
  const id = deviceId(2);
  const evidence = [{ via: "https" as const, what: "GET /info", atMs: T0 }];
  store.devices.putFact({ device: id, field: "model", source: "device", value: "VVX 601", rank: 90, atMs: T0, evidence });
  store.sightings.add(id, { source: "sip", atMs: T0, address: "127.0.5.2", facts: {}, evidence });
  store.history.append([{ device: id, atMs: T0, reading: { cpuRatio: 0.25 } }]);
  const [open] = store.conditions.listOpen({ deviceId: id });
  store.conditions.close(open?.id ?? 0, T0 + 1_000);
  const shown = showDevice(store.devices.load(id) as DeviceRow, store);
  const at = "2026-11-22T20:00:00.000Z";
  expect(shown).toMatchObject({
    schema: "groundswell.device/1",
    device: { id, conditions: [], lineList: [{ address: "1001@pbx" }, { address: "1002@pbx" }] },
    facts: [{ field: "model", value: "VVX 601", source: "device", at, evidence: "https: GET /info" }],
    reading: { at, values: { cpuRatio: 0.25 } },
    conditions: [{ kind: "deviceOffline", since: at, until: "2026-11-22T20:00:01.000Z" }],
    sightings: [{ source: "sip", at, address: "127.0.5.2", what: "https: GET /info" }],
  });
  expect(shown).not.toHaveProperty("place");
});
