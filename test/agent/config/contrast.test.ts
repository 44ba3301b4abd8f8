import fc from "fast-check";
import { expect, test } from "vitest";
import { contrastOf } from "../../../agent/config/contrast.ts";

const colour = fc.integer({ min: 0, max: 0xff_ff_ff }).map((value) => `#${value.toString(16).padStart(6, "0")}`);

// Known from the WCAG's own examples and calculators that follow it.
test.each([
  ["#000000", "#ffffff", 21],
  ["#ffffff", "#FFFFFF", 1],
  ["#777777", "#ffffff", 4.48],
  ["#767676", "#ffffff", 4.54],
])("contrastOf(): %s and %s have %d to 1", (one, other, ratio) => {
  expect(contrastOf(one, other)).toBeCloseTo(ratio, 2);
});

test("contrastOf(): the same both ways, from 1 to 21, and 1 of a colour on itself", () => {
  fc.assert(
    fc.property(colour, colour, (one, other) => {
      const ratio = contrastOf(one, other);
      expect(ratio).toBe(contrastOf(other, one));
      expect(ratio >= 1 && ratio <= 21.000_001).toBe(true);
      expect(contrastOf(one, one)).toBe(1);
    }),
  );
});
