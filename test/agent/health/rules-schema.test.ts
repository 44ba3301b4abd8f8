import { expect, test } from "vitest";
import { changeSchema, ruleSchema, siteRulesSchema } from "../../../agent/health/rules-schema.ts";
import { HOUR, MINUTE } from "../../../protocols/core/time.ts";

const HOT = {
  id: "hotRoom",
  when: { kind: "reading", reading: "temperatureCelsius", above: 70, clear: 65 },
  severity: "warning",
  causeClass: "hardware",
  says: "{value} inside",
  todo: "Look at its fan.",
  reason: "Ours run cooler.",
} as const;

test("ruleSchema: lengths become milliseconds, and what is left out has its usual value", () => {
  const rule = ruleSchema.parse({ ...HOT, badFor: "10m", families: ["video-os"] });
  expect([rule.badFor, rule.goodFor, rule.families]).toEqual([10 * MINUTE, 0, ["video-os"]]);
  expect(ruleSchema.parse(HOT).families).toBe("all");
  const changes = ruleSchema.parse({ ...HOT, when: { kind: "changes", reading: "registeredLines", times: 4 } });
  expect(changes.when).toEqual({ kind: "changes", reading: "registeredLines", times: 4, over: 6 * HOUR, falls: false });
});

test.each([
  ["an unknown reading", { ...HOT, when: { ...HOT.when, reading: "fanSpeed" } }],
  ["an unknown form", { ...HOT, when: { kind: "guess" } }],
  ["a name of its own making", { ...HOT, id: "hot room" }],
  ["an unknown family", { ...HOT, families: ["toaster"] }],
  ["no families", { ...HOT, families: [] }],
  ["an unknown key", { ...HOT, colour: "red" }],
  ["a severity that is none", { ...HOT, severity: "bad" }],
])("ruleSchema: %s is refused", (_what, rule) => {
  expect(ruleSchema.safeParse(rule).success).toBe(false);
});

test("changeSchema, siteRulesSchema: nothing need be given, and nothing unknown may be", () => {
  expect(siteRulesSchema.parse({})).toEqual({ add: [], change: {} });
  expect(changeSchema.parse({ off: true, badFor: "1h" })).toEqual({ off: true, badFor: HOUR });
  expect(changeSchema.safeParse({ says: "new words" }).success).toBe(false);
});
