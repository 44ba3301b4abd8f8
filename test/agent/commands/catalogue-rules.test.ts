import { expect, test } from "vitest";
import { ruleCommands } from "../../../agent/commands/catalogue-rules.ts";
import { DAY } from "../../../protocols/core/time.ts";

test("rules.try: a week of all devices where nothing else is said, a page of them, never more", () => {
  const { args } = ruleCommands["rules.try"];
  expect(args.parse({ rules: {} })).toEqual({ rules: {}, all: false, last: 7 * DAY, limit: 100 });
  for (const wrong of [{ rules: [] }, { rules: {}, last: "400d" }, { rules: {}, limit: 101 }])
    expect(args.safeParse(wrong).success).toBe(false);
});

test("rules.list, rules.try: whoever may look may look", () => {
  expect(Object.values(ruleCommands).map(({ role, kind }) => [role, kind])).toEqual([
    ["viewer", "look"],
    ["viewer", "look"],
  ]);
});
