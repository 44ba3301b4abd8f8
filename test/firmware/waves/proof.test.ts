import fc from "fast-check";
import { expect, test } from "vitest";
import { cleanNeeded, proofWords, ruledOutPerMille } from "../../../firmware/waves/proof.ts";

test.each([
  [0, 1_000],
  [1, 950],
  [5, 451],
  [28, 102],
  [29, 99],
  [299, 10],
])("ruledOutPerMille(): %i clean devices rule out more than %i in a thousand", (clean, perMille) => {
  expect(ruledOutPerMille(clean)).toBe(perMille);
});

test("ruledOutPerMille(): more clean devices never prove less", () => {
  fc.assert(
    fc.property(fc.nat(20_000), fc.nat(20_000), (a, b) => {
      expect(ruledOutPerMille(a + b)).toBeLessThanOrEqual(ruledOutPerMille(a));
    }),
  );
});

test("ruledOutPerMille(): at the rate that is ruled out, so many clean devices are a chance of at most one in twenty", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5_000 }), (clean) => {
      expect((1 - ruledOutPerMille(clean) / 1_000) ** clean).toBeLessThanOrEqual(0.05 + 1e-9);
    }),
  );
});

test("cleanNeeded(): 29 devices rule out ten in a hundred, and 28 do not", () => {
  expect(cleanNeeded(0.1)).toBe(29);
  expect([28, 29].map((clean) => ruledOutPerMille(clean) <= 100)).toEqual([false, true]);
});

test("proofWords(): as people read it", () => {
  expect(proofWords(1)).toBe("1 clean device: a failure rate above 95 % is ruled out");
  expect(proofWords(29)).toBe("29 clean devices: a failure rate above 9.9 % is ruled out");
});
