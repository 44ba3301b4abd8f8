import { expect, test } from "vitest";
import { CAMPAIGN, device, deviceId, storeWithCampaign, T0, taskOf, temporaryStore } from "./temporary.ts";

const ONE = deviceId(1);
const FAMILIES = ["uc-phone"] as const;
const phone = (number: number, changes: object = {}) => device(number, { family: "uc-phone", address: `10.0.0.${number}`, ...changes });

test("saveRead(): what is known of the last reading, and after a success nothing of failures", () => {
  const { devices, configs } = temporaryStore();
  devices.save(phone(1));
  const failed = { device: ONE, nextMs: T0 + 5, triedMs: T0, failures: 2, why: "no answer", wantedFor: "an update" };
  configs.saveRead(failed);
  expect(configs.lastRead(ONE)).toEqual(failed);
  configs.saveRead({ device: ONE, nextMs: T0 + 9, readMs: T0, triedMs: T0, failures: 0 });
  expect(configs.lastRead(ONE)).toEqual({ device: ONE, nextMs: T0 + 9, readMs: T0, triedMs: T0, failures: 0 });
});

test("want(): brings a reading forward, never back; who is gone is passed over", () => {
  const { devices, configs } = temporaryStore();
  devices.save(phone(1));
  configs.saveRead({ device: ONE, nextMs: T0 + 100, readMs: T0, failures: 0 });
  configs.want([ONE, deviceId(9)], { atMs: T0 + 50, why: "other firmware" });
  configs.want([ONE], { atMs: T0 + 70, why: "an update" });
  expect(configs.lastRead(ONE)).toMatchObject({ nextMs: T0 + 50, readMs: T0, wantedFor: "an update" });
  expect(configs.lastRead(deviceId(9))).toBeUndefined();
});

test("want(): not for those that were read since then", () => {
  const { devices, configs } = temporaryStore();
  for (const number of [1, 2, 3]) devices.save(phone(number));
  configs.saveRead({ device: deviceId(1), nextMs: T0 + 100, readMs: T0, failures: 0 });
  configs.saveRead({ device: deviceId(2), nextMs: T0 + 100, readMs: T0 - 9, failures: 0 });
  configs.want([1, 2, 3].map(deviceId), { atMs: T0 + 1, why: "x", unlessReadSinceMs: T0 - 5 });
  expect([1, 2, 3].map((number) => configs.lastRead(deviceId(number))?.nextMs)).toEqual([T0 + 100, T0 + 1, T0 + 1]);
});

test("due(), unread(): whoever is wanted first, then the longest due; only who can be asked and is in our care", () => {
  const { devices, configs } = temporaryStore();
  const left = [
    { adopted: false },
    { ignoredAtMs: T0 },
    { retiredAtMs: T0 },
    { availability: "offline" },
    { family: "hdx" },
    { address: undefined },
  ];
  for (const number of [1, 2, 3, 4]) devices.save(phone(number));
  for (const [at, changes] of left.entries()) {
    const { address, ...row } = phone(10 + at, changes);
    devices.save(address === undefined ? row : { ...row, address });
  }
  configs.saveRead({ device: deviceId(1), nextMs: T0 + 1, failures: 0 });
  configs.saveRead({ device: deviceId(2), nextMs: T0 - 5, failures: 0 });
  configs.want([deviceId(3)], { atMs: T0, why: "an update" });
  expect(configs.due(T0, FAMILIES, 10)).toEqual([deviceId(3), deviceId(2)]);
  expect(configs.due(T0 + 1, FAMILIES, 2)).toHaveLength(2);
  expect(configs.unread(FAMILIES, 10)).toEqual([deviceId(4)]);
  for (let at = 0; at < left.length; at++) configs.want([deviceId(10 + at)], { atMs: T0 - 9, why: "x" });
  expect(configs.due(T0, FAMILIES, 10)).toEqual([deviceId(3), deviceId(2)]);
});

test("due(): not while an update is under way on it", () => {
  const store = storeWithCampaign();
  for (const number of [1, 2]) store.devices.save(phone(number));
  store.configs.want([1, 2].map(deviceId), { atMs: T0, why: "x" });
  const attempt = { number: 1, token: "k" };
  const step = (next: object, revision: number) =>
    store.tasks.step({ task: taskOf(1), expectedRevision: revision, next: next as never, event: { kind: "staged" } as never, atMs: T0 });
  step({ at: "reserved", attempt, deadlineMs: T0 }, 1);
  expect(store.configs.due(T0, FAMILIES, 9)).toContain(ONE);
  step({ at: "applying", attempt, deadlineMs: T0 }, 2);
  expect(store.configs.due(T0, FAMILIES, 9)).toEqual([deviceId(2)]);
});

test("touched(): a campaign's work from its first command to its end", () => {
  const store = storeWithCampaign();
  store.attempts.open({ task: taskOf(1), number: 1, token: "k", reservedAtMs: T0, baseline: undefined } as never);
  expect(store.configs.touched(ONE)).toEqual([]);
  store.attempts.note("k", { intendedAtMs: T0 + 3 });
  expect(store.configs.touched(ONE)).toEqual([{ campaign: CAMPAIGN, task: taskOf(1), fromMs: T0 + 3 }]);
  store.tasks.step({
    task: taskOf(1),
    expectedRevision: 1,
    next: { at: "succeeded", how: "updated" },
    event: { kind: "x" } as never,
    atMs: T0 + 8,
  });
  expect(store.configs.touched(ONE)).toEqual([{ campaign: CAMPAIGN, task: taskOf(1), fromMs: T0 + 3, untilMs: T0 + 8 }]);
});
