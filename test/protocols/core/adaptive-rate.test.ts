import { expect, test } from "vitest";
import { createAdaptiveRate } from "../../../protocols/core/adaptive-rate.ts";

/** A hundred answers over one second, that many of them only to the repeat; sent 10 ms before, or at another moment. */
function hear(rate: ReturnType<typeof createAdaptiveRate>, second: number, lost: number, sentMs?: number): void {
  for (let i = 0; i < 100; i++) {
    const nowMs = second * 1_000 + i * 10;
    rate.note({ firstSentMs: sentMs ?? nowMs - 10, lost: (i * lost) % 100 < lost }, nowMs);
  }
}

test("createAdaptiveRate(): halves where answers come only to the repeat, and comes back when they do not", () => {
  const rate = createAdaptiveRate(2_000);
  hear(rate, 1, 0);
  expect(rate.perSecond).toBe(2_000);
  hear(rate, 2, 40);
  expect(rate.perSecond).toBeLessThanOrEqual(1_000);
  const slow = rate.perSecond;
  hear(rate, 3, 40);
  expect(rate.perSecond).toBeLessThanOrEqual(slow / 2);
  hear(rate, 4, 0);
  const still = rate.perSecond;
  hear(rate, 5, 0);
  expect(rate.perSecond).toBeGreaterThan(still);
  for (let second = 6; second < 40; second++) hear(rate, second, 0);
  expect(rate.perSecond).toBe(2_000);
});

test("createAdaptiveRate(): packets sent before a cut tell of the rate before it", () => {
  const rate = createAdaptiveRate(2_000);
  hear(rate, 2, 40);
  const cut = rate.perSecond;
  hear(rate, 3, 100, 1_999);
  expect([cut < 2_000, rate.perSecond]).toEqual([true, cut]);
});

test("createAdaptiveRate(): one lost packet in a hundred is a wire's own, and a few answers tell nothing", () => {
  const rate = createAdaptiveRate(2_000);
  hear(rate, 1, 1);
  for (let i = 0; i < 20; i++) rate.note({ firstSentMs: 2_500, lost: true }, 3_000);
  expect(rate.perSecond).toBe(2_000);
});

test("createAdaptiveRate(): however much is lost, some packets go on", () => {
  const rate = createAdaptiveRate(6_400);
  for (let second = 1; second < 60; second++) hear(rate, second, 100);
  expect(rate.perSecond).toBe(100);
});
