import { expect, test } from "vitest";
import type { TaskState } from "../../../firmware/waves/task-state.ts";
import { attempt, busy, commanded, EVENTS, fault, next, POLICY } from "./task-kit.ts";

test.each(["reserved", "commanded", "applying", "rebooting", "verifying", "soaking"] as const)(
  "stepTask(): I7 after a restart a device that was %s cannot be skipped until looked at",
  (was) => {
    const unknown: TaskState = { at: "unknown", attempt, was, deadlineMs: 1 };
    expect(next(unknown, { kind: "skippedByPerson", by: "j", why: "broken" })).toBe(unknown);
  },
);

const armed: TaskState = { at: "armed", why: "silent", sinceMs: 0, deadlineMs: 1_000, tries: 1, leg: 1 };

test("stepTask(): a device that does not answer is armed until its own end, which nothing moves", () => {
  const first = next({ at: "staged", tries: 1, leg: 1 }, { kind: "foundOffline", why: "silent" });
  expect(first).toEqual({ ...armed, sinceMs: 10, deadlineMs: 10 + POLICY.armedFor });
  for (const event of EVENTS) {
    const after = next(armed, event);
    if (after.at === "armed") expect(after).toBe(armed);
  }
});

test("stepTask(): a device that stayed away is left out by the policy, not by a person, with the leg it had come to", () => {
  expect(next(armed, { kind: "stayedAway", why: "it did not come back" })).toEqual({
    ...{ at: "skipped", why: "it did not come back", by: "the policy of the plan", leg: 1, byPolicy: true },
  });
  expect(next({ at: "staged", tries: 0, leg: 0 }, { kind: "stayedAway", why: "no" }).at).toBe("staged");
});

test("stepTask(): I17 one that is armed takes a slot when it is back, and keeps its own end while it is in use", () => {
  expect(next(armed, { kind: "reserved", token: "t9" })).toMatchObject({ at: "reserved", attempt: { number: 2, token: "t9", leg: 1 } });
  expect(next(armed, { kind: "foundBusy", inUse: busy })).toBe(armed);
});

test("stepTask(): a straggler's failure says during which wave it came", () => {
  const rebooting: TaskState = { at: "rebooting", attempt, deadlineMs: 1 };
  expect(next(rebooting, { kind: "silent", lastSign: "gone", duringWave: 3 })).toMatchObject({ at: "lost", duringWave: 3 });
  const failed = { kind: "failed", cause: "otherVersion", fault, seenHealthy: false, retry: false, duringWave: 0 } as const;
  expect(next(rebooting, failed)).toMatchObject({ at: "failed", duringWave: 0 });
  const refused = { kind: "commandFaulted", fault: { kind: "denied", via: "https" }, certain: true, duringWave: 2 } as const;
  expect(next(commanded(2, 0), refused)).toMatchObject({ at: "failed", cause: "commandRefused", duringWave: 2 });
});
