import fc from "fast-check";
import { expect, test } from "vitest";
import { type Standing, standingOf, worst } from "../../../../firmware/waves/gates/gate.ts";
import type { TaskState } from "../../../../firmware/waves/task-state.ts";
import { NOW } from "../builders.ts";
import { APPLYING, CURRENT, FAILED, gateInput, judgedTask, LOST, REFUSED, SKIPPED, SOAKING, UPDATED } from "./builders.ts";

const SOAKED: TaskState = { ...SOAKING, untilMs: NOW } as TaskState;
const GROUPS = ["updated", "already", "soaking", "failed", "skipped", "refused", "underWay"] as const;
const whereIs = (standing: Standing): string[] => GROUPS.filter((group) => standing[group].length > 0);

test.each([
  ["updated", UPDATED, "updated"],
  ["current without us", CURRENT, "already"],
  ["soaking", SOAKING, "soaking"],
  ["soaking to its last moment", SOAKED, "updated"],
  ["failed", FAILED, "failed"],
  ["lost", LOST, "failed"],
  ["skipped", SKIPPED, "skipped"],
  ["refused", REFUSED, "refused"],
  ["applying", APPLYING, "underWay"],
  ["not begun", { at: "planned" }, "underWay"],
] as const)("standingOf(): a device %s is in one group", (_, state, group) => {
  expect(whereIs(standingOf(gateInput([state])))).toEqual([group]);
});

test("standingOf(): groups and missing tasks always add up to the wave, and it has ended only where all are known and at their end", () => {
  const states = fc.array(fc.constantFrom(UPDATED, CURRENT, SOAKING, SOAKED, FAILED, LOST, SKIPPED, REFUSED, APPLYING), { maxLength: 15 });
  fc.assert(
    fc.property(states, fc.nat(5), (all, unknown) => {
      const input = gateInput(all);
      const standing = standingOf({ ...input, tasks: input.tasks.slice(unknown) });
      const known = GROUPS.reduce((sum, group) => sum + standing[group].length, 0);
      expect(known + standing.missing).toBe(all.length);
      expect(standing.all).toBe(all.length);
      const open = standing.missing + standing.soaking.length + standing.underWay.length;
      expect(standing.ended).toBe(all.length > 0 && open === 0);
    }),
    { numRuns: 500 },
  );
});

test("standingOf(): tasks of other waves are left out", () => {
  const input = gateInput([UPDATED]);
  expect(standingOf({ ...input, tasks: [...input.tasks, judgedTask(7, FAILED)] })).toMatchObject({ all: 1, failed: [], ended: true });
});

test("standingOf(): a task handed over twice counts once", () => {
  const input = gateInput([FAILED]);
  expect(standingOf({ ...input, tasks: [...input.tasks, ...input.tasks] }).failed).toHaveLength(1);
});

test("standingOf(): an empty wave has not ended", () => {
  expect(standingOf(gateInput([])).ended).toBe(false);
});

test.each([
  [[], "pass"],
  [["pass", "pass"], "pass"],
  [["pass", "inconclusive"], "inconclusive"],
  [["inconclusive", "fail", "pass"], "fail"],
] as const)("worst(): of %j it is %s", (verdicts, answer) => {
  expect(worst(verdicts)).toBe(answer);
});
