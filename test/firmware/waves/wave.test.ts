import fc from "fast-check";
import { expect, test } from "vitest";
import type { PlannedWave } from "../../../firmware/waves/shape.ts";
import { PROLONG_MAX, startsOf, stepWave, type WaveEvent, type WaveState, type WaveStep } from "../../../firmware/waves/wave.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { NOW } from "./builders.ts";

const WAVE: PlannedWave = { index: 2, tasks: [], failuresAllowed: 0, soakMs: 10 * MINUTE, proof: [] };
const UNTIL = NOW + WAVE.soakMs;
const byDoe = { gate: "health", by: "doe", failures: 1, atMs: NOW } as const;

const pending: WaveState = { at: "pending" };
const active: WaveState = { at: "active", sinceMs: NOW, accepted: [] };
const soaking: WaveState = { at: "soaking", untilMs: UNTIL, prolonged: 0, accepted: [] };
const heldWhileActive: WaveState = {
  at: "held",
  gate: "failureCount",
  why: "2 failed",
  failures: 2,
  sinceMs: NOW,
  was: { at: "active" },
  accepted: [byDoe],
};
const heldWhileSoaking: WaveState = { ...heldWhileActive, was: { at: "soaking", untilMs: UNTIL, prolonged: 1 } };
const passed: WaveState = { at: "passed", atMs: NOW };
const failed: WaveState = { at: "failed", why: "halted", atMs: NOW };
const STATES = [pending, active, soaking, { ...soaking, prolonged: PROLONG_MAX }, heldWhileActive, heldWhileSoaking, passed, failed];

const judged = (verdict: "pass" | "fail" | "inconclusive", failures = 0): WaveEvent => ({
  kind: "judged",
  verdict,
  gate: "failureCount",
  why: "counted",
  failures,
});
const resumed: WaveEvent = { kind: "resumed", by: "roe", gateNamed: "failureCount", failures: 2 };
const EVENTS: readonly WaveEvent[] = [
  { kind: "started", previousPassed: true },
  { kind: "started", previousPassed: false },
  { kind: "landed", updated: 3 },
  { kind: "landed", updated: 0 },
  { kind: "tookOff" },
  judged("pass"),
  judged("fail", 2),
  judged("inconclusive", 1),
  { ...judged("inconclusive", 1), unclear: { do: "asks" } } as WaveEvent,
  { ...judged("inconclusive", 1), unclear: { do: "waits", untilMs: UNTIL + 15 * MINUTE } } as WaveEvent,
  resumed,
  { ...resumed, gateNamed: "health" } as WaveEvent,
  { kind: "ended", why: "halted" },
];

const take = (state: WaveState, event: WaveEvent, nowMs = NOW): WaveStep => stepWave(state, event, WAVE, nowMs);
const next = (state: WaveState, event: WaveEvent, nowMs = NOW): WaveState => {
  const step = take(state, event, nowMs);
  return "next" in step ? step.next : state;
};
const pairs = STATES.flatMap((state) => EVENTS.map((event) => ({ state, event })));

test("stepWave(): every state answers every event with a state, or with the event ignored and words for its sender", () => {
  for (const { state, event } of pairs) {
    const step = take(state, event);
    if ("next" in step) expect(STATES.map(({ at }) => at)).toContain(step.next.at);
    else expect(step).toEqual({ ignored: event, reason: expect.stringMatching(/\S/) });
  }
});

test.each([passed, failed])("stepWave(): a wave that has $at never changes", (state) => {
  for (const event of EVENTS) expect("ignored" in take(state, event, UNTIL)).toBe(true);
});

test("stepWave(): I10 passed is reached only from a soak that is over, by a pass", () => {
  for (const nowMs of [NOW, UNTIL - 1, UNTIL]) {
    for (const { state, event } of pairs.filter(
      (pair) => pair.state.at !== "passed" && next(pair.state, pair.event, nowMs).at === "passed",
    )) {
      expect(state.at).toBe("soaking");
      expect(event).toMatchObject({ kind: "judged", verdict: "pass" });
      expect(nowMs).toBe(UNTIL);
    }
  }
});

test("stepWave(): random walks never leave a hold but by a resume that names the gate, or by the campaign's end", () => {
  const walk = fc.array(fc.record({ event: fc.constantFrom(...EVENTS), waitMs: fc.nat(WAVE.soakMs) }), { maxLength: 50 });
  fc.assert(
    fc.property(walk, (steps) => {
      let state: WaveState = pending;
      let nowMs = NOW;
      for (const { event, waitMs } of steps) {
        nowMs += waitMs;
        const after = next(state, event, nowMs);
        if (state.at === "held" && after !== state) {
          expect(event.kind === "ended" || (event.kind === "resumed" && event.gateNamed === state.gate)).toBe(true);
        }
        if (after.at === "soaking") expect(after.prolonged).toBeLessThanOrEqual(PROLONG_MAX);
        state = after;
      }
    }),
    { numRuns: 1_000 },
  );
});

test("stepWave(): I11 a wave does not start before the one before has passed", () => {
  expect(take(pending, { kind: "started", previousPassed: false })).toMatchObject({ reason: "the wave before has not passed" });
  expect(next(pending, { kind: "started", previousPassed: true })).toEqual(active);
});

test("stepWave(): the soak begins when the last device has landed", () => {
  expect(next(active, { kind: "landed", updated: 3 })).toEqual(soaking);
});

test("stepWave(): where nobody was updated there is nothing to watch", () => {
  expect(next(active, { kind: "landed", updated: 0 })).toEqual({ ...soaking, untilMs: NOW });
});

test("stepWave(): too many failures hold an active wave at once", () => {
  expect(next(active, judged("fail", 2))).toEqual({ ...heldWhileActive, why: "counted", accepted: [] });
});

test.each(["pass", "inconclusive"] as const)("stepWave(): a verdict of %s says nothing while devices are under way", (verdict) => {
  expect(next(active, judged(verdict))).toBe(active);
});

test("stepWave(): a failure during the soak holds before the soak is over", () => {
  expect(next(soaking, judged("fail", 2))).toMatchObject({ at: "held", was: { at: "soaking", untilMs: UNTIL, prolonged: 0 } });
});

test("stepWave(): an inconclusive end of the soak lengthens it twice, then asks a person", () => {
  let state: WaveState = soaking;
  let nowMs = UNTIL;
  for (let prolonged = 1; prolonged <= 2; prolonged++) {
    state = next(state, judged("inconclusive", 1), nowMs);
    expect(state).toMatchObject({ at: "soaking", untilMs: nowMs + WAVE.soakMs, prolonged });
    nowMs += WAVE.soakMs;
  }
  expect(next(state, judged("inconclusive", 1), nowMs)).toMatchObject({ at: "held", failures: 1, sinceMs: nowMs });
});

test("stepWave(): a device that takes off again makes the wave active, and its soak begins anew", () => {
  const again = next({ ...soaking, prolonged: 2, accepted: [byDoe] }, { kind: "tookOff" });
  expect(again).toEqual({ ...active, accepted: [byDoe] });
  expect(next(again, { kind: "landed", updated: 3 }, UNTIL)).toMatchObject({ untilMs: UNTIL + WAVE.soakMs, prolonged: 0 });
});

test("stepWave(): a resume that names another gate is ignored", () => {
  expect(take(heldWhileActive, { ...resumed, gateNamed: "health" })).toMatchObject({
    reason: 'held by gate "failureCount", not by "health"',
  });
});

test("stepWave(): a resume goes back to where it was held, with what the person accepts", () => {
  const accepted = [byDoe, { gate: "failureCount", by: "roe", failures: 2, atMs: UNTIL }];
  expect(next(heldWhileActive, resumed, UNTIL)).toEqual({ at: "active", sinceMs: UNTIL, accepted });
  expect(next(heldWhileSoaking, resumed, UNTIL)).toEqual({ at: "soaking", untilMs: UNTIL, prolonged: 1, accepted });
});

test("stepWave(): a second acceptance at one gate takes the place of the first", () => {
  const again = next(active, judged("fail", 1));
  const once = next(again, { ...resumed, failures: 1 } as WaveEvent);
  const twice = next(next(once, judged("fail", 2)), resumed);
  expect(twice).toMatchObject({ accepted: [{ gate: "failureCount", failures: 2 }] });
});

test.each([pending, active, soaking, heldWhileActive])("stepWave(): the campaign's end ends a wave that is $at", (state) => {
  expect(next(state, { kind: "ended", why: "halted by roe" }, UNTIL)).toEqual({ at: "failed", why: "halted by roe", atMs: UNTIL });
});

test("stepWave(): a gate that asks a person holds the wave at once, without a longer soak", () => {
  const event = { ...judged("inconclusive", 1), gate: "person", unclear: { do: "asks" } } as WaveEvent;
  expect(next(soaking, event, UNTIL)).toMatchObject({ at: "held", gate: "person", was: { at: "soaking", untilMs: UNTIL } });
});

test("stepWave(): a gate that waits lengthens the soak until its moment, never past it, and then a person is asked", () => {
  const untilMs = UNTIL + 15 * MINUTE;
  const event = { ...judged("inconclusive", 1), gate: "realUse", unclear: { do: "waits", untilMs } } as WaveEvent;
  const first = next(soaking, event, UNTIL);
  expect(first).toEqual({ ...soaking, untilMs: UNTIL + 10 * MINUTE });
  const second = next(first, event, UNTIL + 10 * MINUTE);
  expect(second).toEqual({ ...soaking, untilMs });
  expect(next(second, event, untilMs)).toMatchObject({ at: "held", gate: "realUse" });
  // However often it waited, other doubts have their longer soaks still.
  expect(next(second, judged("inconclusive"), untilMs)).toMatchObject({ at: "soaking", prolonged: 1 });
});

test("startsOf(): since when the active ones have been so", () => {
  const waves = [
    { index: 1, state: { at: "passed", atMs: 5 } },
    { index: 2, state: { at: "active", sinceMs: 7, accepted: [] } },
    { index: 3, state: { at: "pending" } },
  ] as const;
  expect([...startsOf(waves)]).toEqual([[2, 7]]);
});
