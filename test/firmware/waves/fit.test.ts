import fc from "fast-check";
import { expect, test } from "vitest";
import { unfitWords } from "../../../firmware/waves/fit.ts";
import { nextMove } from "../../../firmware/waves/next.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import type { Version } from "../../../protocols/core/version.ts";
import { now, OLD, PLANNED, reserved, seen, staged, stepOf } from "./next-kit.ts";

const only = (hardwareRevisions: string[]): PlannedTask => ({
  ...PLANNED,
  legs: [{ ...PLANNED.legs[0], edge: { ...PLANNED.legs[0].edge, hardwareRevisions } }],
});
const words = (facts: object, planned = PLANNED): string | undefined =>
  unfitWords(seen(OLD, { facts: { managedBy: "none", ...facts } }), OLD as Version, { planned, leg: 0 });

test("unfitWords(): I13: the hardware revision must be one the step is for, and known", () => {
  const planned = only(["A", "B"]);
  expect(words({ revision: "A" }, planned)).toBeUndefined();
  expect(words({ revision: "b" }, planned)).toBeUndefined();
  expect(words({ revision: "C" }, planned)).toBe("its hardware revision is C, this step is for A or B only");
  expect(words({}, planned)).toBe("its hardware revision is not known, this step is for A or B only");
});

test("unfitWords(): where the step names no revision, none is asked for", () => {
  for (const facts of [{}, { revision: "C" }]) expect(words(facts)).toBeUndefined();
});

test("unfitWords(): I13: another part number than the planned file is for", () => {
  expect(words({ partNumber: PLANNED.partNumber })).toBeUndefined();
  expect(words({ partNumber: "3111-48820-001" })).toBe("its part number is 3111-48820-001, the plan's file is for 3111-48840-001");
  const { partNumber: _, ...tree } = PLANNED;
  expect(words({ partNumber: "3111-48820-001" }, tree)).toBeUndefined();
});

test.each([
  ["before the slot", staged, "reserve"],
  ["right before the command", reserved, "command"],
] as const)("nextMove(): I13: hardware that the step is not for is refused %s, and any other goes on", (_when, state, goesOn) => {
  const revision = fc.constantFrom("A", "B", "C", "2", undefined);
  fc.assert(
    fc.property(fc.uniqueArray(fc.constantFrom("A", "B", "C", "2"), { minLength: 1 }), revision, (stated, own) => {
      const look = seen(OLD, { facts: { managedBy: "none", mac: PLANNED.mac, ...(own === undefined ? {} : { revision: own }) } });
      const fits = own !== undefined && stated.includes(own);
      // `facts` of the kit stand in place of its own: what it runs is said again.
      const told = { ...look, facts: { ...look.facts, running: { application: OLD } } };
      expect(nextMove(state, now({ planned: only(stated), look: told }))).toEqual(fits ? { do: goesOn } : stepOf({ kind: "foundUnfit" }));
    }),
  );
});
