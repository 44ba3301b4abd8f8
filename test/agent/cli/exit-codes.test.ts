import { expect, test } from "vitest";
import { EXIT, EXIT_WORDS } from "../../../agent/cli/exit-codes.ts";

test("EXIT: the numbers scripts rely on (design 14)", () => {
  expect(Object.values(EXIT)).toEqual([0, 1, 2, 3, 4, 5, 6, 69, 75, 77, 78]);
  expect(EXIT).toMatchObject({ needsConfirmation: 6, daemonAway: 69, later: 75, notAllowed: 77, config: 78 });
});

test("EXIT_WORDS: each has words of its own", () => {
  expect(new Set(Object.values(EXIT_WORDS)).size).toBe(Object.keys(EXIT).length);
});
