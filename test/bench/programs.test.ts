import { expect, test } from "vitest";
import { startFlags } from "../../bench/programs.ts";

test("startFlags(): what the start script gives Node is what a bench gives it", () => {
  expect(startFlags()).toEqual(["--max-semi-space-size=8"]);
});
