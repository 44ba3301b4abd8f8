import { expect, test } from "vitest";
import type { TaskState } from "../../../firmware/waves/task-state.ts";
import type { DeviceRead } from "../../../protocols/core/device.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { HOUR, MINUTE, manualClock } from "../../../protocols/core/time.ts";
import { device, deviceId, macOf, storeIn, storeWithCampaign, T0, taskOf, temporaryFolder } from "../../store/temporary.ts";
import { never, phone, polled, SILENT, says } from "./polled.ts";

test("turn(): every adopted device with an address is asked once an interval, others never", async () => {
  const { store, asked, seconds } = polled();
  for (const number of [1, 2, 3]) store.devices.save(phone(number));
  store.devices.save(phone(4, { adopted: false }));
  store.devices.save(device(5));
  await seconds(120);
  expect([...asked].sort()).toEqual([1, 1, 2, 2, 3, 3].map(deviceId));
});

test("turn(): what a device says is written down: row, history, reading", async () => {
  const { store, answers, readings, minutes } = polled();
  store.devices.save(phone(1, { availability: "unknown" }));
  answers.set(deviceId(1), async () => says(1));
  await minutes(1);
  expect(store.devices.load(deviceId(1))).toMatchObject({
    availability: "online",
    model: "VVX 411",
    running: "6.4.6.2327",
    inUse: { state: "idle" },
    lines: [{ address: "1001@pbx", registered: true }],
  });
  expect(store.history.latest(deviceId(1))).toMatchObject({ atMs: T0 + MINUTE, reading: { registeredLines: 1, inCall: 0 } });
  expect(readings).toEqual([deviceId(1)]);
});

test("turn(): a device that never answers delays nobody, and is not asked twice at a time", async () => {
  const { store, asked, answers, minutes } = polled({ concurrency: 2 });
  for (const number of [1, 2, 3, 4]) store.devices.save(phone(number));
  answers.set(deviceId(1), () => new Promise(() => undefined));
  for (const number of [2, 3, 4]) answers.set(deviceId(number), async () => says(number));
  await minutes(8);
  expect(asked.filter((id) => id === deviceId(1))).toHaveLength(1);
  for (const number of [2, 3, 4]) expect(asked.filter((id) => id === deviceId(number)).length).toBeGreaterThanOrEqual(2);
});

test("turn(): a silent device is suspect, then offline, asked ever slower; its condition opens once and closes on its answer", async () => {
  const { store, asked, answers, edges, minutes } = polled();
  store.devices.save(phone(1));
  const seen: string[] = [];
  for (let i = 0; i < 3; i++) {
    await minutes(1);
    seen.push(store.devices.load(deviceId(1))?.availability ?? "gone");
  }
  expect(seen).toEqual(["suspect", "suspect", "offline"]);
  expect(store.devices.load(deviceId(1))?.inUse).toEqual({ state: "unknown", reason: "does not answer" });
  await minutes(20);
  expect(asked.length).toBeLessThan(10);
  answers.set(deviceId(1), async () => says(1));
  await minutes(5);
  expect(edges.map((edge) => edge.split(" ").slice(0, 2).join(" "))).toEqual(["opened deviceOffline", "closed deviceOffline"]);
  expect(store.conditions.listOpen()).toEqual([]);
  expect(store.conditions.ofDevice(deviceId(1), 5)).toHaveLength(1);
});

test("turn(): lost lines open a condition after three bad minutes and close it after two good ones", async () => {
  const { store, answers, edges, minutes } = polled();
  store.devices.save(phone(1));
  let registered = 1;
  answers.set(deviceId(1), async () => says(1, registered));
  await minutes(2);
  registered = 0;
  await minutes(3);
  expect(edges).toEqual([]);
  await minutes(2);
  registered = 1;
  await minutes(2);
  expect(edges).toHaveLength(1);
  await minutes(5);
  expect(edges).toEqual([`opened registrationLost ${deviceId(1)} 6`, `closed registrationLost ${deviceId(1)} 10`]);
});

test("turn(): a condition open at a restart stays open while nothing better is seen, and closes when it is", async () => {
  const directory = temporaryFolder();
  const first = polled({ store: storeIn(directory) });
  first.store.devices.save(phone(1));
  let registered = 1;
  first.answers.set(deviceId(1), async () => says(1, registered));
  await first.minutes(2);
  registered = 0;
  await first.minutes(5);
  expect(first.edges).toHaveLength(1);
  first.store.close();
  const second = polled({ store: storeIn(directory), clock: manualClock(first.clock.nowMs()) });
  second.answers.set(deviceId(1), async () => says(1, registered));
  await second.minutes(10);
  expect(second.edges).toEqual([]);
  registered = 1;
  await second.minutes(5);
  expect(second.edges.map((edge) => edge.split(" ")[0])).toEqual(["closed"]);
});

test("turn(): an offline device stays so over a restart until it answers", async () => {
  const directory = temporaryFolder();
  const first = polled({ store: storeIn(directory) });
  first.store.devices.save(phone(1));
  await first.minutes(4);
  first.store.close();
  const second = polled({ store: storeIn(directory), clock: manualClock(first.clock.nowMs()) });
  await second.minutes(6);
  expect(second.edges).toEqual([]);
  expect(second.store.conditions.listOpen().map(({ kind }) => kind)).toEqual(["deviceOffline"]);
});

test("turn(): a device that is dark because it is being updated opens no condition; afterwards rules begin anew", async () => {
  const store = storeWithCampaign();
  for (const number of [1, 2]) store.devices.save(phone(number));
  const { edges, minutes } = polled({ store });
  const step = (next: TaskState): void => {
    const row = store.tasks.load(taskOf(1));
    const event = { kind: "wentDown", rebootMs: MINUTE } as const;
    store.tasks.step({ task: taskOf(1), expectedRevision: row?.revision ?? 0, next, event, atMs: T0 });
  };
  step({ at: "rebooting", attempt: { number: 1, token: "t".repeat(32), leg: 0 }, deadlineMs: T0 + HOUR });
  expect(store.tasks.atRisk()).toEqual([deviceId(1)]);
  await minutes(6);
  expect(edges.map((edge) => edge.split(" ").slice(0, 3))).toEqual([["opened", "deviceOffline", deviceId(2)]]);
  step({ at: "skipped", why: "test", by: "nobody", leg: 0 });
  await minutes(6);
  expect(edges.map((edge) => edge.split(" ")[2])).toEqual([deviceId(2), deviceId(1)]);
});

test("turn(): an ask that throws is written down, and the device is asked again", async () => {
  const { store, asked, answers, logged, minutes } = polled();
  store.devices.save(phone(1));
  answers.set(deviceId(1), async () => {
    throw new Error("thread gone");
  });
  await minutes(2);
  expect(asked).toHaveLength(2);
  expect(logged).toHaveLength(2);
  expect(logged[0]).toContain("a poll did not end");
});

test("turn(): a device that is renamed while it is asked is left alone", async () => {
  const { store, answers, edges, minutes, clock } = polled();
  store.devices.save({ ...phone(1, { id: "d-a-127-0-5-1" as DeviceId }) });
  const answer = Promise.withResolvers<DeviceRead>();
  answers.set("d-a-127-0-5-1" as DeviceId, () => answer.promise);
  await minutes(1);
  store.devices.rename("d-a-127-0-5-1" as DeviceId, deviceId(1));
  answer.resolve(says(1));
  await clock.advance(0);
  expect(store.devices.list().map(({ id }) => id)).toEqual([deviceId(1)]);
  expect(edges).toEqual([]);
});

test("refresh(): asks now, joins an ask under way, and has nobody to ask without an address", async () => {
  const { store, asked, answers, poller } = polled();
  store.devices.save(phone(1));
  store.devices.save(device(2));
  const answer = Promise.withResolvers<DeviceRead>();
  answers.set(deviceId(1), () => answer.promise);
  const both = [poller.refresh(deviceId(1), never), poller.refresh(deviceId(1), never)];
  answer.resolve(says(1));
  expect(await Promise.all(both)).toEqual([says(1), says(1)]);
  expect(asked).toEqual([deviceId(1)]);
  expect(await poller.refresh(deviceId(2), never)).toBeUndefined();
  expect(await poller.refresh(deviceId(9), never)).toBeUndefined();
});

test("refresh(): an ask under way that began before the wanted moment is waited for, and another is made", async () => {
  const { store, asked, answers, poller, clock } = polled();
  store.devices.save(phone(1));
  const early = Promise.withResolvers<DeviceRead>();
  answers.set(deviceId(1), () => early.promise);
  const first = poller.refresh(deviceId(1), never);
  await clock.advance(MINUTE);
  const second = poller.refresh(deviceId(1), never, T0 + MINUTE);
  const joined = poller.refresh(deviceId(1), never, T0);
  answers.set(deviceId(1), async () => says(2));
  early.resolve(says(1));
  expect([await first, await joined]).toEqual([says(1), says(1)]);
  // What comes close after is taken in with its batch.
  await clock.advance(MINUTE);
  expect(await second).toEqual(says(2));
  expect(asked).toEqual([deviceId(1), deviceId(1)]);
});

test("turn(): a device its manager answers for is asked without an address; not connected is neither there nor gone [lens 4.6]", async () => {
  const { store, asked, answers, edges, minutes } = polled();
  const { address: _, ...row } = phone(7, { family: "lens-only" });
  store.devices.save(row);
  const away: DeviceRead = {
    ...says(7),
    facts: { family: "lens-only", model: "Trio 8800", mac: macOf(7) },
    reading: {},
    presence: "unknown",
  };
  answers.set(deviceId(7), async () => away);
  await minutes(6);
  expect(asked.length).toBeGreaterThan(4);
  expect(store.devices.load(deviceId(7))).toMatchObject({ availability: "unknown", model: "Trio 8800" });
  const inUse = { state: "unknown", reason: "Lens does not tell" } as const;
  answers.set(deviceId(7), async () => ({ ...away, facts: {}, inUse }));
  await minutes(6);
  expect(store.devices.load(deviceId(7))?.inUse).toEqual(inUse);
  expect([store.devices.load(deviceId(7))?.availability, edges]).toEqual(["unknown", []]);
});

test("turn(): a device that says the same again is news to the inventory every ten minutes; what differs at once, and after silence", async () => {
  const { store, answers, minutes } = polled();
  const id = deviceId(1);
  store.devices.save(device(1, { family: "uc-phone", address: "10.0.0.1" }));
  answers.set(id, async () => says(1));
  const told = (): number => store.sightings.recent(id, 99).length;
  await minutes(8);
  expect(told()).toBe(1);
  await minutes(6);
  expect(told()).toBe(2);
  answers.set(id, async () => ({ ...says(1), inUse: { state: "busy", reason: "in a call" } }));
  await minutes(2);
  expect([told(), store.devices.load(id)?.inUse.state]).toEqual([3, "busy"]);
  answers.set(id, async () => SILENT);
  await minutes(2);
  expect(store.devices.load(id)?.inUse.state).toBe("unknown");
  answers.set(id, async () => ({ ...says(1), inUse: { state: "busy", reason: "in a call" } }));
  await minutes(4);
  expect([told(), store.devices.load(id)?.inUse.state]).toEqual([4, "busy"]);
});
