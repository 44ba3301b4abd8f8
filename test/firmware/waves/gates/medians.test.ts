import fc from "fast-check";
import { expect, test } from "vitest";
import { mediansOf, type Sides } from "../../../../firmware/waves/gates/medians.ts";

const one = (before: number | undefined, after: number | undefined, model = "VVX 450"): Sides => ({
  model,
  before: { reading: before === undefined ? {} : { jitterSeconds: before } },
  after: { reading: after === undefined ? {} : { jitterSeconds: after } },
});

test("mediansOf(): the middle before and after, of updated and untouched devices", () => {
  expect(mediansOf(["jitterSeconds", "mos"], [one(1, 4), one(2, 5), one(9, 6)], [one(3, 3), one(1, 2)])).toEqual([
    { name: "jitterSeconds", updated: { devices: 3, before: 2, after: 5 }, untouched: { devices: 2, before: 1, after: 2 } },
  ]);
});

test("mediansOf(): devices that did not state it both times, and untouched ones of other models, say nothing", () => {
  const updated = [one(1, 2), one(undefined, 7), one(7, undefined), one(Number.NaN, 3), { model: "VVX 450" }];
  expect(mediansOf(["jitterSeconds"], updated, [one(5, 5, "VVX 250")])).toEqual([
    { name: "jitterSeconds", updated: { devices: 1, before: 1, after: 2 } },
  ]);
  expect(mediansOf(["jitterSeconds"], [one(undefined, 1)], [one(1, 1)])).toEqual([]);
});

test("mediansOf(): half of the devices are on either side, in whatever order they come", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: 30 }), (values) => {
      const [line] = mediansOf(
        ["jitterSeconds"],
        values.map((value) => one(value, -value)),
        [],
      );
      const { before, after } = line?.updated ?? { before: Number.NaN, after: Number.NaN };
      expect(values.filter((value) => value < before).length * 2).toBeLessThanOrEqual(values.length);
      expect(values.filter((value) => value > before).length * 2).toBeLessThanOrEqual(values.length + 1);
      expect(values).toContain(-after);
    }),
  );
});
