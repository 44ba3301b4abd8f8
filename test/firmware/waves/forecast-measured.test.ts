import fc from "fast-check";
import { expect, test } from "vitest";
import { type MeasuredStep, measureOver } from "../../../firmware/waves/forecast-measured.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { candidate, planInput } from "./builders.ts";

const [{ legs, model }] = makePlan(planInput([candidate(0)])).tasks as [PlannedTask];
const [LEG] = legs;
const step = (minutes: number, changes: Partial<MeasuredStep> = {}): MeasuredStep => ({
  ...{ model, from: "6.4.6.2494", to: "6.4.8.1190", lengthMs: minutes * MINUTE },
  ...changes,
});
const minutes = (count: number): MeasuredStep[] => Array.from({ length: count }, (_, i) => step(i + 1));

test("measureOver(): ten devices tell the middle and the slowest tenth; what a window must hold is never less than stated", () => {
  expect(measureOver(minutes(10))(model, LEG)).toEqual({
    ...LEG,
    durationMs: { p50: 5 * MINUTE, p90: 9 * MINUTE, p99: 12 * MINUTE },
    measuredOn: 10,
  });
  expect(measureOver(minutes(40))(model, LEG).durationMs).toEqual({ p50: 20 * MINUTE, p90: 36 * MINUTE, p99: 40 * MINUTE });
});

test.each<[string, readonly MeasuredStep[]]>([
  ["nothing was measured", []],
  ["too few were", minutes(9)],
  ["another model was", minutes(20).map((one) => ({ ...one, model: "VVX 250" }))],
  ["another version was", minutes(20).map((one) => ({ ...one, to: "6.4.9" }))],
  ["they began outside its range", minutes(20).map((one) => ({ ...one, from: "5.9.7" }))],
])("measureOver(): what the release states stands where %s", (_, steps) => {
  expect(measureOver(steps)(model, LEG)).toBe(LEG);
});

test("measureOver(): never out of order, whatever was measured and in whatever order", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 600 }), { minLength: 10, maxLength: 60 }), (lengths) => {
      const steps = lengths.map((length) => step(length));
      const { durationMs } = measureOver(steps)(model, LEG);
      expect(durationMs.p50).toBeLessThanOrEqual(durationMs.p90);
      expect(durationMs.p90).toBeLessThanOrEqual(durationMs.p99);
      expect(measureOver(steps.toReversed())(model, LEG).durationMs).toEqual(durationMs);
    }),
  );
});

test("makePlan(): goes by what was measured, and says on how many devices", () => {
  const measured = Array.from({ length: 12 }, () => step(20));
  const { tasks, forecast } = makePlan(planInput([candidate(0)], { measured }));
  expect(tasks[0]?.legs[0]).toMatchObject({ durationMs: { p50: 20 * MINUTE, p90: 20 * MINUTE, p99: 20 * MINUTE }, measuredOn: 12 });
  expect(forecast.p50Ms).toBeGreaterThanOrEqual(35 * MINUTE);
  expect(forecast.p50Ms).toBeLessThan(40 * MINUTE);
});
