import { expect, test } from "vitest";
import type { Day } from "../../store/entitlements.ts";
import type { Store } from "../../store/store.ts";
import { device, deviceId, macOf, storeWithCampaign, T0, temporaryStore } from "./temporary.ts";

const KEEPS = deviceId(1);
const OTHER = deviceId(2);

/** Two devices of which both have something in every table. */
function bench(): Store {
  const store = temporaryStore();
  for (const [id, number] of [
    [KEEPS, 1],
    [OTHER, 2],
  ] as const) {
    store.devices.save(device(number, { firstSeenMs: T0 + 10 * (3 - number), adopted: number === 2, serial: `S-${number}` }));
    for (const source of ["device", number === 1 ? "sip" : "dhcp"] as const)
      store.devices.putFact({ device: id, field: "model", source, value: `by ${number}`, rank: 1, atMs: T0 + number, evidence: [] });
    store.sightings.add(id, { source: "sip", atMs: T0 + number, facts: {}, evidence: [] });
    store.conditions.open({ deviceId: id, kind: `k${number}`, severity: "error", causeClass: "network", sinceMs: T0, evidence: [] });
    store.coverage.save({ device: id, state: "covered", doc: { number } }, T0 + number);
    if (number === 2) {
      store.coverage.notice(id, "2026-12-31" as Day, 30, T0);
      store.coverage.saveRegistration({ key: "S-2", device: id, serial: "S-2", state: "registered", atMs: T0 });
    }
    store.history.append([{ device: id, atMs: T0 + number, reading: { uptimeSeconds: number } }]);
  }
  store.tickets.saveDoc({ key: "both", generation: 1, doc: {}, state: "open", devices: [KEEPS, OTHER], atMs: T0 });
  store.tickets.saveDoc({ key: "other", generation: 1, doc: {}, state: "open", devices: [OTHER], atMs: T0 });
  store.places.fromSettings({ mac: macOf(2), name: "Desk", duties: [] }, T0);
  return store;
}

function picture(store: Store): unknown {
  return [KEEPS, OTHER].map((id) => ({
    row: store.devices.load(id),
    facts: store.devices.facts(id),
    sightings: store.sightings.recent(id, 9),
    coverage: [store.coverage.load(id), store.coverage.asOf(T0 + 99).get(id)],
    registrations: store.coverage.registrations().filter(({ device: one }) => one === id),
    conditions: store.conditions.ofDevice(id, 9),
    tickets: ["both", "other"].map((key) => store.tickets.load(key)?.devices.includes(id)),
    readings: store.history.series(id, "uptimeSeconds", { fromMs: T0, toMs: T0 + 99 }),
    place: store.places.ofDevice(id)?.name,
  }));
}

test("merge(): one device with the history of both, in the place of the other", () => {
  const store = bench();
  expect(store.rejoin.merge(KEEPS, OTHER)).toBeDefined();
  expect(store.devices.load(OTHER)).toBeUndefined();
  expect(picture(store)).toMatchObject([
    { row: { firstSeenMs: T0 + 10, adopted: true }, tickets: [true, true], readings: [{ value: 1 }, { value: 2 }], place: "Desk" },
    {},
  ]);
  expect(store.sightings.recent(KEEPS, 9)).toHaveLength(2);
});

test("undo(): everything is as it was, to the last row; what was read meanwhile stays with the one that kept its name", () => {
  const store = bench();
  const before = picture(store);
  const kept = store.rejoin.merge(KEEPS, OTHER);
  store.history.append([{ device: KEEPS, atMs: T0 + 200, reading: { uptimeSeconds: 9 } }]);
  expect(store.rejoin.undo(KEEPS, OTHER, JSON.parse(JSON.stringify(kept)))).toBe(2);
  const [keeps, other] = picture(store) as { row: object }[];
  const [ownBefore, otherBefore] = before as { row: object }[];
  expect(other).toEqual(otherBefore);
  expect({ ...keeps, row: { ...keeps?.row, decidedBy: undefined } }).toEqual({
    ...ownBefore,
    row: { ...ownBefore?.row, decidedBy: undefined },
  });
  expect(store.history.series(KEEPS, "uptimeSeconds", { fromMs: T0 + 100, toMs: T0 + 999 })).toHaveLength(1);
});

test("obstacle(), merge(): work under way on either keeps them two", () => {
  const store = storeWithCampaign();
  store.devices.save(device(7));
  expect(store.rejoin.obstacle(deviceId(7), deviceId(1))).toBe(
    `${deviceId(1)} is part of a campaign that has not ended: halt it or wait for its end`,
  );
  expect(store.rejoin.obstacle(deviceId(1), deviceId(7))).toBe(
    `${deviceId(1)} is part of a campaign that has not ended: halt it or wait for its end`,
  );
  expect(store.rejoin.merge(deviceId(7), deviceId(1))).toBeUndefined();
  expect(store.devices.count()).toBe(4);
});
