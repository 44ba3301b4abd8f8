import fc from "fast-check";
import { expect, test } from "vitest";
import { noRetryWords, RETRY_WAIT_MAX_MS, retryWaitMs } from "../../../firmware/waves/retry.ts";
import type { FailureCause, TaskState } from "../../../firmware/waves/task-state.ts";
import { FAULT_KINDS, type Fault } from "../../../protocols/core/fault.ts";
import { HOUR, MINUTE } from "../../../protocols/core/time.ts";

const attempt = (number: number, token = "t-1") => ({ number, token, leg: 0 });
const stalled = { kind: "stalled", waitedFor: "it" } as const;
const policy = { retryAfter: 10 * MINUTE };

test("retryWaitMs(): grows with each attempt, is never longer than the most, and always the same for the same attempt", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 30 }), fc.string(), fc.integer({ min: 10_000, max: 24 * HOUR }), (number, token, retryAfter) => {
      const waitMs = retryWaitMs(attempt(number, token), stalled, { retryAfter }) as number;
      const grownMs = Math.min(retryAfter * 2 ** (number - 1), RETRY_WAIT_MAX_MS);
      expect(waitMs).toBeLessThanOrEqual(grownMs);
      expect(waitMs).toBeGreaterThanOrEqual(Math.floor(grownMs * 0.8));
      expect(retryWaitMs(attempt(number, token), stalled, { retryAfter })).toBe(waitMs);
    }),
  );
});

test("retryWaitMs(): devices that failed together do not come again together", () => {
  const waits = new Set(Array.from({ length: 50 }, (_, i) => retryWaitMs(attempt(1, `token-${i}`), stalled, policy)));
  expect(waits.size).toBeGreaterThan(40);
});

test("retryWaitMs(): what would lock an owner out, end alike or go to a stranger is never tried again by itself", () => {
  const never = FAULT_KINDS.filter((kind) => retryWaitMs(attempt(1), { kind, retryAfterMs: 0 } as unknown as Fault, policy) === undefined);
  expect([...never].sort()).toEqual(["denied", "impostor", "mismatch", "off"]);
});

test("retryWaitMs(): a device that locks out is left alone for as long as it says", () => {
  expect(retryWaitMs(attempt(1), { kind: "lockedOut", via: "https", retryAfterMs: 3 * HOUR }, policy)).toBe(3 * HOUR);
});

test("noRetryWords(): I13 a person may have a harmless failure tried again, and nothing that was refused, lost or not seen well", () => {
  const failed = (cause: FailureCause, seenHealthy = true): TaskState => ({ at: "failed", cause, fault: stalled, seenHealthy, leg: 0 });
  for (const cause of ["neverReacted", "commandRefused", "busyTooLong", "fellBack"] as const) {
    expect(noRetryWords(failed(cause))).toBeUndefined();
    expect(noRetryWords(failed(cause, false))).toContain("not been seen well");
  }
  expect(noRetryWords(failed("imageRefused"))).toContain("imageRefused");
  expect(noRetryWords({ at: "refused", why: "unfit", leg: 0 })).toContain("never tried again in the same plan");
  expect(noRetryWords({ at: "lost", sinceMs: 0, lastSign: "silent", leg: 0 })).toContain("lost");
  for (const state of [{ at: "planned" }, { at: "succeeded", how: "updated" }, { at: "skipped", why: "x", by: "y", leg: 0 }] as const)
    expect(noRetryWords(state)).toEqual(expect.any(String));
});
