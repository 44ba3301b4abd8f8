import fc from "fast-check";
import { expect, test } from "vitest";
import { afterFailure, afterSuccess, nextAfterFailure, nextAfterSuccess, RETRY_FIRST_MS } from "../../../agent/config-watch/schedule.ts";
import { DAY, MINUTE } from "../../../protocols/core/time.ts";
import { deviceId, T0 } from "../../store/temporary.ts";

const ONE = deviceId(1);

test("nextAfterSuccess(): within the interval, near its end, the same for one device always", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 9_999 }), (number) => {
      const next = nextAfterSuccess(deviceId(number), T0, DAY) - T0;
      expect(next).toBeGreaterThanOrEqual(0.9 * DAY);
      expect(next).toBeLessThanOrEqual(DAY);
      expect(nextAfterSuccess(deviceId(number), T0, DAY) - T0).toBe(next);
    }),
  );
});

test("nextAfterSuccess(): a fleet read at once is spread over hours", () => {
  const all = Array.from({ length: 200 }, (_, n) => nextAfterSuccess(deviceId(n), 0, DAY));
  expect(Math.max(...all) - Math.min(...all)).toBeGreaterThan(0.08 * DAY);
});

test("nextAfterFailure(): soon at first, then twice as long, never beyond the interval", () => {
  const waits = [1, 2, 3, 20].map((failures) => nextAfterFailure(failures, 0, DAY));
  expect(waits).toEqual([RETRY_FIRST_MS, 2 * RETRY_FIRST_MS, 4 * RETRY_FIRST_MS, DAY]);
  expect(nextAfterFailure(1, 0, 5 * MINUTE)).toBe(5 * MINUTE);
});

test("afterFailure(): counts, and keeps the last success and what it was wanted for; a success forgets both", () => {
  const before = { ...afterSuccess(ONE, T0, DAY), wantedFor: "an update" };
  const failed = afterFailure(before, ONE, "no answer", { nowMs: T0 + 9, everyMs: DAY });
  expect(failed).toMatchObject({ failures: 1, why: "no answer", readMs: T0, triedMs: T0 + 9, wantedFor: "an update" });
  expect(afterFailure(failed, ONE, "no answer", { nowMs: T0, everyMs: DAY }).failures).toBe(2);
  expect(afterSuccess(ONE, T0, DAY)).toMatchObject({ failures: 0, readMs: T0 });
  expect(afterSuccess(ONE, T0, DAY)).not.toHaveProperty("why");
});
