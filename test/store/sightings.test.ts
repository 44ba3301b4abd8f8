import { expect, test } from "vitest";
import type { Sighting } from "../../protocols/core/device.ts";
import { PRUNE_ROWS_MAX } from "../../store/sightings.ts";
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
});

test("prune(): what is before the moment goes, what is at it stays", () => {
  const { sightings } = store();
  for (const atMs of [T0 - 1, T0, T0 + 1]) sightings.add(deviceId(1), sighting(atMs));
  expect(sightings.prune(T0)).toBe(1);
  expect(sightings.recent(deviceId(1), 10).map(({ atMs }) => atMs)).toEqual([T0 + 1, T0]);
});

test("prune(): one call takes a bounded number, the oldest, and the next call the rest", () => {
  const made = store();
  made.transaction(() => {
    for (let i = 0; i <= PRUNE_ROWS_MAX; i++) made.sightings.add(deviceId(1), sighting(T0 - i));
  });
  expect(made.sightings.prune(T0 + 1)).toBe(PRUNE_ROWS_MAX);
  expect(made.sightings.recent(deviceId(1), 10).map(({ atMs }) => atMs)).toEqual([T0]);
  expect([made.sightings.prune(T0 + 1), made.sightings.prune(T0 + 1)]).toEqual([1, 0]);
});
