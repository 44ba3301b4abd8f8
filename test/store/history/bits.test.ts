import fc from "fast-check";
import { expect, test } from "vitest";
import { Bug } from "../../../protocols/core/fault.ts";
import { bitReader, bitWriter, gammaBits, riceBits, unzigzag, zigzag } from "../../../store/history/bits.ts";

const LARGEST = Number.MAX_SAFE_INTEGER - 1;
const number = fc.oneof(
  fc.nat(),
  fc.maxSafeNat().map((value) => Math.min(value, LARGEST)),
  fc.constantFrom(0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32, LARGEST),
);
const entry = fc.oneof(
  fc.record({ how: fc.constant("gamma" as const), value: number, k: fc.constant(0) }),
  fc.record({ how: fc.constant("rice" as const), value: number, k: fc.integer({ min: 0, max: 31 }) }),
  fc.record({ how: fc.constant("bits" as const), value: number, k: fc.constant(53) }),
);

test("bitReader(): gives back what bitWriter() was told, in as many bits as were counted", () => {
  fc.assert(
    fc.property(fc.array(entry), (entries) => {
      const out = bitWriter();
      let bits = 0;
      for (const { how, value, k } of entries) {
        if (how === "gamma") out.gamma(value);
        else if (how === "rice") out.rice(value, k);
        else out.bits(value, k);
        bits += how === "gamma" ? gammaBits(value) : how === "rice" ? riceBits(value, k) : k;
      }
      const packed = out.done();
      expect(packed.length).toBe(Math.ceil(bits / 8));
      const from = bitReader(packed);
      for (const { how, value, k } of entries)
        expect(how === "gamma" ? from.gamma() : how === "rice" ? from.rice(k) : from.bits(k)).toBe(value);
    }),
  );
});

test("zigzag(): there and back, small magnitudes small", () => {
  expect([0, -1, 1, -2, 2].map(zigzag)).toEqual([0, 1, 2, 3, 4]);
  fc.assert(fc.property(fc.integer({ min: -(2 ** 31), max: 2 ** 31 }), (value) => void expect(unzigzag(zigzag(value))).toBe(value)));
});

test("bitReader(): past the end it throws, it never makes a number up", () => {
  const out = bitWriter();
  out.gamma(1_000_000);
  const packed = out.done();
  for (let length = 0; length < packed.length; length++) expect(() => bitReader(packed.subarray(0, length)).gamma()).toThrow("cut off");
  expect(() => bitReader(new Uint8Array(20)).gamma()).toThrow("too long");
});

test.each([-1, 0.5, Number.MAX_SAFE_INTEGER, Number.NaN])("gamma(): %d cannot be packed", (value) => {
  expect(() => bitWriter().gamma(value)).toThrow(Bug);
});
