import fc from "fast-check";
import { expect, test } from "vitest";
import { atLeast, isAboveBound } from "../../../../firmware/waves/gates/bound.ts";

test("atLeast(): the upper tail of the binomial distribution", () => {
  expect(atLeast(0, 10, 0.02)).toBe(1);
  expect(atLeast(1, 1, 0.02)).toBeCloseTo(0.02, 12);
  expect(atLeast(1, 2, 0.5)).toBeCloseTo(0.75, 12);
  expect(atLeast(2, 3, 0.5)).toBeCloseTo(0.5, 12);
  expect(atLeast(10, 10, 0.5)).toBeCloseTo(1 / 1024, 12);
});

test("atLeast(): more hits are less likely, more tries make them likelier", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 400 }), (count, more) => {
      const of = count + more;
      const chance = atLeast(count, of, 0.02);
      expect(chance).toBeGreaterThanOrEqual(0);
      expect(chance).toBeLessThanOrEqual(atLeast(count - 1, of, 0.02) + 1e-12);
      expect(chance).toBeLessThanOrEqual(atLeast(count, of + 1, 0.02) + 1e-12);
    }),
  );
});

test.each([
  [1, 1, false],
  [2, 18, true],
  [2, 19, false],
  [2, 100, false],
  [5, 100, false],
  [6, 100, true],
  [0, 500, false],
] as const)("isAboveBound(): %i of %i devices failed: %s", (failed, ended, isAbove) => {
  expect(isAboveBound(failed, ended)).toBe(isAbove);
});
