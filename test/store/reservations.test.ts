import { expect, test } from "vitest";
import { Bug } from "../../protocols/core/fault.ts";
import type { ReservationRow } from "../../store/reservations.ts";
import { deviceId, storeIn, storeWithCampaign, T0, taskOf, temporaryFolder } from "./temporary.ts";

function slot(number: number, changes: Partial<ReservationRow> = {}): ReservationRow {
  const own = { device: deviceId(number), task: taskOf(number), token: `k${number}` };
  return { ...own, number: 1, domains: ["room-1"], atMs: T0, ...changes };
}

test("take(): one device has one slot, and the same token again changes nothing", () => {
  const { reservations } = storeWithCampaign();
  expect([reservations.take(slot(1)), reservations.take(slot(1, { atMs: T0 + 9, domains: [] }))]).toEqual([true, true]);
  expect(reservations.all()).toEqual([slot(1)]);
});

test("take(): a slot that another task holds is refused", () => {
  const { reservations } = storeWithCampaign();
  reservations.take(slot(1));
  expect(reservations.take(slot(1, { task: taskOf(2), token: "k9", number: 9 }))).toBe(false);
  expect(reservations.ofDevice(deviceId(1))).toEqual(slot(1));
});

test("take(): a later attempt of the same task takes over", () => {
  const { reservations } = storeWithCampaign();
  reservations.take(slot(1));
  expect(reservations.take(slot(1, { token: "k1b", number: 2, atMs: T0 + 1, domains: ["room-2"] }))).toBe(true);
  expect(reservations.all()).toEqual([slot(1, { token: "k1b", number: 2, atMs: T0 + 1, domains: ["room-2"] })]);
});

test.each([1, 2])("take(): attempt %i of another token is not newer than attempt 2 and gets nothing", (number) => {
  const { reservations } = storeWithCampaign();
  reservations.take(slot(1, { token: "k1b", number: 2 }));
  expect(reservations.take(slot(1, { token: "late", number }))).toBe(false);
  expect(reservations.ofDevice(deviceId(1))?.token).toBe("k1b");
});

test("take(): one token never holds two devices", () => {
  const { reservations } = storeWithCampaign();
  reservations.take(slot(1));
  expect(() => reservations.take(slot(2, { token: "k1" }))).toThrow(Bug);
  expect(reservations.count()).toBe(1);
});

test("free(): only the newest token gives the slot back, and only once", () => {
  const { reservations } = storeWithCampaign();
  reservations.take(slot(1));
  reservations.take(slot(1, { token: "k1b", number: 2 }));
  expect([reservations.free(deviceId(1), "k1"), reservations.count()]).toEqual([false, 1]);
  expect([reservations.free(deviceId(1), "k1b"), reservations.free(deviceId(1), "k1b"), reservations.count()]).toEqual([true, false, 0]);
});

test("free(): a token frees its own device alone", () => {
  const { reservations } = storeWithCampaign();
  reservations.take(slot(1));
  reservations.take(slot(2));
  expect(reservations.free(deviceId(2), "k1")).toBe(false);
  expect(reservations.all().map(({ device }) => device)).toEqual([deviceId(1), deviceId(2)]);
});

test("take(): slots are there again after a restart", () => {
  const directory = temporaryFolder();
  const store = storeWithCampaign(directory);
  store.reservations.take(slot(1));
  store.close();
  expect(storeIn(directory).reservations.all()).toEqual([slot(1)]);
});
