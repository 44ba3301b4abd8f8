import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { giveBackReserve, keepReserve, RESERVE_BYTES } from "../../store/reserve.ts";
import { temporaryFolder } from "./temporary.ts";

test("reserve: is kept once, given back once, and made again", () => {
  const directory = temporaryFolder();
  expect([keepReserve(directory), keepReserve(directory)]).toEqual([true, true]);
  expect(statSync(join(directory, "reserve")).size).toBe(RESERVE_BYTES);
  expect([giveBackReserve(directory), giveBackReserve(directory), keepReserve(directory)]).toEqual([true, false, true]);
});
