import { expect, test } from "vitest";
import { gather, lengthMs, oneOf, whole } from "../../../agent/cli/command.ts";

test.each(["1", "50", "7"])("whole(1, 50): %s is taken", (text) => {
  expect(whole(1, 50)(text)).toBe(Number(text));
});

test.each(["0", "51", "-1", "1.5", "1e1", "", " 7", "seven", "0x7", "9".repeat(16)])("whole(1, 50): %j is refused", (text) => {
  expect(() => whole(1, 50)(text)).toThrow("Expected a whole number from 1 to 50.");
});

test.each([
  ["500ms", 500],
  ["90s", 90_000],
  ["1h30m", 5_400_000],
])("lengthMs(): %s is %i ms", (text, length) => {
  expect(lengthMs(text)).toBe(length);
});

test.each(["0s", "90", "soon", "-1s", ""])("lengthMs(): %j is refused", (text) => {
  expect(() => lengthMs(text)).toThrow("Expected a length");
});

test("oneOf(): the listed words and no others", () => {
  expect(oneOf(["a", "b"])("b")).toBe("b");
  expect(() => oneOf(["a", "b"])("toString")).toThrow("Expected one of: a, b.");
});

test("gather(): adds to the list without changing it", () => {
  const first = gather("a", undefined);
  expect([first, gather("b", first), first]).toEqual([["a"], ["a", "b"], ["a"]]);
});
