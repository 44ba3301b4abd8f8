import fc from "fast-check";
import { expect, test } from "vitest";
import { chanceOf } from "../../../../agent/health/causes/exact.ts";

/** Every way to draw, counted one by one. */
function counted({ hit, drawn, bad, total }: Parameters<typeof chanceOf>[0]): number {
  let ways = 0;
  let all = 0;
  for (let set = 0; set < 2 ** total; set++) {
    const members = Array.from({ length: total }, (_, index) => (set >> index) & 1);
    if (members.reduce((sum, one) => sum + one, 0) !== drawn) continue;
    all++;
    if (members.slice(0, bad).reduce((sum, one) => sum + one, 0) >= hit) ways++;
  }
  return ways / all;
}

test("chanceOf(): is what counting all ways to draw gives", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), fc.nat(10), fc.nat(10), fc.nat(10), (total, a, b, c) => {
      const [drawn, bad] = [Math.min(a, total), Math.min(b, total)];
      const ask = { hit: Math.min(c, drawn, bad), drawn, bad, total };
      expect(chanceOf(ask)).toBeCloseTo(counted(ask), 10);
    }),
  );
});

test("chanceOf(): nothing to hit is certain, all of three among a hundred well is not chance", () => {
  expect(chanceOf({ hit: 0, drawn: 5, bad: 2, total: 10 })).toBeCloseTo(1, 12);
  expect(chanceOf({ hit: 3, drawn: 3, bad: 3, total: 103 })).toBeCloseTo(1 / 176_851, 12);
  expect(chanceOf({ hit: 500, drawn: 1_000, bad: 600, total: 10_000 })).toBeLessThan(1e-100);
});
