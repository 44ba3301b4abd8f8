import { expect, test } from "vitest";
import { manualClock } from "../../../protocols/core/time.ts";
import { run } from "./kit.ts";

const io = { clock: manualClock(0) };

test.each([
  [["--seed", "-1"], "whole number from 0"],
  [["--devices", "0"], "whole number from 1 to 10000"],
  [["--devices", "10001"], "whole number from 1 to 10000"],
  [["--speed", "0"], "is not a speed"],
  [["--speed", "10001"], "is not a speed"],
  [["--speed", "fast"], "is not a speed"],
])("demo %j: exit 2, nothing is started", async (options, words) => {
  const ran = await run(["demo", ...options], io);
  expect([ran.code, ran.out]).toEqual([2, ""]);
  expect(ran.err).toContain(words);
});
