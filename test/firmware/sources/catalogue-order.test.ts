import fc from "fast-check";
import { expect, test } from "vitest";
import { type CatalogueMark, goesBack } from "../../../firmware/sources/catalogue-order.ts";

const mark = (version: number, rootVersion?: number, releaseKeys = "a"): CatalogueMark =>
  rootVersion === undefined ? { version } : { version, trust: { rootVersion, releaseKeys } };

test.each<[string, CatalogueMark | undefined, CatalogueMark, boolean]>([
  ["nothing was seen", undefined, mark(1, 1), false],
  ["the same again", mark(5, 1), mark(5, 1), false],
  ["a newer version", mark(5, 1), mark(6, 1), false],
  ["an older version", mark(5, 1), mark(4, 1), true],
  ["an older version under a newer root with the same release keys", mark(5, 1), mark(4, 2), true],
  ["an older version under a newer root with other release keys", mark(5, 1), mark(4, 2, "b"), false],
  ["an older version with other release keys under the same root", mark(5, 1), mark(4, 1, "b"), true],
  ["a newer version under an older root", mark(5, 2), mark(6, 1), true],
  ["an older version, and it is not known under which root the newer was read", mark(5), mark(4, 2, "b"), true],
  ["a newer version, and it is not known under which root the older was read", mark(5), mark(6, 1), false],
])("goesBack(): %s", (_what, seen, found, back) => {
  expect(goesBack(seen, found) !== undefined).toBe(back);
});

test("goesBack(): says which of the two is behind", () => {
  expect(goesBack(mark(5, 1), mark(4, 1))).toEqual({ wanted: "catalogue 5 or newer", found: "catalogue 4" });
  expect(goesBack(mark(5, 2), mark(6, 1))).toEqual({ wanted: "root 2 or newer", found: "root 1" });
});

test("goesBack(): of two that differ not both are newer than the other", () => {
  const marks = fc.tuple(fc.nat(9), fc.nat(3), fc.constantFrom("a", "b")).map(([version, root, keys]) => mark(version, root + 1, keys));
  fc.assert(
    fc.property(marks, marks, (one, other) => {
      const same = one.version === other.version && one.trust?.rootVersion === other.trust?.rootVersion;
      fc.pre(!same);
      expect(goesBack(one, other) !== undefined || goesBack(other, one) !== undefined).toBe(true);
    }),
  );
});
