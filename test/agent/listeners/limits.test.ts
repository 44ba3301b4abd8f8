import fc from "fast-check";
import { expect, test } from "vitest";
import { createLimits, OVERALL_PER_SECOND, PER_SENDER_MS } from "../../../agent/listeners/limits.ts";
import { SECOND } from "../../../protocols/core/time.ts";

test("take(): one sender is taken once in half a minute", () => {
  const limits = createLimits();
  expect([0, 1, PER_SENDER_MS - 1, PER_SENDER_MS].map((atMs) => limits.take("a", atMs))).toEqual(["taken", "again", "again", "taken"]);
  expect(limits.take("b", 1)).toBe("taken");
});

test("take(): all senders together are taken at the pace, whoever sends and however fast", () => {
  const messages = fc.array(fc.record({ sender: fc.nat(5_000), afterMs: fc.nat(30) }), { minLength: 1, maxLength: 2_000 });
  fc.assert(
    fc.property(messages, (all) => {
      const limits = createLimits();
      let nowMs = 0;
      const takenMs: number[] = [];
      for (const { sender, afterMs } of all) {
        nowMs += afterMs;
        if (limits.take(String(sender), nowMs) === "taken") takenMs.push(nowMs);
      }
      // In any stretch of time: a full bucket and what ran in meanwhile.
      for (const fromMs of takenMs.slice(0, 20)) {
        const within = takenMs.filter((atMs) => atMs >= fromMs && atMs < fromMs + SECOND).length;
        expect(within).toBeLessThanOrEqual(2 * OVERALL_PER_SECOND);
      }
    }),
    { numRuns: 30 },
  );
});

test("take(): a flood of made-up senders is held to the pace, and leaves the memory bounded", () => {
  const limits = createLimits();
  const heard = Array.from({ length: 60_000 }, (_, i) => limits.take(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, i));
  const taken = heard.filter((one) => one === "taken").length;
  expect(taken).toBeLessThanOrEqual(61 * OVERALL_PER_SECOND);
  expect(taken).toBeGreaterThanOrEqual(59 * OVERALL_PER_SECOND);
  expect(limits.take("late", 70_000)).toBe("taken");
});

test("take(): a clock that was set back does not make a sender mute", () => {
  const limits = createLimits();
  limits.take("a", 1_000_000);
  expect(limits.take("a", 5_000)).toBe("taken");
});
