import fc from "fast-check";
import { expect, test } from "vitest";
import type { TaskState } from "../../../firmware/waves/task-state.ts";
import { SECOND } from "../../../protocols/core/time.ts";
import { candidate, deviceOf, NOW, policy } from "./builders.ts";
import { fakeDrive } from "./fake-drive.ts";

const attempt = { number: 1, token: "token-old", leg: 0 };
const TOUCHED: readonly TaskState[] = [
  { at: "reserved", attempt, deadlineMs: NOW },
  { at: "commanded", attempt, accepted: true, commandedAtMs: NOW, deadlineMs: NOW },
  { at: "applying", attempt, deadlineMs: NOW },
  { at: "rebooting", attempt, deadlineMs: NOW },
  { at: "verifying", attempt, deadlineMs: NOW },
  { at: "soaking", attempt, untilMs: NOW },
];

test.each(TOUCHED)(
  "recover(): $at becomes unknown, its image is offered again unless only reserved, and nothing is triggered",
  async (state) => {
    const fake = fakeDrive([candidate(1)]);
    fake.set(deviceOf(1), state);
    await fake.drive.recover();
    expect(fake.state(deviceOf(1))).toMatchObject({ at: "unknown", was: state.at, attempt });
    expect([...fake.offers]).toEqual(state.at === "reserved" ? [] : ["token-old"]);
    expect(fake.count(/trigger/)).toBe(0);
    // A second restart changes nothing but the time given.
    await fake.another().recover();
    expect(fake.state(deviceOf(1))).toMatchObject({ at: "unknown", was: state.at });
  },
);

test.each<TaskState>([
  { at: "planned" },
  { at: "staged", tries: 0, leg: 0 },
  { at: "succeeded", how: "updated" },
  { at: "lost", sinceMs: 0, lastSign: "x", leg: 0 },
])("recover(): $at stays", async (state) => {
  const fake = fakeDrive([candidate(1)]);
  fake.set(deviceOf(1), state);
  await fake.drive.recover();
  expect(fake.state(deviceOf(1))).toEqual(state);
});

test("recover(): I9 in a halted campaign nothing is offered again", async () => {
  const fake = fakeDrive([candidate(1)]);
  fake.set(deviceOf(1), TOUCHED[1] as TaskState);
  fake.campaignIs({ at: "halted", atMs: NOW, cause: { by: "doe", why: "enough" }, wave: 1 });
  await fake.drive.recover();
  expect(fake.state(deviceOf(1)).at).toBe("unknown");
  expect([...fake.offers]).toEqual([]);
  await fake.drive.recoverOffers();
  expect([...fake.offers]).toEqual([]);
});

test("recoverOffers(): what may still take its image is offered again, the rest is not", async () => {
  const fake = fakeDrive([1, 2, 3, 4].map((number) => candidate(number)));
  const [, commanded, applying, rebooting] = TOUCHED as [TaskState, TaskState, TaskState, TaskState];
  const states = [commanded, applying, rebooting, { at: "staged", tries: 0, leg: 0 } as TaskState];
  for (const [at, state] of states.entries()) {
    fake.set(deviceOf(at + 1), "attempt" in state ? ({ ...state, attempt: { number: 1, token: `token-${at}` } } as TaskState) : state);
  }
  await fake.drive.recoverOffers();
  expect([...fake.offers].toSorted()).toEqual(["token-0", "token-1"]);
});

test("drive: I21 a command that was never sent before the crash is sent by a new attempt, the lost one does not count", async () => {
  const fake = fakeDrive([candidate(1)]);
  await fake.settle();
  fake.log.length = 0;
  fake.set(deviceOf(1), TOUCHED[0] as TaskState);
  await fake.drive.recover();
  await fake.settle();
  expect(fake.state(deviceOf(1))).toMatchObject({ at: "commanded", attempt: { number: 1 } });
  expect(fake.count(/trigger/)).toBe(1);
});

test("drive: I20 two drives over the same rows, with restarts at any moment, trigger no attempt twice", async () => {
  const act = fc.constantFrom("a", "b", "restart", "wait", "image", "done", "back");
  await fc.assert(
    fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 25 }), async (acts) => {
      const fake = fakeDrive(
        [1, 2, 3].map((number) => candidate(number)),
        { policy: policy({ soak: "1m" }) },
      );
      let other = fake.another();
      const signal = new AbortController().signal;
      for (const one of acts) {
        if (one === "a") void fake.drive.turn(signal);
        if (one === "b") void other.turn(signal);
        if (one === "restart") {
          other = fake.another();
          void other.recover();
        }
        if (one === "wait") await fake.clock.advance(30 * SECOND);
        for (const { device, state } of fake.tasks.values()) {
          if (one === "image" && state.at === "commanded") fake.imageStarted(device);
          if (one === "done" && state.at === "applying") fake.imageDelivered(device);
          if (one === "back" && state.at === "rebooting") fake.device(device).running = fake.plan.release.version;
        }
      }
      await fake.settle();
      await fake.settle(other);
      // As many commands as attempts whose intent was written, never more.
      for (const id of fake.tasks.keys()) {
        const name = id.slice(-2);
        expect(fake.count(new RegExp(`^${name} trigger`))).toBeLessThanOrEqual(fake.count(new RegExp(`^${name} commandIntended`)));
        expect(fake.count(new RegExp(`^${name} commandIntended`))).toBeLessThanOrEqual(fake.count(new RegExp(`^${name} reserve`)));
      }
      expect(fake.bugs).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
