import fc from "fast-check";
import { expect, test } from "vitest";
import type { ReportedTask, ReportInput } from "../../../firmware/waves/report-input.ts";
import { reportedWaves } from "../../../firmware/waves/report-waves.ts";
import type { TaskState } from "../../../firmware/waves/task-state.ts";
import { isoOf, MINUTE } from "../../../protocols/core/time.ts";
import { planOf } from "../../agent/rehearsal/kit.ts";

const PLAN = planOf(30);
const NOW = PLAN.createdAtMs + 600 * MINUTE;
const UPDATED = { at: "succeeded", how: "updated" } as unknown as TaskState;
const LOST = { at: "lost", lastSign: "went dark" } as unknown as TaskState;
const PLANNED = { at: "planned" } as unknown as TaskState;

const waveOfTask = new Map(PLAN.waves.flatMap(({ index, tasks }) => tasks.map((task) => [task, index] as const)));
const tasksBy = (stateOf: (index: number) => TaskState, changes: Partial<ReportedTask> = {}): ReportedTask[] =>
  PLAN.tasks.map((task, at) => ({
    ...({ id: task.id, device: task.device, wave: waveOfTask.get(task.id) ?? 0, state: stateOf(at) } as ReportedTask),
    ...{ attempts: 1, sinceMs: NOW, facts: {} as ReportedTask["facts"] },
    ...changes,
  }));
const input = (changes: Partial<ReportInput>): ReportInput =>
  ({
    ...{ plan: PLAN, nowMs: NOW, history: [], judgements: [], tasks: tasksBy(() => PLANNED) },
    waves: PLAN.waves.map(({ index }) => ({ index, state: { at: "pending" } })),
    ...changes,
  }) as unknown as ReportInput;

test("reportedWaves(): whatever became of the devices, each is in one wave and the counts of each add up", () => {
  const state = fc.constantFrom(UPDATED, LOST, PLANNED, { at: "refused", why: "another model" } as unknown as TaskState);
  fc.assert(
    fc.property(fc.array(state, { minLength: 30, maxLength: 30 }), (states) => {
      const waves = reportedWaves(input({ tasks: tasksBy((at) => states[at] as TaskState) }));
      expect(waves.map(({ index }) => index)).toEqual(PLAN.waves.map(({ index }) => index));
      for (const [at, { totals, proof }] of waves.entries()) {
        const { planned, succeeded, failed, lost, refused, skipped, broughtBack, otherwise, unfinished } = totals;
        expect(planned).toBe(PLAN.waves[at]?.tasks.length);
        expect(succeeded + failed + lost + refused + skipped + broughtBack + otherwise + unfinished).toBe(planned);
        for (const { clean } of proof) expect(clean).toBeLessThanOrEqual(states.filter((one) => one === UPDATED).length);
      }
    }),
    { numRuns: 40 },
  );
});

test("reportedWaves(): from its first start to its last end, beside what was foretold; one under way is measured to now", () => {
  const at = (minutes: number): number => PLAN.createdAtMs + minutes * MINUTE;
  const history = [
    { wave: 1, atMs: at(10), at: "active" },
    { wave: 1, atMs: at(20), at: "held" },
    { wave: 1, atMs: at(30), at: "active" },
    { wave: 1, atMs: at(50), at: "passed" },
    { wave: 2, atMs: at(50), at: "active" },
  ];
  const waves = [
    { index: 1, state: { at: "passed" } },
    { index: 2, state: { at: "soaking", untilMs: at(90) } },
    { index: 3, state: { at: "pending" } },
  ] as unknown as ReportInput["waves"];
  const [first, second, third] = reportedWaves(input({ history, waves }));
  expect(first).toMatchObject({ started: isoOf(at(10)), ended: isoOf(at(50)), length: { ms: 40 * MINUTE } });
  const forecast = PLAN.forecast.waves[0];
  expect(first?.length).toMatchObject({ forecastP50Ms: Math.round(forecast?.p50Ms ?? 0), forecastP90Ms: Math.round(forecast?.p90Ms ?? 0) });
  expect(second).toMatchObject({ soaksUntil: isoOf(at(90)), length: { ms: NOW - at(50) } });
  expect(second).not.toHaveProperty("ended");
  expect(third).not.toHaveProperty("length");
  expect(reportedWaves(input({ history, waves, wave: 2 })).map(({ index }) => index)).toEqual([2]);
});

test("reportedWaves(): health is of the newest verdict that compared anything; every verdict is listed", () => {
  const medians = (after: number) => [{ name: "mos", updated: { devices: 3, before: 4, after } }];
  const judged = (atMs: number, verdict: string, some: object[]) => ({
    ...{ wave: 1, atMs, verdict, gate: "health", why: "w".repeat(3_000) },
    judgements: [
      { gate: "health", judgement: { verdict, why: "w".repeat(3_000), evidence: [], ...(some.length === 0 ? {} : { medians: some }) } },
    ],
  });
  const judgements = [judged(1, "inconclusive", medians(4.1)), judged(2, "inconclusive", medians(4.2)), judged(3, "pass", [])];
  const [wave] = reportedWaves(input({ judgements: judgements as unknown as ReportInput["judgements"] }));
  expect(wave?.health).toEqual([{ value: "mos", updated: { devices: 3, before: 4, after: 4.2 } }]);
  expect(wave?.verdicts.map(({ verdict }) => verdict)).toEqual(["inconclusive", "inconclusive", "pass"]);
  expect(wave?.judged).toMatchObject({ verdict: "pass", at: isoOf(3) });
  for (const { why } of wave?.verdicts ?? []) expect(why).toHaveLength(2_000);
});

test("reportedWaves(): lengths and restarts are of devices that were measured; the day before and after of updated ones alone", () => {
  const window = (restartsSince: number, before: number, after: number) => ({
    before: { asked: 10, answered: 10, reading: { cpuRatio: before } },
    after: { asked: 10, answered: 10, reading: { cpuRatio: after } },
    restartsSince,
  });
  const tasks = tasksBy(() => UPDATED).map((task, at) => ({
    ...task,
    ...(at % 2 === 0 ? { facts: { lengthMs: (at + 1) * 10_000 } as ReportedTask["facts"] } : {}),
    ...(at === 1 ? { state: LOST, window: window(5, 0.9, 0.1) } : { window: window(at === 2 ? 2 : 0, 0.2, 0.3) }),
  }));
  const waves = reportedWaves(input({ tasks }));
  expect(waves.reduce((sum, { durations }) => sum + (durations?.devices ?? 0), 0)).toBe(15);
  for (const { durations, days, totals } of waves) {
    if (durations !== undefined) {
      expect(durations.p50Ms).toBeLessThanOrEqual(durations.p90Ms);
      expect(durations.withinP90).toBeLessThanOrEqual(durations.devices);
    }
    expect(days).toEqual([{ value: "cpuRatio", updated: { devices: totals.updated, before: 0.2, after: 0.3 } }]);
  }
  expect(waves.reduce((sum, { restarts }) => sum + restarts.restarts, 0)).toBe(7);
  expect(waves.reduce((sum, { restarts }) => sum + restarts.devices, 0)).toBe(2);
});
