import { expect, test } from "vitest";
import { type Looks, perform, type TaskContext } from "../../../firmware/waves/perform.ts";
import type { TaskRow } from "../../../firmware/waves/ports.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import type { Hold, TaskState } from "../../../firmware/waves/task-state.ts";
import { fail, ok } from "../../../protocols/core/fault.ts";
import { MINUTE, SECOND } from "../../../protocols/core/time.ts";
import { candidate, deviceOf, NOW } from "./builders.ts";
import { type FakeDrive, fakeDrive } from "./fake-drive.ts";

const ONE = deviceOf(1);
const refusal = { kind: "refused", via: "https", reason: "no" } as const;
const unreachable = { kind: "unreachable", via: "https" } as const;

function start(state: TaskState = { at: "planned" }, holds: () => readonly Hold[] = () => []) {
  const fake = fakeDrive([candidate(1)]);
  fake.set(ONE, state);
  const looks: Looks = new Map();
  const planned = fake.plan.tasks[0] as PlannedTask;
  const context: TaskContext = {
    ...{ plan: fake.plan, planned, holds, nextChanceMs: () => undefined, duringWave: () => undefined },
    firstLook: ({ device }, signal) => fake.io.devices.look(device, signal),
  };
  const go = (row = fake.tasks.get(ONE) as TaskRow, signal = new AbortController().signal) =>
    perform(row, context, { ...fake.io, looks }, signal);
  return { fake, go, looks, context, device: fake.device(ONE) };
}
const happened = (fake: FakeDrive): string[] => fake.log.map((line) => line.replace(/^01 /, ""));

test("perform(): look, slot, intent on disk, offer, trigger, in this order and each once", async () => {
  const { fake, go } = start();
  const after = await go();
  expect(happened(fake)).toEqual(["imageStaged", "look", "reserve", "commandIntended", "offer", "trigger", "commandAccepted"]);
  expect(after.state).toMatchObject({ at: "commanded", accepted: true, attempt: { number: 1 } });
  expect(fake.tasks.get(ONE)).toEqual(after);
});

test("perform(): I4 a slot taken a while ago is looked at again before the command", async () => {
  const { fake, go, looks } = start({ at: "reserved", attempt: { number: 1, token: "token-000", leg: 0 }, deadlineMs: NOW + MINUTE });
  const stale = { facts: {}, inUse: { state: "idle" }, faults: [], askedMs: NOW - 21 * SECOND, atMs: NOW - 21 * SECOND } as const;
  looks.set(ONE, stale);
  await go();
  expect(happened(fake)).toEqual(["look", "commandIntended", "offer", "trigger", "commandAccepted"]);
});

test("perform(): the slot remembers how the device was before", async () => {
  const { fake, go } = start();
  fake.device(ONE).lines = 7;
  await go();
  expect(fake.store.baseline(fake.tokenOf(ONE))).toEqual({ atMs: NOW, version: "6.4.6.2494", registeredLines: 7 });
});

test("perform(): a call that begins between slot and command gives the slot back and sends nothing", async () => {
  const { fake, go, device } = start({ at: "reserved", attempt: { number: 2, token: "token-000", leg: 0 }, deadlineMs: NOW + MINUTE });
  device.inUse = { state: "busy", reason: "in a call" };
  expect((await go()).state).toMatchObject({ at: "deferred", tries: 1, leg: 0 });
  expect(fake.count(/offer|trigger/)).toBe(0);
});

test("perform(): a lost answer leaves the task commanded, and the image stays on offer", async () => {
  const { fake, go, device } = start();
  device.trigger = () => fail({ fault: unreachable, certain: false });
  expect((await go()).state).toMatchObject({ at: "commanded", accepted: false });
  expect(fake.offers.size).toBe(1);
  expect(happened(fake).at(-1)).toBe("trigger");
});

test.each([
  ["the reason its log gives", "the image is of other hardware", ": the image is of other hardware"],
  ["no reason where it gives none", undefined, ""],
])(
  "perform(): the image is fetched, the next answer is the old version: nothing was flashed, with %s, and it is not told again [uc 11.5] [uc 11.7]",
  async (_what, words, shown) => {
    const { fake, go, device } = start({ at: "rebooting", attempt: { number: 1, token: "token-000", leg: 0 }, deadlineMs: NOW });
    fake.signs.set("token-000", { imageStartedAtMs: NOW - 20 * MINUTE, imageDeliveredAtMs: NOW - 15 * MINUTE });
    if (words !== undefined) device.refusal = words;
    const reason = `nothing was flashed: it has the whole image and still runs 6.4.6.2494${shown}`;
    expect((await go()).state).toMatchObject({ at: "failed", cause: "imageRefused", fault: { kind: "refused", reason }, leg: 0 });
    expect([fake.count(/log/), fake.count(/trigger/)]).toEqual([1, 0]);
  },
);

test("perform(): a certain refusal ends the attempt, takes the image away and tries again later", async () => {
  const { fake, go, device } = start();
  device.trigger = () => fail({ fault: refusal, certain: true });
  const { state } = await go();
  expect(state).toMatchObject({ at: "failedRetryable", attempt: { number: 1, token: "token-001", leg: 0 }, fault: refusal });
  // Spread, so that devices that failed together do not come again together.
  const waitMs = state.at === "failedRetryable" ? state.nextAtMs - NOW : 0;
  expect([waitMs >= 4 * MINUTE, waitMs <= 5 * MINUTE]).toEqual([true, true]);
  expect([...fake.offers]).toEqual([]);
  expect((await go()).state.at).toBe("failedRetryable");
  await fake.clock.advance(5 * MINUTE);
  device.trigger = () => ok({ said: "accepted" });
  expect((await go()).state).toMatchObject({ at: "commanded", attempt: { number: 2, token: "token-002", leg: 0 } });
  expect(fake.count(/trigger/)).toBe(2);
});

test("perform(): a second refusal is the last", async () => {
  const { fake, go, device } = start();
  device.trigger = () => fail({ fault: refusal, certain: true });
  await go();
  await fake.clock.advance(5 * MINUTE);
  expect((await go()).state).toMatchObject({ at: "failed", cause: "commandRefused", seenHealthy: true, leg: 0 });
});

test.each([
  [{ kind: "stalled", waitedFor: "the image in the depot" }, "failedRetryable"],
  // Nothing serves images here: the same again would end alike.
  [{ kind: "off", via: "provisioning" }, "failed"],
] as const)("perform(): without an offer (%j) nothing is sent", async (fault, at) => {
  const { fake, go, device } = start();
  device.offer = () => fail(fault);
  expect((await go()).state.at).toBe(at);
  expect(fake.count(/trigger/)).toBe(0);
});

test("perform(): I9 a stop that comes while the image is put on offer sends nothing and costs no attempt", async () => {
  const holds: Hold[] = [];
  const { fake, go, device } = start({ at: "planned" }, () => holds);
  device.offer = () => {
    holds.push({ code: "paused", why: "the campaign is halted", endedBy: "nobody" });
    return ok(null);
  };
  expect((await go()).state).toMatchObject({ at: "held", tries: 0, leg: 0 });
  expect(fake.count(/trigger/)).toBe(0);
  expect([...fake.offers]).toEqual([]);
});

test("perform(): a row that somebody else moved is left alone", async () => {
  const { fake, go } = start();
  const old = fake.tasks.get(ONE) as TaskRow;
  fake.set(ONE, { at: "skipped", why: "broken", by: "doe", leg: 0 });
  await go(old);
  expect(happened(fake)).toEqual([]);
  expect(fake.state(ONE).at).toBe("skipped");
});

test("perform(): a person who skips the device during the look wins", async () => {
  const { fake, go, device } = start();
  let answer = (): void => {};
  device.silent = new Promise((resolve) => {
    answer = resolve;
  });
  const moving = go();
  await fake.clock.advance(0);
  fake.set(ONE, { at: "skipped", why: "broken", by: "doe", leg: 0 });
  answer();
  await moving;
  expect(fake.state(ONE).at).toBe("skipped");
  expect(fake.count(/reserve|offer|trigger/)).toBe(0);
});

test("perform(): an aborted drive starts no move", async () => {
  const { fake, go } = start();
  const row = fake.tasks.get(ONE) as TaskRow;
  expect(await go(row, AbortSignal.abort())).toBe(row);
  expect(fake.log).toEqual([]);
});

test("perform(): a campaign that is paused while its settings are looked for sends nothing, and gives the slot back", async () => {
  const holds: Hold[] = [];
  const { fake, looks, context } = start({ at: "planned" }, () => holds);
  const backup = async (): Promise<undefined> => {
    holds.push({ code: "paused", why: "paused by doe", endedBy: "doe" });
  };
  await perform(fake.tasks.get(ONE) as TaskRow, context, { ...fake.io, looks, backup }, new AbortController().signal);
  expect(fake.count(/offer|trigger/)).toBe(0);
  expect(fake.state(ONE)).toMatchObject({ at: "held", reasons: holds });
});

test("perform(): a device whose settings could not be given back is not touched, and asked about again later", async () => {
  const { fake, looks, context } = start();
  const io = { ...fake.io, looks, backup: async () => ({ why: "the copy cannot be given back", endedBy: "a person" }) };
  const after = await perform(fake.tasks.get(ONE) as TaskRow, context, io, new AbortController().signal);
  const hold = { code: "backup", why: "the copy cannot be given back", untilMs: NOW + 10 * MINUTE, endedBy: "a person" };
  expect(after.state).toMatchObject({ at: "held", reasons: [hold] });
  expect(fake.count(/reserve|offer|trigger/)).toBe(0);
  await fake.clock.advance(10 * MINUTE);
  const mended = await perform(after, context, { ...io, backup: async () => undefined }, new AbortController().signal);
  expect(mended.state).toMatchObject({ at: "commanded" });
});
