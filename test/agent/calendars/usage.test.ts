import { expect, test } from "vitest";
import { createUsages, placesOf } from "../../../agent/calendars/usage.ts";
import { type UsageAsk, usagesOf } from "../../../agent/calendars/usage-read.ts";
import { isConclusive, type Usage } from "../../../firmware/waves/quiet-hours.ts";
import { DAY, MINUTE, manualClock } from "../../../protocols/core/time.ts";
import type { Store } from "../../../store/store.ts";
import { device, deviceId, macOf, T0, temporaryStore } from "../../store/temporary.ts";

const never = new AbortController().signal;
/** A Monday, 00:00 UTC, four weeks before. */
const MONDAY = Date.UTC(2026, 9, 26);
const END = MONDAY + 28 * DAY;

/** Asked every quarter of an hour, summed up day by day as the daemon does it. In a call each workday from 9 to 11 UTC. */
function used(store: Store, number: number, days: number): void {
  const { history } = store;
  for (let day = 28 - days; day < 28; day++) {
    const dayMs = MONDAY + day * DAY;
    const isWorkday = day % 7 < 5;
    history.append(
      Array.from({ length: 96 }, (_, i) => {
        const hour = Math.floor(i / 4);
        return {
          device: deviceId(number),
          atMs: dayMs + i * 15 * MINUTE,
          reading: { inCall: isWorkday && hour >= 9 && hour < 11 ? 1 : 0 },
        };
      }),
    );
  }
}

function rollUp({ history }: Store): void {
  for (let step = history.rollUps.next(END); step !== undefined; step = history.rollUps.next(END)) history.rollUps.put(history.roll(step));
}

function learner(store: Store, zone = "UTC", nowMs = END) {
  const clock = manualClock(nowMs);
  const asks: UsageAsk[] = [];
  const make = () =>
    createUsages(zone, {
      store,
      clock,
      read: async (ask) => {
        asks.push(ask);
        return usagesOf(ask, store.history);
      },
    });
  return { clock, asks, make, usages: make() };
}

const busyHours = (usage: Usage | undefined): number[] =>
  usage?.busy.flatMap((share, hour) => (share === null || share === 0 ? [] : [hour])) ?? [];
const WORK = [0, 1, 2, 3, 4].flatMap((day) => [day * 24 + 9, day * 24 + 10]);

test("learn(): four weeks of a phone's calls, from what is summed up", async () => {
  const store = temporaryStore();
  store.devices.save(device(1, { family: "uc-phone" }));
  used(store, 1, 28);
  rollUp(store);
  const { usages, make } = learner(store);
  expect(usages.usage(deviceId(1))).toBeUndefined();
  await usages.learn(never);
  const usage = usages.usage(deviceId(1)) as Usage;
  expect(usage.days).toBe(28);
  expect(isConclusive(usage)).toBe(true);
  expect(busyHours(usage)).toEqual(WORK);
  expect(usage.busy[9]).toBe(1);
  // Rows: another life of the agent knows it.
  expect(make().usage(deviceId(1))).toEqual(usage);
});

test("learn(): less than two weeks are not enough to conclude from", async () => {
  const store = temporaryStore();
  store.devices.save(device(1, { family: "uc-phone" }));
  used(store, 1, 13);
  const { usages } = learner(store);
  await usages.learn(never);
  const usage = usages.usage(deviceId(1)) as Usage;
  expect(usage.days).toBe(13);
  expect(isConclusive(usage)).toBe(false);
});

test("learn(): a room by all that stands in it, and the site as a whole", async () => {
  const store = temporaryStore();
  for (const number of [1, 2, 3]) store.devices.save(device(number, { family: "uc-phone" }));
  for (const number of [1, 2]) store.places.fromSettings({ mac: macOf(number), name: `p${number}`, room: "Matterhorn", duties: [] }, T0);
  used(store, 1, 28);
  const { usages } = learner(store);
  await usages.learn(never);
  // The second was never asked: the room is as the first says.
  expect(busyHours(usages.usage(deviceId(2)))).toEqual(WORK);
  expect(usages.usage(deviceId(3))).toBeUndefined();
  expect(store.placeUsages.all().map(({ key }) => key)).toEqual(["room:Matterhorn", "site"]);
});

test("learn(): in the site's own hours, half hours included", async () => {
  const store = temporaryStore();
  store.devices.save(device(1, { family: "uc-phone" }));
  used(store, 1, 28);
  const { usages } = learner(store, "Asia/Kolkata");
  await usages.learn(never);
  const usage = usages.usage(deviceId(1)) as Usage;
  // 09:00 to 11:00 UTC is 14:30 to 16:30 there.
  expect([usage.busy[13], usage.busy[14], usage.busy[15], usage.busy[16], usage.busy[17]]).toEqual([0, 0.5, 1, 0.5, 0]);
});

test("learn(): once a day, and again when the day has passed", async () => {
  const store = temporaryStore();
  store.devices.save(device(1, { family: "uc-phone" }));
  used(store, 1, 28);
  const { usages, asks, clock, make } = learner(store);
  await usages.learn(never);
  await usages.learn(never);
  await make().learn(never);
  expect(asks).toHaveLength(1);
  await clock.advance(DAY);
  await usages.learn(never);
  expect(asks).toHaveLength(2);
});

test("learn(): a few devices at a time", async () => {
  const store = temporaryStore();
  for (let number = 1; number <= 60; number++) store.devices.save(device(number, { family: "uc-phone" }));
  const { usages, asks } = learner(store);
  await usages.learn(never);
  expect(asks.map(({ devices }) => devices.length)).toEqual([25, 25, 10]);
});

test("placesOf(): switches serve nobody, and what is not ours is nobody's", () => {
  const store = temporaryStore();
  store.devices.save(device(1, { family: "switch" }));
  store.devices.save(device(2, { family: "uc-phone", adopted: false }));
  store.devices.save(device(3, { family: "uc-phone" }));
  expect([...placesOf(store)]).toEqual([[deviceId(3), `device:${deviceId(3)}`]]);
});

test("usagesOf(): the hours that raw readings tell are the same as those that are summed up", () => {
  const store = temporaryStore();
  used(store, 1, 2);
  const ask = { devices: [deviceId(1)], zone: "UTC", fromMs: END - 2 * DAY, toMs: END };
  const raw = usagesOf(ask, store.history);
  expect(usagesOf(ask, store.history)).toEqual(raw);
  expect(raw[0]?.busy.filter((share) => share !== null)).toHaveLength(48);
});
