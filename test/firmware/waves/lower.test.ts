import { expect, test } from "vitest";
import { isLower, lowers, notAboveOf } from "../../../firmware/waves/lower.ts";

test.each([
  ["6.4.8.1190", "6.4.6.2494", true],
  ["6.4.6.2494", "6.4.8.1190", false],
  ["6.4.8.1190", "6.4.8.1190", false],
  ["6.4.8.1190", "not a version", true],
  ["not a version", "6.4.8.1190", true],
])("isLower(): I14 from %s to %s: %s; what cannot be put in order counts as lower", (from, to, lower) => {
  expect(isLower(from, to)).toBe(lower);
});

test("lowers(): I14 neither what the step starts from nor what the device runs now may be newer than its goal", () => {
  const up = { from: "6.4.6.2494", to: "6.4.8.1190" };
  expect(lowers(up)).toBe(false);
  expect(lowers(up, "6.4.8.1190")).toBe(false);
  expect(lowers(up, "6.4.9.1000")).toBe(true);
  expect(lowers({ from: up.to, to: up.from }, "6.4.6.2494")).toBe(true);
});

test.each<["combined" | "updater", string, string, string | undefined]>([
  ["combined", "6.4.6", "6.4.7", "6.4.7"],
  ["combined", "6.4.7", "6.4.6", "6.4.7"],
  ["updater", "5.9.0", "5.9.1", undefined],
])("notAboveOf(): the newer version of a step (%s, %s to %s)", (kind, from, to, notAbove) => {
  expect(notAboveOf({ from, to, kind })).toEqual(notAbove === undefined ? {} : { notAbove });
});
