import { expect, test } from "vitest";
import { showPath } from "../../../agent/config/problem.ts";
import { checkRules, combineRules } from "../../../agent/health/rule-file.ts";
import { RULES } from "../../../agent/health/rules.ts";
import { siteRulesSchema } from "../../../agent/health/rules-schema.ts";

const OWN = {
  id: "hotRoom",
  families: ["video-os"],
  when: { kind: "reading", reading: "temperatureCelsius", above: 70, clear: 65 },
  severity: "warning",
  causeClass: "hardware",
  says: "{value} inside",
  todo: "Look at its fan.",
  reason: "Ours run cooler.",
};
const problems = (raw: unknown): string[] =>
  checkRules(raw).problems.map(
    ({ at, what, suggestion }) => `${showPath(at)}: ${what}${suggestion === undefined ? "" : ` (${suggestion})`}`,
  );

test("checkRules(): nothing written is nothing wrong, and the starting rules are in force", () => {
  for (const raw of [undefined, {}, { add: [], change: {} }]) {
    const checked = checkRules(raw);
    expect([checked.problems, checked.rules, checked.off]).toEqual([[], RULES, []]);
  }
});

test("checkRules(): own rules are added, starting ones changed and switched off, each with its origin", () => {
  const {
    problems: found,
    rules,
    origin,
    off,
  } = checkRules({ add: [OWN], change: { tooHot: { atLeast: 85, severity: "error" }, cpuBusy: { off: true } } });
  expect([found, off]).toEqual([[], ["cpuBusy"]]);
  expect(rules.map(({ id }) => id)).toEqual([...RULES.map(({ id }) => id).filter((id) => id !== "cpuBusy"), "hotRoom"]);
  expect(rules.find(({ id }) => id === "tooHot")).toMatchObject({
    severity: "error",
    when: { reading: "temperatureCelsius", atLeast: 85 },
  });
  expect(["tooHot", "hotRoom", "lossHigh"].map((id) => origin.get(id))).toEqual(["changed", "own", "starting"]);
});

test.each([
  [
    "an unknown reading",
    { add: [{ ...OWN, when: { ...OWN.when, reading: "temperatureCelcius" } }] },
    'add[0].when.reading: .*did you mean "temperatureCelsius"',
  ],
  ["an unknown key", { add: [{ ...OWN, severty: "error" }] }, 'add[0].severty: unknown setting .*did you mean "severity"'],
  ["a misspelt family", { add: [{ ...OWN, families: ["video-so"] }] }, "add[0].families"],
  ["a value the form has not", { add: [{ ...OWN, says: "{usual} inside" }] }, "add[0].says: has no value for {usual} .*{value}"],
  ["no limit", { add: [{ ...OWN, when: { kind: "reading", reading: "mos" } }] }, "add[0].when: has no limit"],
  [
    "limits that exclude each other",
    { add: [{ ...OWN, when: { ...OWN.when, clear: undefined, below: 60 } }] },
    "no value is above 70 and below 60",
  ],
  ["a clearing on the wrong side", { add: [{ ...OWN, when: { ...OWN.when, clear: 75 } }] }, "add[0].when.clear: lies on the bad side"],
  ["a name that is taken", { add: [{ ...OWN, id: "tooHot" }] }, 'add[0].id: "tooHot" is a starting rule .*change.tooHot'],
  ["a name twice", { add: [OWN, OWN] }, "add[1].id: another rule has this name"],
  ["a change of nobody", { change: { toHot: { atLeast: 85 } } }, 'change.toHot: there is no starting rule "toHot" .*did you mean "tooHot"'],
  [
    "a change of what the form has not",
    { change: { tooHot: { times: 4 } } },
    'change.tooHot.times: tooHot has no "times" .*it has severity, badFor, goodFor, atLeast',
  ],
  ["a misspelt change", { change: { tooHot: { atleast: 85 } } }, 'change.tooHot.atleast: unknown setting .*did you mean "atLeast"'],
  ["a change that makes no sense", { change: { jitterHigh: { clear: 1 } } }, "change.jitterHigh.when.clear: lies on the bad side"],
  [
    "a trend of a counter",
    { add: [{ ...OWN, says: "grows", when: { kind: "trend", reading: "rxPackets", way: "up", over: "14d", by: 5 } }] },
    "only grows until a restart",
  ],
  [
    "a trend over too little",
    { add: [{ ...OWN, says: "grows", when: { kind: "trend", reading: "mos", way: "up", over: "5d", by: 5 } }] },
    "needs at least 9 buckets",
  ],
  ["limits of flapping in disorder", { change: { flapping: { close: 3_000 } } }, "change.flapping.when: expected close < open"],
  ["another thing than a group", [OWN], "expected a group of settings, got a list"],
])("checkRules(): %s is said, with its place", (_what, raw, expected) => {
  const pattern = new RegExp(expected.replaceAll(/[[\](){}]/g, "\\$&"));
  expect(problems(raw).filter((one) => pattern.test(one))).not.toEqual([]);
});

test("checkRules(): everything that is wrong is said in one pass", () => {
  const raw = {
    add: [
      { ...OWN, when: { kind: "guess" } },
      { ...OWN, says: "{usual}" },
      { ...OWN, id: "x" },
    ],
    change: { toHot: {}, tooHot: { times: 4 } },
  };
  const found = problems(raw);
  for (const place of ["add[0]", "add[1].says", "add[2].id", "change.toHot", "change.tooHot.times"])
    expect([place, found.some((one) => one.startsWith(place))]).toEqual([place, true]);
});

test("combineRules(): a name of every object is no rule of the site", () => {
  const site = siteRulesSchema.parse({ change: { constructor: { off: true } } });
  expect(combineRules(site).rules).toEqual(RULES);
});
