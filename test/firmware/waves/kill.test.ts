import fc from "fast-check";
import { expect, test } from "vitest";
import {
  coversGiven,
  coversTask,
  type Kill,
  type KillScope,
  killHold,
  killsOf,
  killWords,
  sameScope,
  scopeKey,
} from "../../../firmware/waves/kill.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { candidate, NOW, planInput } from "./builders.ts";

const [task] = makePlan(planInput([candidate(1)])).tasks as readonly [PlannedTask];
const [leg] = task.legs;
const stone = { ...leg, release: "ucs-stone" };
const SCOPES = {
  site: { kind: "site" },
  release: { kind: "release", release: leg.release },
  model: { kind: "model", model: task.model },
} as const;
const anyScope: fc.Arbitrary<KillScope> = fc.oneof(
  fc.constant({ kind: "site" } as const),
  fc.record({ kind: fc.constant("release" as const), release: fc.constantFrom("a-1", "b-1", "site") }),
  fc.record({ kind: fc.constant("model" as const), model: fc.constantFrom("VVX 450", "vvx_450", "a-1", "site") }),
);

test.each(Object.values(SCOPES))("coversTask(): I9 $kind covers what it names", (scope) => {
  expect(coversTask(scope, task)).toBe(true);
});

test("coversTask(): another release and another model are left alone; a release is covered as a stepping stone too", () => {
  expect(coversTask({ kind: "release", release: "ucs-stone" }, task)).toBe(false);
  expect(coversTask({ kind: "release", release: "ucs-stone" }, { ...task, legs: [stone, leg] })).toBe(true);
  expect(coversTask({ kind: "model", model: "CCX 500" }, task)).toBe(false);
});

test("coversGiven(): models as people write them, releases to the letter", () => {
  const given = { release: leg.release, model: "VVX 450" };
  for (const model of ["VVX 450", "vvx450", "VVX-450", " vvx_450 "]) expect(coversGiven({ kind: "model", model }, given)).toBe(true);
  expect(coversGiven({ kind: "release", release: leg.release.toUpperCase() }, given)).toBe(false);
});

test("scopeKey(): two scopes are one exactly where they cover the same", () => {
  fc.assert(
    fc.property(anyScope, anyScope, (one, other) => {
      const given = ["a-1", "b-1", "site"].flatMap((release) => ["VVX 450", "a-1", "site"].map((model) => ({ release, model })));
      const alike = given.every((what) => coversGiven(one, what) === coversGiven(other, what));
      expect(sameScope(one, other)).toBe(alike);
      expect(scopeKey(one) === scopeKey(other)).toBe(alike);
    }),
  );
});

test("killHold(), killWords(): who, why, since when and who ends it", () => {
  const kill: Kill = { scope: SCOPES.site, by: "anna", reason: "smoke", sinceMs: NOW };
  expect(killHold(kill)).toEqual({
    code: "killed",
    why: "the kill switch is on for the whole site, by anna: smoke",
    endedBy: "an approver who turns the kill switch off",
  });
  expect(killWords({ ...kill, scope: SCOPES.release, reason: "" }, NOW + MINUTE)).toBe(
    `on for release ${leg.release} since 1 min, by anna`,
  );
  expect(killsOf([kill, { ...kill, scope: { kind: "model", model: "CCX 500" } }], task)).toEqual([kill]);
});
