import { expect, test } from "vitest";
import { hasKeyFor, parseKeyFor } from "../../firmware/key-codes.ts";

test.each([
  ["", "any"],
  [" ", "any"],
  ["6", 6],
  ["6.2", 6],
  ["Release - 6.2.2.8-670021", 6],
  ["6.2_ne", undefined],
  ["six", undefined],
])("parseKeyFor(): %j is %s", (text, wanted) => {
  expect(parseKeyFor(text)).toBe(wanted);
});

test.each([
  [[], "6.2.2", false],
  [[5], "6.2.2", false],
  [[5, 6], "6.2.2.8-670021", true],
  [["any"], "6.2.2", true],
  [[6], "latest", false],
] as const)("hasKeyFor(): %j for %s: %s", (keys, version, has) => {
  expect(hasKeyFor(keys, version)).toBe(has);
});
