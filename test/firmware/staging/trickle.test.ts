import fc from "fast-check";
import { expect, test } from "vitest";
import { NO_TRICKLE, stepTrickle, TRICKLE_BYTES, TRICKLE_WINDOW_MS, type Trickle } from "../../../firmware/staging/trickle.ts";

const piece = fc.record({ waitedMs: fc.integer({ min: -1_000, max: 15_000 }), bytes: fc.nat(1_460) });

function run(pieces: readonly { readonly waitedMs: number; readonly bytes: number }[]): number | undefined {
  let flow: Trickle = NO_TRICKLE;
  for (const [at, { waitedMs, bytes }] of pieces.entries()) {
    const next = stepTrickle(flow, waitedMs, bytes);
    if (next === undefined) return at;
    flow = next;
  }
  return undefined;
}

test("stepTrickle(): it ends exactly where a window of waiting has passed and too little came", () => {
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 80 }), (pieces) => {
      const end = run(pieces);
      if (end === undefined) return;
      const slow = pieces.slice(0, end + 1);
      // Of the last window alone: from the end backwards until it is full.
      let waitedMs = 0;
      let bytes = 0;
      for (const one of slow.toReversed()) {
        if (waitedMs >= TRICKLE_WINDOW_MS) break;
        waitedMs += Math.max(0, one.waitedMs);
        bytes += one.bytes;
      }
      expect(waitedMs).toBeGreaterThanOrEqual(TRICKLE_WINDOW_MS);
      expect(bytes).toBeLessThan(TRICKLE_BYTES);
    }),
  );
});

test("stepTrickle(): whoever brings the rate is never ended, however small the pieces", () => {
  const steady = Array.from({ length: 10_000 }, () => ({ waitedMs: 100, bytes: (TRICKLE_BYTES / TRICKLE_WINDOW_MS) * 100 }));
  expect(run(steady)).toBeUndefined();
});

test("stepTrickle(): who sends a byte every ten seconds is ended after a minute", () => {
  expect(run(Array.from({ length: 20 }, () => ({ waitedMs: 10_000, bytes: 1 })))).toBe(5);
});
