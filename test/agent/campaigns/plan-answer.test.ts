import fc from "fast-check";
import { expect, test } from "vitest";
import { planAnswer, SUMMARY_BYTES_MAX } from "../../../agent/campaigns/plan-answer.ts";
import type { HeldBack } from "../../../firmware/held.ts";
import { diffPlans } from "../../../firmware/waves/diff.ts";
import { makePlan, planHash } from "../../../firmware/waves/plan.ts";
import type { Plan } from "../../../firmware/waves/shape.ts";
import { candidate, planInput, policy } from "../../firmware/waves/builders.ts";

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
const answerTo = (plan: Plan, before?: Plan) =>
  planAnswer({
    ...{ plan, planHash: planHash(plan), kept: false },
    ...(before === undefined ? {} : { difference: diffPlans(before, planHash(before), plan) }),
  });

test("planAnswer(): every device is in one wave or counted as held back, with the plan's hash, forecast and what can go back", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 39 }), (count, away) => {
      const all = Array.from({ length: count }, (_, n) => candidate(n, n > 0 && n <= away ? { availability: "offline" } : {}));
      const plan = makePlan(planInput(all));
      const told = answerTo(plan);
      expect(told).toMatchObject({ campaign: plan.campaign, planHash: planHash(plan), planned: plan.tasks.length });
      expect(told.waves.reduce((sum, { devices }) => sum + devices, 0) + told.heldBack.count).toBe(count);
      expect(told.waveCount).toBe(plan.waves.length);
      expect(told.forecast).toMatchObject({ worst: plan.forecast.worst, reversibility: plan.forecast.reversibility });
      expect(told).not.toHaveProperty("plan");
    }),
    { numRuns: 20 },
  );
});

test("planAnswer(): whatever waves, reasons and changes have to say, it is no longer than it may be, and everything is counted", () => {
  const long = "ü".repeat(1_500);
  const text = fc.constantFrom("short", long);
  const base = makePlan(
    planInput(
      Array.from({ length: 400 }, (_, n) => candidate(n)),
      { policy: policy({ atRiskMax: 1, canaryCount: 1 }) },
    ),
  );
  fc.assert(
    fc.property(fc.array(text, { maxLength: 60 }), fc.boolean(), (words, isLong) => {
      const heldBack = words.map((why, n) => ({ device: `d-${n}`, name: why, code: "offline", why, lifts: why }) as unknown as HeldBack);
      const name = isLong ? long : "p";
      const tasks = base.tasks.map((task) => ({ ...task, name: `${name}${task.name}` }));
      const plan: Plan = { ...base, tasks, heldBack };
      const told = answerTo(plan, { ...base, heldBack: [], tasks: base.tasks.slice(0, 200) });
      expect(bytesOf(told)).toBeLessThanOrEqual(SUMMARY_BYTES_MAX);
      expect([told.heldBack.count, told.waveCount]).toEqual([words.length, base.waves.length]);
      expect(told.waves).toEqual(answerTo(plan).waves);
      expect(told.waves.map(({ index }) => index)).toEqual(base.waves.slice(0, told.waves.length).map(({ index }) => index));
      expect(told.difference?.counts).toMatchObject({ added: 200, reasons: words.length });
    }),
    { numRuns: 10 },
  );
});
