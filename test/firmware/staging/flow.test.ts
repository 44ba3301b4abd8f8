import fc from "fast-check";
import { expect, test } from "vitest";
import { estimateOf, type Flow, noteFlow } from "../../../firmware/staging/flow.ts";

const TOTAL = 1e12;

function told(steps: readonly { readonly afterMs: number; readonly bytes: number }[]) {
  let flow: Flow = [];
  let [atMs, doneBytes] = [1_000, 0];
  for (const { afterMs, bytes } of steps) {
    atMs += afterMs;
    doneBytes += bytes;
    flow = noteFlow(flow, atMs, doneBytes);
  }
  return { flow, atMs, doneBytes };
}

test("estimateOf(): a steady rate is told as it is, however it is told of, and so is the time left", () => {
  const steps = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 20, maxLength: 200 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 100_000 }), (waits, perMs) => {
      const { flow, atMs, doneBytes } = told(waits.map((afterMs) => ({ afterMs, bytes: afterMs * perMs })));
      const estimate = estimateOf(flow, TOTAL, atMs);
      expect(flow.length).toBeLessThanOrEqual(33);
      if (estimate === undefined) return expect((flow.at(-1)?.atMs ?? 0) - (flow[0]?.atMs ?? 0)).toBeLessThan(2_000);
      expect(estimate.bytesPerSecond).toBeCloseTo(perMs * 1_000, 3);
      expect((estimate.leftMs ?? 0) * perMs).toBeCloseTo(TOTAL - doneBytes, -3);
    }),
  );
});

test("estimateOf(): never less than nothing, whatever clock and download do", () => {
  const step = fc.record({ afterMs: fc.integer({ min: -100_000, max: 100_000 }), bytes: fc.integer({ min: -1e6, max: 1e6 }) });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1 }), fc.integer({ min: -50_000, max: 50_000 }), (steps, laterMs) => {
      const { flow, atMs } = told(steps);
      const estimate = estimateOf(flow, 1e5, atMs + laterMs);
      expect(estimate?.bytesPerSecond ?? 0).toBeGreaterThanOrEqual(0);
      expect(estimate?.leftMs ?? 0).toBeGreaterThanOrEqual(0);
    }),
  );
});

test("estimateOf(): silence lowers the rate, then nothing is said any more", () => {
  const { flow, atMs } = told(Array.from({ length: 10 }, () => ({ afterMs: 1_000, bytes: 1_000 })));
  expect(estimateOf(flow, 100_000, atMs)?.bytesPerSecond).toBe(1_000);
  expect(estimateOf(flow, 100_000, atMs + 9_000)?.bytesPerSecond).toBe(500);
  expect(estimateOf(flow, 100_000, atMs + 31_000)).toBeUndefined();
});

test("estimateOf(): a standstill has a rate of nothing and no end", () => {
  const { flow, atMs } = told(Array.from({ length: 5 }, () => ({ afterMs: 1_000, bytes: 0 })));
  expect(estimateOf(flow, 100, atMs)).toEqual({ bytesPerSecond: 0 });
});
