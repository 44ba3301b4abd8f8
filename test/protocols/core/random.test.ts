import fc from "fast-check";
import { expect, test } from "vitest";
import { type Random, seededRandom, shuffled, systemRandom } from "../../../protocols/core/random.ts";

const story = (random: Random): readonly unknown[] => [random.next(), random.below(1_000), random.hex(8), random.next()];

test("seededRandom(): the same seed tells the same story, another seed another", () => {
  expect(story(seededRandom(7))).toEqual(story(seededRandom(7)));
  expect(story(seededRandom(7))).not.toEqual(story(seededRandom(8)));
});

test.each([
  ["seededRandom", seededRandom(1)],
  ["systemRandom", systemRandom()],
] as const)("%s(): stays inside its ranges", (_name, random) => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), (below) => {
      const [x, n] = [random.next(), random.below(below)];
      return x >= 0 && x < 1 && Number.isInteger(n) && n >= 0 && n < below;
    }),
  );
  expect(random.hex(6)).toMatch(/^[0-9a-f]{12}$/);
});

test("systemRandom(): two sources never tell the same story", () => {
  expect(systemRandom().hex(16)).not.toBe(systemRandom().hex(16));
});

test("seededRandom(): below() reaches every value about equally often", () => {
  const random = seededRandom(3);
  const counts = [0, 0, 0, 0];
  for (let i = 0; i < 4_000; i++) {
    const n = random.below(4);
    counts[n] = (counts[n] ?? 0) + 1;
  }
  for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});

test("shuffled(): a new array with the same items, the old one untouched", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.integer(), (items, seed) => {
      const before = [...items];
      const out = shuffled(items, seededRandom(seed));
      expect(items).toEqual(before);
      expect(out).not.toBe(items);
      expect(out.toSorted((a, b) => a - b)).toEqual(before.toSorted((a, b) => a - b));
    }),
  );
});

test("shuffled(): every order of three items comes up about equally often", () => {
  const random = seededRandom(5);
  const counts = new Map<string, number>();
  for (let i = 0; i < 6_000; i++) {
    const order = shuffled(["a", "b", "c"], random).join("");
    counts.set(order, (counts.get(order) ?? 0) + 1);
  }
  expect(counts.size).toBe(6);
  for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
});
