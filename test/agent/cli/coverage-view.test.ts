import { expect, test } from "vitest";
import { countsText, nextStep, shortCoverage, stateText } from "../../../agent/cli/coverage-view.ts";

const counts = { covered: 99, expiring: 0, lapsed: 0, notCovered: 0, unknown: 0 };

test.each([
  [counts, "99 covered"],
  [{ ...counts, expiring: 12, notCovered: 7 }, "111 covered (12 end within 90 days), 7 not covered"],
  [{ ...counts, lapsed: 1, unknown: 2 }, "99 covered, 1 lapsed, 2 unknown"],
])("countsText(): %j", (given, text) => expect(countsText(given)).toBe(text));

test.each([
  [0, {}, "groundswell coverage import FILE"],
  [1, { notCovered: 1, lapsed: 1 }, "groundswell coverage register"],
  [1, { expiring: 1 }, "groundswell coverage propose"],
  [1, {}, undefined],
])("nextStep(): with %i lists and %j", (lists, changes, next) => expect(nextStep({ ...counts, ...changes, lists })).toBe(next));

test.each([
  [{ state: "covered", until: "2028-01-01" }, "until 2028-01-01", "covered"],
  [{ state: "covered" }, "covered", "covered"],
  [{ state: "expiring", until: "2027-01-19" }, "ends 2027-01-19", "expiring"],
  [{ state: "lapsed", until: "2026-01-19" }, "ended 2026-01-19", "lapsed"],
  [{ state: "notCovered" }, "NOT COVERED", "none"],
  [{ state: "unknown" }, "unknown", "unknown"],
  [undefined, "-", "-"],
])("shortCoverage(): %j", (given, text, plain) => {
  expect([shortCoverage(given, "text"), shortCoverage(given, "plain")]).toEqual([text, plain]);
});

test("stateText(): shape and word for people, the filter's word for scripts", () => {
  expect([stateText("notCovered", false, "text"), stateText("notCovered", false, "plain"), stateText("odd", false, "text")]).toEqual([
    "■ NOT COVERED",
    "none",
    "◌ odd",
  ]);
});
