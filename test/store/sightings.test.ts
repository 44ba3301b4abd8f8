import { expect, test } from "vitest";
import type { Sighting } from "../../protocols/core/device.ts";
import type { Mac } from "../../protocols/core/ids.ts";
import { DAY } from "../../protocols/core/time.ts";
import { PRUNE_DEVICES, PRUNE_ROWS_MAX } from "../../store/sightings.ts";
import type { Store } from "../../store/store.ts";
import { device, deviceId, T0, temporaryStore } from "./temporary.ts";

function sighting(atMs: number, changes: Partial<Sighting> = {}): Sighting {
  return { source: "sip", atMs, facts: { model: "VVX 450" }, evidence: [], ...changes };
}

function store(): Store {
  const made = temporaryStore();
  for (const number of [1, 2]) made.devices.save(device(number));
  return made;
}

test("add(): a sighting comes back as it was seen, absent fields absent", () => {
  const { sightings } = store();
  const whole = sighting(T0, {
    source: "lldp",
    address: "10.0.0.1",
    evidence: [{ via: "snmp", what: "neighbour", atMs: T0 }],
    port: { switchAddress: "10.0.0.2", name: "Gi1/0/1" },
  });
  sightings.add(deviceId(1), whole);
  sightings.add(deviceId(1), sighting(T0 - 1));
  expect(sightings.recent(deviceId(1), 10)).toEqual([whole, sighting(T0 - 1)]);
});

test("add(): the very same sighting is kept once, one that differs in anything is another", () => {
  const { sightings } = store();
  const port = { switchAddress: "10.0.0.2", name: "Gi1/0/1" };
  for (let i = 0; i < 2; i++)
    for (const one of [sighting(T0), sighting(T0, { heard: false }), sighting(T0, { port }), sighting(T0, { address: "10.0.0.1" })])
      sightings.add(deviceId(1), one);
  sightings.add(deviceId(2), sighting(T0));
  expect(sightings.recent(deviceId(1), 10)).toHaveLength(4);
  expect(sightings.recent(deviceId(2), 10)).toHaveLength(1);
});

test("recent(): the newest of this device first, at most as many as asked for", () => {
  const { sightings } = store();
  for (const atMs of [T0 + 2, T0, T0 + 1]) sightings.add(deviceId(1), sighting(atMs));
  sightings.add(deviceId(2), sighting(T0 + 9));
  expect(sightings.recent(deviceId(1), 2).map(({ atMs }) => atMs)).toEqual([T0 + 2, T0 + 1]);
  expect(sightings.recent(deviceId(1), 10, T0 + 1).map(({ atMs }) => atMs)).toEqual([T0 + 2, T0 + 1]);
  expect(sightings.recent(deviceId(1), 1, T0 + 1).map(({ atMs }) => atMs)).toEqual([T0 + 2]);
});

test("prune(): of each device what is before the moment goes, but for its first and its last", () => {
  const { sightings } = store();
  for (const atMs of [T0 - 9, T0 - 2, T0 - 1, T0, T0 + 1]) sightings.add(deviceId(1), sighting(atMs));
  for (const atMs of [T0 - 7, T0 - 6, T0 - 5]) sightings.add(deviceId(2), sighting(atMs));
  expect(sightings.prune(T0, undefined)).toBeUndefined();
  expect(sightings.recent(deviceId(1), 10).map(({ atMs }) => atMs - T0)).toEqual([1, 0, -9]);
  expect(sightings.recent(deviceId(2), 10).map(({ atMs }) => atMs - T0)).toEqual([-5, -7]);
});

test("prune(): the newest of each source stays, and the newest that names a MAC, a serial number, a port", () => {
  const { sightings } = store();
  const port = { switchAddress: "10.0.0.2", name: "Gi1/0/1" };
  const mac = "64167f000001" as Mac;
  const told: readonly Partial<Sighting>[] = [
    { source: "csv" },
    { source: "lldp", facts: { mac }, port },
    { source: "bridge", facts: { mac }, port },
    { source: "bridge", facts: { mac }, port },
    { source: "bridge", facts: { mac } },
    { source: "lens", facts: { serial: "8G1" } },
    { source: "lens", facts: {} },
    { source: "sip", facts: {} },
    { source: "sip", facts: {} },
  ];
  for (const [place, one] of told.entries()) sightings.add(deviceId(1), sighting(T0 + place, one));
  sightings.prune(T0 + DAY, undefined);
  const left = sightings.recent(deviceId(1), 20).map(({ atMs }) => atMs - T0);
  expect(left.toReversed()).toEqual([0, 1, 3, 4, 5, 6, 8]);
});

test("prune(): one call takes a bounded number of a device, the oldest, and the next call the rest", () => {
  const made = store();
  made.transaction(() => {
    for (let i = 0; i < PRUNE_ROWS_MAX + 5; i++) made.sightings.add(deviceId(1), sighting(T0 + i));
  });
  made.sightings.prune(T0 + DAY, undefined);
  expect(made.sightings.recent(deviceId(1), 10).map(({ atMs }) => atMs - T0)).toEqual(
    [4, 3, 2, 1].map((n) => PRUNE_ROWS_MAX + n).concat(0),
  );
  made.sightings.prune(T0 + DAY, undefined);
  expect(made.sightings.recent(deviceId(1), 10)).toHaveLength(2);
});

test("prune(): goes through all devices, so many a call", () => {
  const made = store();
  made.transaction(() => {
    for (let n = 1; n <= PRUNE_DEVICES + 1; n++) {
      made.devices.save(device(n));
      for (const atMs of [T0, T0 + 1, T0 + 2]) made.sightings.add(deviceId(n), sighting(atMs));
    }
  });
  const last = deviceId(PRUNE_DEVICES + 1);
  const after = made.sightings.prune(T0 + DAY, undefined);
  expect([after, made.sightings.recent(last, 9).length]).toEqual([deviceId(PRUNE_DEVICES), 3]);
  expect([made.sightings.prune(T0 + DAY, after), made.sightings.recent(last, 9).length]).toEqual([undefined, 2]);
});
