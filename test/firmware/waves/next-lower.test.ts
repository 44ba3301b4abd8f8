import { expect, test } from "vitest";
import { nextMove } from "../../../firmware/waves/next.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import { candidate, planInput, release } from "./builders.ts";
import { now, seen, staged, stepOf } from "./next-kit.ts";
import { downPlan, NEW, OLD, phone, upPlan } from "./way-back-kit.ts";

test("nextMove(): I14 a device that went beyond the goal meanwhile is not lowered, although the step takes its version", () => {
  const [edge] = release().edges;
  const wide = release({ edges: [{ ...edge, fromMax: "6.5.0.9999" }] });
  const planned = makePlan(planInput([candidate(1)], { release: wide })).tasks[0] as PlannedTask;
  const move = nextMove(staged, now({ planned, look: seen("6.4.9.1000") }));
  expect(move).toEqual(stepOf({ kind: "foundUnfit", why: expect.stringContaining("only an approved rollback lowers a version") }));
});

const DOWN = downPlan(upPlan([candidate(1)]), [phone(1)]).tasks[0] as PlannedTask;

test("nextMove(): I14 a step that leads down is taken for a rollback, and refused wherever else it stands", () => {
  const look = seen(NEW);
  expect(nextMove(staged, now({ planned: DOWN, look, goesBack: true }))).toEqual({ do: "reserve" });
  expect(nextMove(staged, now({ planned: DOWN, look }))).toEqual(stepOf({ kind: "foundUnfit" }));
});

test("nextMove(): I26 a rollback finds what is back already, and leaves alone what runs neither", () => {
  expect(nextMove(staged, now({ planned: DOWN, look: seen(OLD), goesBack: true }))).toEqual(stepOf({ kind: "foundCurrent" }));
  expect(nextMove(staged, now({ planned: DOWN, look: seen("6.4.9.1000"), goesBack: true }))).toEqual(stepOf({ kind: "foundUnfit" }));
});
