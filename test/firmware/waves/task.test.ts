import fc from "fast-check";
import { expect, test } from "vitest";
import { noRetryWords } from "../../../firmware/waves/retry.ts";
import { stepTask } from "../../../firmware/waves/task.ts";
import {
  attemptsSpent,
  isAtRisk,
  isFinal,
  isUntouched,
  legOf,
  type TaskEvent,
  type TaskState,
} from "../../../firmware/waves/task-state.ts";
import { NOW, policy } from "./builders.ts";
import { attempt, busy, commanded, EVENTS, fault, hold, isRevert, mayFlash, next, OTHER, POLICY, pairs, STATES } from "./task-kit.ts";

test("stepTask(): every state answers every event with a state or with the event ignored", () => {
  for (const { state, event } of pairs) {
    const step = stepTask(state, event, POLICY, 10);
    if ("ignored" in step) expect(step.ignored).toBe(event);
    else expect(typeof step.next.at).toBe("string");
  }
});

test("stepTask(): a final state never changes, except that what we updated may turn out unwell, what was not seen well may be so later, and a person may have a harmless failure tried again or write a device off", () => {
  for (const { state, event } of pairs.filter((pair) => isFinal(pair.state) && !isRevert(pair.event))) {
    const after = next(state, event);
    const writtenOff = event.kind === "writtenOffByPerson" && ["failed", "lost", "refused", "revertFailed"].includes(state.at);
    const leftOut = event.kind === "skippedByPerson" && state.at === "refused";
    const fell = event.kind === "foundFallen" && state.at === "succeeded" && state.how === "updated";
    const well = event.kind === "foundWell" && isAtRisk(state) && (state.at === "lost" || state.at === "failed");
    const again = event.kind === "retriedByPerson" && noRetryWords(state) === undefined;
    expect(after.at).toBe(writtenOff || leftOut ? "skipped" : fell ? "failed" : again ? "staged" : state.at);
    if (!writtenOff && !leftOut && !fell && !again && !well) expect(after).toBe(state);
  }
});

test("stepTask(): only what waits and was never commanded is replaced, and it keeps its leg", () => {
  for (const { state, event } of pairs.filter((pair) => pair.event.kind === "replaced")) {
    const after = next(state, event);
    if (isUntouched(state)) expect(after).toEqual({ at: "replaced", by: OTHER, leg: legOf(state, 0) });
    else expect(after).toBe(state);
  }
  expect(new Set(STATES.filter(isUntouched).map(({ at }) => at))).toEqual(new Set(["planned", "staged", "held", "deferred", "armed"]));
});

test("stepTask(): commanded is only reached from reserved, or from itself", () => {
  for (const { state, event } of pairs) {
    if (next(state, event).at === "commanded" && state.at !== "commanded") expect(state.at).toBe("reserved");
  }
});

test("stepTask(): a device that may be flashing is never skipped, retried or put back into the queue", () => {
  for (const { state, event } of pairs.filter((pair) => mayFlash(pair.state))) {
    const allowed = ["applying", "rebooting", "verifying", "unknown", "failed", "failedRetryable", "lost"];
    expect(allowed).toContain(next(state, event).at);
    if (event.kind === "skippedByPerson") expect(next(state, event)).toBe(state);
  }
});

test("stepTask(): I7 what was touched is never skipped, by whomever", () => {
  for (const { state, event } of pairs.filter((pair) => isAtRisk(pair.state) || pair.state.at === "failed"))
    if (event.kind === "skippedByPerson") expect(next(state, event)).toBe(state);
});

test("stepTask(): I7 what is at risk stays at risk until seen healthy, found never commanded, or written off by a person", () => {
  for (const { state, event } of pairs.filter((pair) => isAtRisk(pair.state))) {
    const after = next(state, event);
    if (isAtRisk(after)) continue;
    // A failure is only retried where the device was seen healthy after it.
    const healthy = after.at === "succeeded" || after.at === "failedRetryable" || (after.at === "failed" && after.seenHealthy);
    const cancelled = event.kind === "commandFaulted" && event.fault.kind === "cancelled";
    // A leg is done when the checks have passed.
    const done = state.at === "verifying" && event.kind === "legDone";
    const back = event.kind === "revertDone" && state.at === "reverting";
    const seenWell = event.kind === "foundWell" && (state.at === "lost" || state.at === "failed");
    const untouched = state.at === "reserved" || event.kind === "neverCommanded" || cancelled;
    expect(
      healthy || done || back || seenWell || untouched || event.kind === "writtenOffByPerson",
      `${state.at} ${event.kind} ${after.at}`,
    ).toBe(true);
  }
});

test("stepTask(): random walks never give an attempt back, except one that was surely never sent", () => {
  fc.assert(
    fc.property(fc.array(fc.record({ event: fc.constantFrom(...EVENTS), waitMs: fc.nat(30_000) }), { maxLength: 60 }), (walk) => {
      let state: TaskState = { at: "planned" };
      let nowMs = 0;
      for (const { event, waitMs } of walk) {
        nowMs += waitMs;
        const after = next(state, event, nowMs);
        const mayMove = isRevert(event) || ["skippedByPerson", "writtenOffByPerson", "retriedByPerson", "foundWell"].includes(event.kind);
        if (isFinal(state) && !mayMove) expect(after).toBe(state);
        const cancelled = event.kind === "commandFaulted" && event.fault.kind === "cancelled";
        const gaveBack = event.kind === "neverCommanded" || state.at === "reserved" || cancelled;
        if (!isFinal(after)) expect(attemptsSpent(after)).toBeGreaterThanOrEqual(attemptsSpent(state) - (gaveBack ? 1 : 0));
        if (after.at === "commanded" && state.at !== "commanded") expect(state.at).toBe("reserved");
        expect(legOf(after, 99)).toBeGreaterThanOrEqual(legOf(state, 99));
        // A deadline is kept or set anew; one that is set lies ahead.
        const keptMs = "deadlineMs" in state ? state.deadlineMs : undefined;
        if ("deadlineMs" in after && after.deadlineMs !== keptMs) expect(after.deadlineMs).toBeGreaterThanOrEqual(nowMs);
        state = after;
      }
    }),
    { numRuns: 2_000 },
  );
});

test("stepTask(): the good way runs from planned to succeeded", () => {
  const way: TaskEvent["kind"][] = [
    "imageStaged",
    "reserved",
    "commandIntended",
    "commandAccepted",
    "imageRequested",
    "wentDown",
    "answered",
    "checksPassed",
    "soakPassed",
  ];
  let state: TaskState = { at: "planned" };
  for (const kind of way) state = next(state, EVENTS.find((event) => event.kind === kind) as TaskEvent);
  expect(state).toEqual({ at: "succeeded", how: "updated" });
});

test("stepTask(): after a leg that others follow the next one waits like a fresh task, with the attempts it has spent", () => {
  const verifying: TaskState = { at: "verifying", attempt: { number: 2, token: "t2", leg: 0 }, deadlineMs: 1 };
  const between = next(verifying, { kind: "legDone" });
  expect(between).toEqual({ at: "staged", tries: 2, leg: 1 });
  expect(next(between, { kind: "reserved", token: "t3" })).toMatchObject({ at: "reserved", attempt: { number: 3, token: "t3", leg: 1 } });
  expect(next(between, { kind: "foundAhead", leg: 1 })).toBe(between);
  expect(next(between, { kind: "foundAhead", leg: 2 })).toEqual({ at: "staged", tries: 2, leg: 2 });
});

test("stepTask(): each leg adds one attempt to those a device may get in one plan", () => {
  const failed: TaskEvent = { kind: "failed", cause: "neverReacted", fault, seenHealthy: true, retry: true };
  expect(next(commanded(2, 0), failed)).toMatchObject({ at: "failed", leg: 0 });
  expect(next(commanded(2, 1), failed)).toMatchObject({ at: "failedRetryable" });
  expect(next(commanded(3, 1), failed)).toMatchObject({ at: "failed", leg: 1 });
});

test("stepTask(): how it ended says at which leg", () => {
  expect(next(commanded(2, 1), { kind: "silent", lastSign: "gone" })).toMatchObject({ at: "lost", leg: 1 });
  expect(next({ at: "staged", tries: 1, leg: 1 }, { kind: "foundUnfit", why: "another" })).toMatchObject({ at: "refused", leg: 1 });
  expect(next({ at: "staged", tries: 1, leg: 1 }, { kind: "skippedByPerson", by: "j", why: "no" })).toMatchObject({
    at: "skipped",
    leg: 1,
  });
});

test("stepTask(): I1 what speaks against the command after the slot was taken gives slot and attempt back", () => {
  const second: TaskState = { at: "reserved", attempt: { number: 2, token: "t2", leg: 0 }, deadlineMs: 60_000 };
  expect(next(second, { kind: "holdsFound", reasons: [hold] })).toMatchObject({ at: "held", tries: 1, leg: 0 });
  expect(next(second, { kind: "foundBusy", inUse: busy })).toMatchObject({ at: "deferred", tries: 1, leg: 0 });
  expect(next(second, { kind: "foundUnfit", why: "another device" })).toMatchObject({ at: "refused" });
  const first: TaskState = { at: "reserved", attempt, deadlineMs: 60_000 };
  expect(next(first, { kind: "foundCurrent" })).toEqual({ at: "succeeded", how: "alreadyCurrent" });
});

test("stepTask(): I16 one that was commanded before is no success when it is found current, and watched once it has a slot", () => {
  expect(next({ at: "staged", tries: 0, leg: 0 }, { kind: "foundCurrent" })).toEqual({ at: "succeeded", how: "alreadyCurrent" });
  const tried: TaskState = { at: "staged", tries: 1, leg: 0 };
  expect(next(tried, { kind: "foundCurrent" })).toBe(tried);
  const answered = { kind: "answered", version: "6.4.8", verifyMs: 1_000 } as const;
  const again = { number: 2, token: "t2", leg: 0 };
  const second: TaskState = { at: "reserved", attempt: again, deadlineMs: 60_000 };
  expect(next(second, answered)).toEqual({ at: "verifying", attempt: again, deadlineMs: 1_010 });
  const first: TaskState = { at: "reserved", attempt, deadlineMs: 60_000 };
  expect(next(first, answered)).toBe(first);
});

test("stepTask(): I17 a user who keeps a device from going down moves its deadline", () => {
  const wait = { kind: "waitsForUser", inUse: busy, reactMs: 1_000 } as const;
  for (const at of ["applying", "rebooting"] as const)
    expect(next({ at, attempt, deadlineMs: 1 }, wait)).toEqual({ at, attempt, deadlineMs: 1_010 });
});

test("stepTask(): a command that a person stopped before it was sent does not count as an attempt", () => {
  const commanded: TaskState = {
    at: "commanded",
    attempt: { number: 2, token: "t2", leg: 0 },
    accepted: false,
    commandedAtMs: 0,
    deadlineMs: 1,
  };
  const cancelled = { kind: "cancelled", by: "operator" } as const;
  expect(next(commanded, { kind: "commandFaulted", fault: cancelled, certain: true })).toEqual({ at: "staged", tries: 1, leg: 0 });
  expect(next(commanded, { kind: "commandFaulted", fault: cancelled, certain: false })).toBe(commanded);
});

test("stepTask(): I16 what succeeded through us and is not well any more has failed after all; nothing else falls", () => {
  const fault = { kind: "mismatch", wanted: "6.4.8.1190", found: "6.4.6.2494" } as const;
  const event = { kind: "foundFallen", cause: "fellBackLater", fault, seenHealthy: true, lastLeg: 1, duringWave: 3 } as const;
  expect(stepTask({ at: "succeeded", how: "updated" }, event, policy(), NOW)).toEqual({
    next: { at: "failed", cause: "fellBackLater", fault, seenHealthy: true, leg: 1, duringWave: 3 },
  });
  expect(stepTask({ at: "succeeded", how: "alreadyCurrent" }, event, policy(), NOW)).toEqual({ ignored: event });
  expect(stepTask({ at: "planned" }, event, policy(), NOW)).toEqual({ ignored: event });
});

test("stepTask(): I7 a lost device that is seen well stays lost, and one that ended unwell stays failed: only their places are free", () => {
  const well = { kind: "foundWell", version: "6.4.6" } as const;
  for (const state of STATES) {
    const after = next(state, well);
    const mayReturn = (state.at === "lost" || state.at === "failed") && isAtRisk(state);
    if (!mayReturn) expect(after).toBe(state);
    else {
      expect(isAtRisk(after)).toBe(false);
      const { seenWell: _seen, ...kept } = { seenWell: undefined, ...after };
      expect(kept).toEqual(state.at === "failed" ? { ...state, seenHealthy: true } : state);
      expect(next(after, well, 99)).toBe(after);
    }
  }
  const lost: TaskState = { at: "lost", sinceMs: 0, lastSign: "rebooting", leg: 1, duringWave: 3 };
  expect(next(lost, well)).toEqual({ ...lost, seenWell: { atMs: 10, version: "6.4.6" } });
});

test("stepTask(): I7 one that was lost is tried again for a person once it was seen well, and never before", () => {
  const lost: TaskState = { at: "lost", sinceMs: 0, lastSign: "rebooting", leg: 1 };
  const again = { kind: "retriedByPerson", by: "j", tries: 2 } as const;
  expect(next(lost, again)).toBe(lost);
  expect(next(next(lost, { kind: "foundWell", version: "6.4.6" }), again)).toEqual({ at: "staged", tries: 2, leg: 1 });
});
