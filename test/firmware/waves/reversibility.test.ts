import { expect, test } from "vitest";
import { makePlan } from "../../../firmware/waves/plan.ts";
import { type Reversibility, reversibilityOf, tallyReversibility } from "../../../firmware/waves/reversibility.ts";
import type { Legs, PlannedTask } from "../../../firmware/waves/shape.ts";
import { candidate, planInput } from "./builders.ts";

const [TASK] = makePlan(planInput([candidate(0)])).tasks as [PlannedTask];
const task = (...steps: readonly Reversibility[]): PlannedTask => ({
  ...TASK,
  legs: steps.map((reversibility) => ({ ...TASK.legs[0], edge: { ...TASK.legs[0].edge, reversibility } })) as unknown as Legs,
});

test("reversibilityOf(): the hardest step of a chain says it for all", () => {
  expect(reversibilityOf(task("in_place"))).toBe("in_place");
  expect(reversibilityOf(task("in_place", "one_way", "needs_reset"))).toBe("one_way");
  expect(reversibilityOf(task("needs_reset", "in_place"))).toBe("needs_reset");
});

test("tallyReversibility(): every task counts once", () => {
  const tasks = [task("in_place"), task("in_place", "needs_reset"), task("one_way"), task("one_way")];
  expect(tallyReversibility(tasks)).toEqual({ in_place: 1, needs_reset: 1, one_way: 2 });
});
