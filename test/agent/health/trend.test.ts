import fc from "fast-check";
import { expect, test } from "vitest";
import { mannKendall, mean, median, theilSen } from "../../../agent/health/trend.ts";
import { seededRandom, shuffled } from "../../../protocols/core/random.ts";

const value = fc.double({ min: -1e6, max: 1e6, noNaN: true });
const points = (list: readonly number[]) => list.map((one, i) => ({ atMs: i * 1_000, value: one }));

test("mannKendall(): known values", () => {
  // n 10, all rising: S 45, variance 10 · 9 · 25 / 18 = 125.
  expect(mannKendall(Array.from({ length: 10 }, (_, i) => i))).toBeCloseTo(44 / Math.sqrt(125), 10);
  // Ties of two and three: variance (6·5·17 − 2·1·9 − 3·2·11) / 18.
  expect(mannKendall([1, 1, 2, 3, 3, 3])).toBeCloseTo(10 / Math.sqrt((510 - 18 - 66) / 18), 10);
  expect([mannKendall([]), mannKendall([5]), mannKendall([2, 2, 2, 2])]).toEqual([0, 0, 0]);
});

test("mannKendall(): backwards it is the opposite, and only the order counts", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { maxLength: 40 }), (list) => {
      expect(mannKendall(list.toReversed())).toBeCloseTo(-mannKendall(list), 10);
      expect(mannKendall(list.map((one) => one ** 3 + 7))).toBeCloseTo(mannKendall(list), 10);
    }),
  );
});

test("mannKendall(): chance alone passes 3.09 about once in a thousand", () => {
  const random = seededRandom(11);
  const ordered = Array.from({ length: 14 }, (_, i) => i);
  let passed = 0;
  for (let i = 0; i < 20_000; i++) if (mannKendall(shuffled(ordered, random)) >= 3.09) passed++;
  expect(passed).toBeGreaterThan(4);
  expect(passed).toBeLessThan(40);
});

test("theilSen(): finds the line in any line, whatever a fourth of its points show", () => {
  fc.assert(
    fc.property(fc.double({ min: -100, max: 100, noNaN: true }), fc.array(value, { maxLength: 5 }), fc.nat(1_000), (slope, wild, seed) => {
      const line = points(Array.from({ length: 20 }, (_, i) => 7 + slope * i));
      const spots = shuffled([...line.keys()], seededRandom(seed)).slice(0, wild.length);
      for (const [i, spot] of spots.entries()) line[spot] = { atMs: spot * 1_000, value: wild[i] as number };
      const found = theilSen(line);
      expect(found.slope * 1_000).toBeCloseTo(slope, 6);
      expect(found.at(10_000)).toBeCloseTo(7 + slope * 10, 4);
    }),
  );
});

test("theilSen(), median(), mean(): of nothing and of one", () => {
  expect([theilSen([]).slope, theilSen(points([4])).at(99_000), median([]), mean([])]).toEqual([0, 4, 0, 0]);
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), mean([1, 2, 6])]).toEqual([2, 2.5, 3]);
});
