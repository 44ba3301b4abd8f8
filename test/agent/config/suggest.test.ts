import fc from "fast-check";
import { expect, test } from "vitest";
import { editDistance, suggest } from "../../../agent/config/suggest.ts";

test.each([
  ["polcy", "policy"],
  ["Policy", "policy"],
  ["sweeep", "sweep"],
  ["netwroks", "networks"],
  ["cannary", "canary"],
])("suggest(): %s means %s", (word, meant) => {
  expect(suggest(word, ["site", "networks", "policy", "sweep", "canary"])).toBe(meant);
});

test("suggest(): a word that is like none means none", () => {
  expect(suggest("firewall", ["site", "networks", "policy"])).toBeUndefined();
  expect(suggest("x", [])).toBeUndefined();
  for (const length of [65, 300, 100_000]) expect(suggest("x".repeat(length), ["policy", "y".repeat(length)]) === undefined).toBe(true);
});

test("editDistance(): nothing to itself, the same both ways, and a neighbour swapped is one", () => {
  const word = fc.string({ maxLength: 12 });
  fc.assert(fc.property(word, (a) => editDistance(a, a) === 0));
  fc.assert(fc.property(word, word, (a, b) => editDistance(a, b) === editDistance(b, a)));
  fc.assert(fc.property(word, word, (a, b) => editDistance(a, b) <= Math.max(a.length, b.length)));
  expect([editDistance("ab", "ba"), editDistance("kitten", "sitting"), editDistance("", "abc")]).toEqual([1, 3, 3]);
});
