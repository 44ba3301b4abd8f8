import { expect, test } from "vitest";
import { isFor, isOverTime } from "../../../agent/health/rules-scope.ts";
import { rule } from "./rule-kit.ts";

test("isFor(): a device whose family is not known is judged by what is for all", () => {
  expect([isFor(rule("deviceOffline"), undefined), isFor(rule("registrationLost"), undefined)]).toEqual([true, false]);
  expect([isFor(rule("registrationLost"), "uc-phone"), isFor(rule("registrationLost"), "switch")]).toEqual([true, false]);
});

test("isOverTime(): trends and counts come from history, all else from each answer", () => {
  const kinds = ["deviceOffline", "flapping", "tooHot", "linesUntold", "registrationLost", "interfaceOff"];
  expect(kinds.map((id) => isOverTime(rule(id)))).toEqual(kinds.map(() => false));
  const slow = ["partDropping", "memoryCreeps", "restartsOften"];
  expect(slow.map((id) => isOverTime(rule(id)))).toEqual(slow.map(() => true));
});
