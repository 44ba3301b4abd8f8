import { expect, test } from "vitest";
import { ruleListSchema, ruleText, triedText } from "../../../agent/cli/rules-view.ts";
import { viewRule } from "../../../agent/health/rules-view.ts";
import { rule } from "../health/rule-kit.ts";

const shown = (id: string, origin: string) => {
  const [first] = ruleListSchema.parse({ rules: [{ ...viewRule(rule(id)), origin, open: 0 }] }).rules;
  if (first === undefined) throw new Error("nothing");
  return first;
};

test("ruleText(): a line for each thing, lengths in the greatest whole unit", () => {
  const text = ruleText(shown("rebootNeeded", "changed"));
  expect(text.split("\n")[0]).toBe("rebootNeeded: info, configuration");
  expect(text).toContain("opens after 1 d, ends after no time at all");
  expect(text).toContain("the starting set, changed by the site");
});

test("triedText(): fifty of a rule are told, the rest is counted", () => {
  const firing = { rule: "tooHot", device: "d", name: "Room", from: "a", words: "hot" };
  const text = triedText(
    {
      from: "2026-11-15T12:00:00Z",
      to: "2026-11-22T12:00:00Z",
      toMs: 0,
      devices: 1,
      total: 1,
      rules: [{ rule: "tooHot", when: "", tried: true, judged: 1, fired: 60, on: 1 }],
      firings: Array.from({ length: 55 }, () => firing),
      left: 5,
    },
    (at) => at,
  );
  expect(text.match(/goes on/g)).toHaveLength(50);
  expect(text).toContain("and 10 more");
  expect(text).toContain("5 more were counted");
});
