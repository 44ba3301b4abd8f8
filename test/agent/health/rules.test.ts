import { expect, test } from "vitest";
import { RULES } from "../../../agent/health/rules.ts";
import { RULE_FAMILIES } from "../../../agent/health/rules-schema.ts";
import { isFor, isOverTime } from "../../../agent/health/rules-scope.ts";
import { strangersIn } from "../../../agent/health/rules-words.ts";
import { edges, every, well } from "./rule-kit.ts";

test("RULES: ids are unique, every template can be filled, every fact has its source beside it", () => {
  expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
  expect(RULES.flatMap(({ id, says, when }) => strangersIn(says, when.kind).map((name) => `${id}: ${name}`))).toEqual([]);
});

test("RULES: kinds that conditions of older agents have are still there", () => {
  const kinds = ["deviceOffline", "registrationLost", "partMissing", "componentFailed", "tooHot", "certificateEnds"];
  const more = ["anotherUpdater", "anotherDevice", "credentialRefused", "interfaceOff"];
  expect(RULES.map(({ id }) => id)).toEqual(expect.arrayContaining([...kinds, ...more]));
});

test.each(RULE_FAMILIES)("RULES: %s has rules for each answer and over time", (family) => {
  const mine = RULES.filter((rule) => isFor(rule, family));
  expect(mine.filter(isOverTime).length).toBeGreaterThan(0);
  expect(mine.filter((rule) => !isOverTime(rule)).length).toBeGreaterThan(8);
});

test("RULES: a device that is well and tells nothing opens nothing", () => {
  expect(edges(RULES, every(200, well, { stepMinutes: 30 }))).toEqual([]);
});
