import fc from "fast-check";
import { expect, test } from "vitest";
import { afterBusy, heldFor } from "../../../firmware/waves/deferral.ts";
import { type Hold, isFinal, type TaskState } from "../../../firmware/waves/task-state.ts";
import { HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { NOW, policy } from "./builders.ts";

const inUse = { state: "busy", reason: "in a call" } as const;
const busy = { kind: "foundBusy", inUse } as const;
const staged: TaskState = { at: "staged", tries: 1, leg: 1 };
const closed: Hold = { code: "window", why: "the window is closed", endedBy: "the window opening" };
const budget: Hold = { code: "budget", why: "the limit", endedBy: "another" };
const UNTIL = NOW + 4 * HOUR;
const TOMORROW = NOW + 20 * HOUR;
const first = afterBusy(staged, busy, policy(), NOW);

test("afterBusy(): a device in use is looked at again and again, until its deferral is over", () => {
  expect(first).toEqual({ at: "deferred", inUse, sinceMs: NOW, nextLookMs: NOW + MINUTE, deadlineMs: UNTIL, tries: 1, leg: 1 });
  expect(afterBusy(first, busy, policy(), UNTIL - 1)).toEqual({ ...first, nextLookMs: UNTIL - 1 + MINUTE });
});

test("afterBusy(): afterDeferral nextWindow waits for the next opening, with its time anew, and leaves it out after the last", () => {
  const next = { ...busy, nextOpeningMs: TOMORROW };
  const second = afterBusy(first, next, policy({ deferralsMax: 2 }), UNTIL);
  expect(second).toEqual({ ...first, nextLookMs: TOMORROW, deadlineMs: TOMORROW + 4 * HOUR, number: 2 });
  const over = afterBusy(second, next, policy({ deferralsMax: 2 }), TOMORROW + 4 * HOUR);
  expect(over).toEqual({
    ...{ at: "skipped", by: "the policy of the plan", byPolicy: true, leg: 1 },
    why: "it was in use whenever it was looked at, 2 times up to 4 h: in a call",
  });
  // Nothing opens any more.
  expect(afterBusy(first, busy, policy(), UNTIL)).toMatchObject({ at: "skipped", byPolicy: true });
});

test("afterBusy(): afterDeferral skip leaves it out at once, fail counts it as a failure of its wave", () => {
  const next = { ...busy, nextOpeningMs: TOMORROW };
  expect(afterBusy(first, next, policy({ afterDeferral: "skip" }), UNTIL)).toMatchObject({ at: "skipped", byPolicy: true });
  expect(afterBusy(first, next, policy({ afterDeferral: "fail" }), UNTIL)).toMatchObject({
    ...{ at: "failed", cause: "busyTooLong", seenHealthy: true, leg: 1 },
  });
});

test("heldFor(): a budget that is full leaves a deferral running; a window that closes ends it, and it has its time anew", () => {
  const full = heldFor(first, [budget], NOW + MINUTE);
  expect(full).toMatchObject({ at: "held", deferral: { deadlineMs: UNTIL, windowClosed: false } });
  expect(afterBusy(full, busy, policy(), NOW + HOUR)).toMatchObject({ at: "deferred", sinceMs: NOW, deadlineMs: UNTIL });
  const over = heldFor(full, [closed], NOW + HOUR);
  expect(heldFor(over, [budget], NOW + 2 * HOUR)).toMatchObject({ sinceMs: NOW + MINUTE, deferral: { windowClosed: true } });
  const again = afterBusy(over, busy, policy(), TOMORROW);
  expect(again).toMatchObject({ at: "deferred", sinceMs: NOW, deadlineMs: TOMORROW + 4 * HOUR, number: 2 });
});

test("heldFor(): what was never in use has no deferral", () => {
  expect(heldFor(staged, [closed], NOW)).toEqual({ at: "held", reasons: [closed], sinceMs: NOW, tries: 1, leg: 1 });
});

const untilOf = (state: TaskState): number | undefined =>
  state.at === "held" ? state.deferral?.deadlineMs : state.at === "deferred" ? state.deadlineMs : undefined;

test("afterBusy(): I17 whoever is always in use ends, however windows and budgets come and go", () => {
  const rules = fc.record({
    afterDeferral: fc.constantFrom("nextWindow", "skip", "fail"),
    deferralsMax: fc.integer({ min: 1, max: 30 }),
  });
  const moment = fc.record({ waitMs: fc.integer({ min: 1, max: 5 * HOUR }), hold: fc.constantFrom(undefined, closed, budget) });
  fc.assert(
    fc.property(rules, fc.array(moment, { minLength: 1, maxLength: 40 }), (rule, moments) => {
      const terms = policy(rule);
      let state = staged as TaskState;
      let nowMs = NOW;
      let begun = 0;
      for (let i = 0; !isFinal(state); i++) {
        const { waitMs, hold } = moments[i % moments.length] as (typeof moments)[number];
        nowMs += waitMs;
        if (hold !== undefined) state = heldFor(state, [hold], nowMs);
        const before = untilOf(state);
        state = afterBusy(state, { ...busy, nextOpeningMs: nowMs + 3 * HOUR }, terms, nowMs);
        if (state.at !== "deferred") break;
        expect(state.deadlineMs).toBeGreaterThan(nowMs);
        expect(state.nextLookMs).toBeGreaterThan(nowMs);
        if (state.deadlineMs !== before) begun++;
        nowMs = Math.max(nowMs, state.nextLookMs);
      }
      expect(begun).toBeLessThanOrEqual(terms.deferralsMax);
      expect(["skipped", "failed"]).toContain(state.at);
    }),
    { numRuns: 300 },
  );
});
