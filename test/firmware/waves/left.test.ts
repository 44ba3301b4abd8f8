import { expect, test } from "vitest";
import type { MeasuredStep } from "../../../firmware/waves/forecast-measured.ts";
import { LATE } from "../../../firmware/waves/forecast-plays.ts";
import { timeLeft } from "../../../firmware/waves/left.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { TaskState } from "../../../firmware/waves/task-state.ts";
import type { WaveState } from "../../../firmware/waves/wave.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { candidate, NOW, planInput, policy } from "./builders.ts";
import { APPLYING, UPDATED } from "./gates/builders.ts";

const plan = makePlan(
  planInput(
    Array.from({ length: 8 }, (_, i) => candidate(i + 1)),
    { policy: policy({ soak: "15m" }) },
  ),
);
const waveOf = new Map(plan.waves.flatMap(({ index, tasks }) => tasks.map((task) => [task, index] as const)));

/** The state of each task by its place in the plan. */
const left = (stateOf: (at: number, wave: number) => TaskState, waves: readonly WaveState[] = [], nowMs = NOW) =>
  timeLeft({
    plan,
    nowMs,
    waves: waves.map((state, i) => ({ index: i + 1, state })),
    tasks: plan.tasks.map(({ id }, at) => ({ id, wave: waveOf.get(id) ?? 0, sinceMs: NOW, state: stateOf(at, waveOf.get(id) ?? 0) })),
  });

test("timeLeft(): before anything has begun it is the plan's own forecast", () => {
  const { finishP50AtMs, finishP90AtMs } = plan.forecast;
  const now = left(() => ({ at: "planned" }));
  expect(finishP50AtMs - now.finishP50AtMs).toBeLessThan(MINUTE);
  expect(finishP90AtMs - now.finishP90AtMs).toBeLessThan(MINUTE);
  expect(now.finishP90AtMs).toBeLessThanOrEqual(finishP90AtMs);
});

test("timeLeft(): each wave that is over takes its time off, and at the end nothing is left", () => {
  const over: WaveState = { at: "passed", atMs: NOW };
  const passed = (gone: number): WaveState[] => plan.waves.map(({ index }) => (index <= gone ? over : { at: "pending" }));
  const after = plan.waves.map((_, gone) => left((_at, wave) => (wave <= gone ? UPDATED : { at: "planned" }), passed(gone)).finishP90AtMs);
  expect(after).toEqual(after.toSorted((a, b) => b - a));
  expect(new Set(after).size).toBe(after.length);
  expect(left(() => UPDATED, passed(plan.waves.length))).toEqual({ finishP50AtMs: NOW, finishP90AtMs: NOW });
});

const passedBut = (last: number): WaveState[] =>
  plan.waves.map(({ index }) => (index < last ? { at: "passed", atMs: NOW } : { at: "pending" }));
/** The last task is all that is left. */
const lastOnly = (state: TaskState, nowMs = NOW, measured: readonly MeasuredStep[] = []) => {
  const last = plan.tasks.at(-1)?.id;
  const tasks = plan.tasks.map(({ id }) => ({ id, wave: waveOf.get(id) ?? 0, sinceMs: NOW, state: id === last ? state : UPDATED }));
  const waves = passedBut(plan.waves.length).map((wave, at) => ({ index: at + 1, state: wave }));
  return timeLeft({ plan, nowMs, waves, tasks, measured });
};
const attempt = { number: 1, token: "t", leg: 0 };
const between = (valueMs: number, lowMs: number, highMs: number): void => {
  expect(valueMs).toBeGreaterThanOrEqual(lowMs);
  expect(valueMs).toBeLessThanOrEqual(highMs);
};

test("timeLeft(): a device under way still needs its step and its soak; a soaking one only its soak", () => {
  const late = LATE.device + LATE.wave;
  const { finishP50AtMs, finishP90AtMs } = lastOnly(APPLYING);
  between(finishP50AtMs, NOW + 18 * MINUTE + late, NOW + 20 * MINUTE + late);
  between(finishP90AtMs, NOW + 22 * MINUTE + late, NOW + 25 * MINUTE + late);
  const soaking: TaskState = { at: "soaking", attempt, untilMs: NOW + 3 * MINUTE };
  const endMs = NOW + 3 * MINUTE + late;
  expect(lastOnly(soaking)).toEqual({ finishP50AtMs: endMs, finishP90AtMs: endMs });
});

test("timeLeft(): the longer a device is under way the less is behind it; past the slowest it may take up to its deadline", () => {
  const nowMs = NOW + 30 * MINUTE;
  const rebooting: TaskState = { at: "rebooting", attempt, deadlineMs: nowMs + 40 * MINUTE };
  const { finishP50AtMs, finishP90AtMs } = lastOnly(rebooting, nowMs);
  between(finishP50AtMs, nowMs + 30 * MINUTE, nowMs + 42 * MINUTE);
  between(finishP90AtMs, nowMs + 48 * MINUTE, nowMs + 60 * MINUTE);
});

test("timeLeft(): who waits for another attempt, a user or an hour of its own waits so long", () => {
  const laterMs = NOW + 2 * 60 * MINUTE;
  const fault = { kind: "stalled", waitedFor: "it" } as const;
  const holds = [{ code: "meeting", why: "a meeting is on", untilMs: laterMs, endedBy: "its end" } as const];
  const states: readonly TaskState[] = [
    { at: "failedRetryable", attempt, fault, nextAtMs: laterMs },
    { at: "held", reasons: holds, sinceMs: NOW, tries: 0, leg: 0 },
    {
      ...{ at: "deferred", inUse: { state: "busy", reason: "in a call" }, sinceMs: NOW, nextLookMs: laterMs },
      ...{ deadlineMs: laterMs + 60 * MINUTE, tries: 0, leg: 0 },
    },
  ];
  for (const state of states) between(lastOnly(state).finishP50AtMs, laterMs + 18 * MINUTE, laterMs + 60 * MINUTE);
});

test("timeLeft(): of a device that is away the worst is its deadline, and its wave does not wait for it", () => {
  const deadlineMs = NOW + 5 * 60 * MINUTE;
  const { finishP50AtMs, finishP90AtMs } = lastOnly({ at: "armed", why: "no answer", sinceMs: NOW, deadlineMs, tries: 0, leg: 0 });
  expect(finishP90AtMs).toBe(deadlineMs);
  expect(finishP50AtMs).toBeLessThanOrEqual(deadlineMs);
});

test("timeLeft(): what is left goes as the steps that were measured meanwhile", () => {
  const steps = Array.from(
    { length: 12 },
    () => ({ model: "VVX 450", from: "6.4.6.2494", to: "6.4.8.1190", lengthMs: 60 * MINUTE }) as MeasuredStep,
  );
  const state: TaskState = { at: "staged", tries: 0, leg: 0 };
  between(lastOnly(state, NOW, steps).finishP50AtMs, NOW + 70 * MINUTE, NOW + 90 * MINUTE);
  between(lastOnly(state).finishP50AtMs, NOW + 15 * MINUTE, NOW + 30 * MINUTE);
});

test("timeLeft(): who failed and was not seen well since keeps its slot", () => {
  const one = makePlan(
    planInput(
      Array.from({ length: 8 }, (_, i) => candidate(i + 1)),
      { policy: policy({ soak: "15m", atRiskMax: 2 }) },
    ),
  );
  const endWith = (first: TaskState): number => {
    const tasks = one.tasks.map(({ id }, at) => ({
      id,
      wave: at === 0 ? 1 : 2,
      sinceMs: NOW,
      state: at === 0 ? first : ({ at: "planned" } as const),
    }));
    const waves = one.waves.map(({ index }) => ({
      index,
      state: index === 1 ? ({ at: "passed", atMs: NOW } as const) : ({ at: "pending" } as const),
    }));
    return timeLeft({ plan: one, nowMs: NOW, waves, tasks }).finishP50AtMs;
  };
  expect(endWith({ at: "lost", sinceMs: NOW, lastSign: "silent", leg: 0 })).toBeGreaterThan(endWith(UPDATED) + 30 * MINUTE);
});

test("timeLeft(): I33 it is never in the past, however late everything is", () => {
  const nowMs = NOW + 500 * MINUTE;
  const { finishP50AtMs, finishP90AtMs } = left((at) => (at === 0 ? APPLYING : { at: "planned" }), [], nowMs);
  expect(finishP50AtMs).toBeGreaterThanOrEqual(nowMs);
  expect(finishP90AtMs).toBeGreaterThanOrEqual(finishP50AtMs);
});

test("timeLeft(): the soak of a wave is waited for", () => {
  const wave: WaveState = { at: "soaking", untilMs: NOW + 40 * MINUTE, prolonged: 0, accepted: [] };
  const waves = passedBut(plan.waves.length).with(-1, wave);
  expect(left(() => UPDATED, waves).finishP50AtMs).toBe(NOW + 40 * MINUTE + LATE.wave);
});
