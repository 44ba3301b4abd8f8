import fc from "fast-check";
import { expect, test } from "vitest";
import { bitReader, bitWriter } from "../../../store/history/bits.ts";
import { readColumn, writeColumn } from "../../../store/history/column.ts";

const packed = (values: readonly number[]): Buffer => {
  const out = bitWriter();
  writeColumn(out, values);
  return out.done();
};
const LARGEST = 2 ** 50;
const value = fc.oneof(
  fc.integer({ min: -5, max: 5 }),
  fc.constant(0),
  fc.integer({ min: -1_000, max: 1_000 }).map((few) => few * 10_000),
  fc.integer({ min: -LARGEST, max: LARGEST }),
  fc.constantFrom(LARGEST, -LARGEST),
);

test("readColumn(): gives back exactly what was written", () => {
  fc.assert(
    fc.property(fc.array(value, { maxLength: 40 }), (values) => {
      expect(readColumn(bitReader(packed(values)), values.length)).toEqual(values.map((one) => one + 0));
    }),
    { numRuns: 500 },
  );
});

test("readColumn(): two columns after each other", () => {
  const out = bitWriter();
  writeColumn(out, [3, 1, 4]);
  writeColumn(out, []);
  writeColumn(out, [0, 0]);
  writeColumn(out, [7]);
  const from = bitReader(out.done());
  expect([3, 0, 2, 1].map((count) => readColumn(from, count))).toEqual([[3, 1, 4], [], [0, 0], [7]]);
});

test.each([
  ["noughts", Array(288).fill(0), 1],
  ["one value all the time", Array(288).fill(4), 2],
  ["a steady climb", Array.from({ length: 288 }, (_, i) => 1_000 + 120 * i), 8],
  ["noise of ±1 around 40 %", Array.from({ length: 288 }, (_, i) => 4_000 + 100 * ((i * 7) % 3)), 85],
  ["one spike", Array.from({ length: 288 }, (_, i) => (i === 100 ? 1 : 0)), 8],
] as const)("writeColumn(): %s are few octets", (_what, values, octets) => {
  expect(packed(values).length).toBeLessThanOrEqual(octets);
});

test("readColumn(): damage is told, or read as numbers, and never hangs", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 30 }), fc.integer({ min: 0, max: 50 }), (bytes, count) => {
      try {
        expect(readColumn(bitReader(bytes), count)).toHaveLength(count);
      } catch (error) {
        expect((error as Error).message).toMatch(/cut off|too long|unknown|longer than/);
      }
    }),
  );
});
