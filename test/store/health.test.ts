import { expect, test } from "vitest";
import { DAY } from "../../protocols/core/time.ts";
import type { AvailabilityChange } from "../../store/health.ts";
import { device, deviceId, storeIn, T0, temporaryFolder, temporaryStore } from "./temporary.ts";

const ONE = deviceId(1);

test("remember(): running times and usual values come back after a restart, and an empty row goes", () => {
  const directory = temporaryFolder();
  const first = storeIn(directory);
  first.devices.save(device(1));
  const rows = [
    { rule: "partMissing", state: { bad: true, sinceMs: T0 } },
    { rule: "poePortsLost", usual: { most: 20.5, before: 22, fromMs: T0 } },
    { rule: "registrationLost", state: { bad: false, sinceMs: T0 + 5 }, usual: { most: 2, fromMs: T0 } },
  ];
  first.health.remember(rows.map((row) => ({ device: ONE, ...row })));
  first.health.remember([{ device: ONE, rule: "partMissing" }]);
  first.close();
  expect(storeIn(directory).health.ofDevice(ONE)).toEqual({ rules: rows.slice(1) });
});

test("remember(): a device that is gone meanwhile is passed over, the others are written", () => {
  const store = temporaryStore();
  store.devices.save(device(1));
  const state = { bad: true, sinceMs: T0 };
  store.health.remember([deviceId(9), ONE].map((id) => ({ device: id, rule: "tooHot", state })));
  expect([deviceId(9), ONE].map((id) => store.health.ofDevice(id).rules)).toEqual([[], [{ rule: "tooHot", state }]]);
});

test("down(): who answers nobody, with its last sign of life", () => {
  const store = temporaryStore();
  store.devices.save(device(1, { availability: "offline", lastSeenMs: T0 - DAY }));
  for (const availability of ["online", "suspect", "unknown"] as const)
    store.devices.save(device(["online", "suspect", "unknown"].indexOf(availability) + 2, { availability }));
  expect(store.health.down()).toEqual([{ device: ONE, sinceMs: T0 - DAY }]);
});

test("saveFlaps(): the newest penalty of a device, or none", () => {
  const store = temporaryStore();
  store.devices.save(device(1));
  store.health.saveFlaps(ONE, { penalty: 1_000, atMs: T0, count: 1 });
  store.health.saveFlaps(ONE, { penalty: 1_812.5, atMs: T0 + 9, count: 2 });
  expect(store.health.ofDevice(ONE).flaps).toEqual({ penalty: 1_812.5, atMs: T0 + 9, count: 2 });
  store.health.saveFlaps(ONE, undefined);
  expect(store.health.ofDevice(ONE)).toEqual({ rules: [] });
});

test("changes(): within the span, of one device or of all, oldest first; pruned in pieces", () => {
  const store = temporaryStore();
  for (const number of [1, 2]) store.devices.save(device(number));
  const change = (number: number, day: number): AvailabilityChange => ({
    device: deviceId(number),
    atMs: T0 + day * DAY,
    was: "suspect",
    became: "offline",
  });
  const all = [change(1, 0), change(2, 1), change(1, 2), change(1, 3)];
  for (const one of all.toReversed()) store.health.noteChange(one);
  const span = { fromMs: T0, toMs: T0 + 3 * DAY };
  expect(store.health.changes(span, 9)).toEqual(all.slice(0, 3));
  expect(store.health.changes(span, 2)).toEqual(all.slice(0, 2));
  expect(store.health.changes({ ...span, device: ONE }, 9)).toEqual([all[0], all[2]]);
  expect([store.health.pruneChanges(T0 + 3 * DAY, 2), store.health.pruneChanges(T0 + 3 * DAY, 2)]).toEqual([2, 1]);
  expect(store.health.changes({ fromMs: 0, toMs: T0 + 9 * DAY }, 9)).toEqual(all.slice(3));
});
