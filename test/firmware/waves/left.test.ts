import { expect, test } from "vitest";
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
  expect(left(() => ({ at: "planned" }))).toEqual({ finishP50AtMs, finishP90AtMs });
});

test("timeLeft(): each wave that is over takes its time off, and at the end nothing is left", () => {
  const after = plan.waves.map((_, gone) => left((_at, wave) => (wave <= gone ? UPDATED : { at: "planned" })).finishP90AtMs);
  expect(after).toEqual(after.toSorted((a, b) => b - a));
  expect(new Set(after).size).toBe(after.length);
  expect(left(() => UPDATED)).toEqual({ finishP50AtMs: NOW, finishP90AtMs: NOW });
});

test("timeLeft(): a device under way still needs its step and its soak; a soaking one only its soak", () => {
  const first =
    (state: TaskState) =>
    (at: number): TaskState =>
      at === 0 ? state : UPDATED;
  expect(left(first(APPLYING))).toEqual({ finishP50AtMs: NOW + 20 * MINUTE, finishP90AtMs: NOW + 23 * MINUTE });
  const soaking: TaskState = { at: "soaking", attempt: { number: 1, token: "t", leg: 0 }, untilMs: NOW + 3 * MINUTE };
  expect(left(first(soaking))).toEqual({ finishP50AtMs: NOW + 3 * MINUTE, finishP90AtMs: NOW + 3 * MINUTE });
});

test("timeLeft(): I33 it is never in the past, however late everything is", () => {
  const nowMs = NOW + 500 * MINUTE;
  const { finishP50AtMs, finishP90AtMs } = left((at) => (at === 0 ? APPLYING : { at: "planned" }), [], nowMs);
  expect(finishP50AtMs).toBeGreaterThanOrEqual(nowMs);
  expect(finishP90AtMs).toBeGreaterThanOrEqual(finishP50AtMs);
});

test("timeLeft(): the soak of a wave is waited for", () => {
  const wave: WaveState = { at: "soaking", untilMs: NOW + 40 * MINUTE, prolonged: 0, accepted: [] };
  expect(left(() => UPDATED, [wave]).finishP50AtMs).toBe(NOW + 40 * MINUTE);
});
