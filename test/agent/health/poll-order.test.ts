import { expect, test } from "vitest";
import type { DeviceRead } from "../../../protocols/core/device.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { MINUTE, SECOND } from "../../../protocols/core/time.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import { device, deviceId, T0 } from "../../store/temporary.ts";
import { phone, polled, SILENT, says } from "./polled.ts";

const countOf = (asked: readonly DeviceId[], number: number): number => asked.filter((id) => id === deviceId(number)).length;

test("turn(): a device that is adopted later is asked at once, one that is given up no more", async () => {
  const { store, asked, answers, seconds } = polled();
  answers.set(deviceId(1), async () => says(1));
  await seconds(2);
  store.devices.save(phone(1));
  await seconds(1);
  expect(asked).toEqual([deviceId(1)]);
  store.devices.save(phone(1, { adopted: false }));
  await seconds(180);
  expect(asked).toHaveLength(1);
  store.devices.save(phone(1));
  await seconds(1);
  expect(asked).toHaveLength(2);
});

test("turn(): more devices than one page holds are all asked within an interval", async () => {
  const { store, asked, seconds } = polled({ concurrency: 500 });
  store.transaction(() => {
    for (let number = 0; number < 600; number++) {
      store.devices.save(device(number, { address: `127.0.${number % 100}.${number >> 7}`, family: "uc-phone" }));
    }
  });
  await seconds(62);
  expect(new Set(asked).size).toBe(600);
});

test("turn(): silent devices take a share of the places only: nobody who answers waits for their time-outs", async () => {
  const { store, poller, asked, answers, clock, seconds } = polled({ concurrency: 8 });
  for (let number = 1; number <= 60; number++) store.devices.save(phone(number, number <= 40 ? { availability: "offline" } : {}));
  for (let number = 1; number <= 40; number++) {
    answers.set(deviceId(number), () => clock.sleep(20 * SECOND).then(() => SILENT));
  }
  for (let number = 41; number <= 60; number++) answers.set(deviceId(number), async () => says(number));
  await seconds(600);
  expect(poller.counts()).toMatchObject({ missedIntervals: 0, silent: 2 });
  expect(poller.counts().latestMs).toBeLessThanOrEqual(2 * SECOND);
  for (let number = 41; number <= 60; number++) expect(countOf(asked, number)).toBeGreaterThanOrEqual(9);
  for (let number = 1; number <= 40; number++) expect(countOf(asked, number)).toBeGreaterThanOrEqual(1);
});

test("turn(): a slow device is asked half as often", async () => {
  const { store, asked, answers, clock, seconds } = polled();
  store.devices.save(phone(1));
  answers.set(deviceId(1), () => clock.sleep(25 * SECOND).then(() => says(1)));
  await seconds(600);
  expect(countOf(asked, 1)).toBeGreaterThanOrEqual(5);
  expect(countOf(asked, 1)).toBeLessThanOrEqual(6);
});

test("turn(): while somebody wants a device denser it is asked every 15 seconds, afterwards as before", async () => {
  const untilMs = T0 + 4 * MINUTE;
  const { store, asked, answers, seconds } = polled({ denserUntil: (id) => (id === deviceId(1) ? untilMs : undefined) });
  for (const number of [1, 2]) store.devices.save(phone(number));
  for (const number of [1, 2]) answers.set(deviceId(number), async () => says(number));
  await seconds(240);
  expect(countOf(asked, 1)).toBeGreaterThanOrEqual(14);
  expect(countOf(asked, 2)).toBe(4);
  asked.length = 0;
  await seconds(240);
  expect(countOf(asked, 1)).toBeLessThanOrEqual(5);
});

test("turn(): a device that answers nothing and is heard of by another source is asked at once", async () => {
  const { store, asked, answers, clock, seconds } = polled();
  store.devices.save(phone(1, { lastSeenMs: T0 }));
  await seconds(600);
  expect(store.devices.load(deviceId(1))?.availability).toBe("offline");
  // It was asked last up to four minutes ago: until then nobody would ask it again.
  const before = asked.length;
  answers.set(deviceId(1), async () => says(1));
  const row = store.devices.load(deviceId(1)) as DeviceRow;
  store.devices.save({ ...row, lastSeenMs: clock.nowMs() });
  await seconds(11);
  expect(asked.length).toBeGreaterThan(before);
  expect(store.devices.load(deviceId(1))?.availability).toBe("online");
});

test("bringForward(): asked at once, then at most every ten seconds, however many reasons come", async () => {
  const { store, poller, asked, answers, seconds } = polled();
  store.devices.save(phone(1));
  answers.set(deviceId(1), async () => says(1));
  await seconds(61);
  const before = asked.length;
  for (let i = 0; i < 60; i++) {
    expect(poller.bringForward(deviceId(1), "trap")).toBe(true);
    await seconds(1);
  }
  const more = asked.length - before;
  expect(more).toBeGreaterThanOrEqual(5);
  expect(more).toBeLessThanOrEqual(7);
});

test("bringForward(): a reason that comes while the device is asked has it asked once more", async () => {
  const { store, poller, asked, answers, seconds } = polled();
  store.devices.save(phone(1));
  const answer = Promise.withResolvers<DeviceRead>();
  answers.set(deviceId(1), () => answer.promise);
  await seconds(60);
  expect(poller.counts()).toMatchObject({ underWay: 1, scheduled: 1 });
  expect(poller.bringForward(deviceId(1), "trap")).toBe(true);
  answers.set(deviceId(1), async () => says(1));
  answer.resolve(says(1));
  await seconds(11);
  expect(countOf(asked, 1)).toBe(2);
});

test("bringForward(): a silent device that gave a sign of life waits with the living", async () => {
  const { store, poller, asked, answers, seconds } = polled({ concurrency: 4 });
  for (let number = 1; number <= 9; number++) {
    store.devices.save(phone(number, { availability: "offline" }));
    answers.set(deviceId(number), () => new Promise(() => undefined));
  }
  await seconds(61);
  expect(poller.counts()).toMatchObject({ underWay: 1, waiting: 8 });
  const waiting = [1, 2, 3, 4, 5, 6, 7, 8, 9].find((number) => countOf(asked, number) === 0) ?? 0;
  answers.set(deviceId(waiting), async () => says(waiting));
  expect(poller.bringForward(deviceId(waiting), "syslog")).toBe(true);
  await seconds(1);
  expect(countOf(asked, waiting)).toBe(1);
});

test("bringForward(): nobody is asked who is not polled", async () => {
  const { store, poller, asked, seconds } = polled();
  store.devices.save(phone(1, { adopted: false }));
  await seconds(61);
  expect([poller.bringForward(deviceId(1), "trap"), poller.bringForward(deviceId(7), "trap")]).toEqual([false, false]);
  expect(asked).toEqual([]);
});

test("turn(): a device that is written with a change and wanted denser for it is asked at once", async () => {
  let untilMs: number | undefined;
  const { store, asked, answers, clock, seconds } = polled({ denserUntil: () => untilMs });
  store.devices.save(phone(1));
  answers.set(deviceId(1), async () => says(1));
  await seconds(62);
  while (asked.length < 2) await seconds(1);
  await seconds(11);
  const before = asked.length;
  untilMs = clock.nowMs() + 5 * MINUTE;
  store.devices.save(store.devices.load(deviceId(1)) as DeviceRow);
  await seconds(1);
  expect(asked.length).toBe(before + 1);
});
