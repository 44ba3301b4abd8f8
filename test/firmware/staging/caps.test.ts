import { expect, test } from "vitest";
import { overBytes, overTime, TOTAL_BYTES_RATIO, TOTAL_MS, tooSlow } from "../../../firmware/staging/caps.ts";
import { TRICKLE_BYTES, TRICKLE_WINDOW_MS } from "../../../firmware/staging/trickle.ts";
import { DAY, SECOND } from "../../../protocols/core/time.ts";

test("caps: the faults name the limit that was passed", () => {
  expect(overTime("https")).toEqual({ kind: "overBudget", via: "https", budget: "time", limit: TOTAL_MS });
  expect(overBytes("http", 7)).toEqual({ kind: "overBudget", via: "http", budget: "bytes", limit: 7 });
  expect(tooSlow("http")).toMatchObject({ kind: "unreachable", detail: `less than ${TRICKLE_BYTES} bytes came in 60 s` });
});

test("caps: they leave room for the largest image over the slowest line that is not given up as a trickle", () => {
  const slowestBytesPerSecond = TRICKLE_BYTES / (TRICKLE_WINDOW_MS / SECOND);
  expect((slowestBytesPerSecond * TOTAL_MS) / SECOND).toBeGreaterThan(70 * 1024 ** 2);
  expect(TOTAL_MS).toBeLessThanOrEqual(DAY);
  expect(TOTAL_BYTES_RATIO).toBeGreaterThan(1);
});
