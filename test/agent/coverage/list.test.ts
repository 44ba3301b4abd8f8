import fc from "fast-check";
import { expect, test } from "vitest";
import { differences, entitlementsOf, type Line, lineSchema, losesTooMuch } from "../../../agent/coverage/list.ts";
import type { Entitlement } from "../../../store/entitlements.ts";

const line = (changes: object = {}): Line => lineSchema.parse({ serial: "8L1", contract: "C-1", ...changes });
const csv = (...lines: readonly Line[]): readonly Entitlement[] => entitlementsOf("csv", lines);

test("entitlementsOf(): a renewed contract keeps its name, another contract has another", () => {
  const [first] = csv(line({ until: "2027-01-01" }));
  expect(csv(line({ until: "2028-01-01" }))[0]?.key).toBe(first?.key);
  expect(csv(line({ contract: "C-2" }))[0]?.key).not.toBe(first?.key);
});

test("entitlementsOf(): two periods of one contract are two, in whatever order they stand", () => {
  const [a, b] = [line({ from: "2026-01-01", until: "2026-12-31" }), line({ from: "2027-01-01", until: "2027-12-31" })];
  expect(new Set(csv(a, b).map(({ key }) => key)).size).toBe(2);
  expect(csv(b, a)).toEqual(csv(a, b));
});

test.each([
  [{ serial: undefined, model: "VVX 450" }, "names no device"],
  [{ quantity: 3 }, "one device has one licence"],
  [{ from: "2027-01-02", until: "2027-01-01" }, "before it begins"],
  [{ until: "2027-02-30" }, "no day of the calendar"],
  [{ until: "01/02/2027" }, "expected a day"],
  [{ mac: "nonsense" }, "expected a MAC"],
  [{ colour: "red" }, "colour"],
])("lineSchema: %j is refused", (changes, why) => {
  const given = Object.fromEntries(Object.entries({ serial: "8L1", ...changes }).filter(([, value]) => value !== undefined));
  const read = lineSchema.safeParse(given);
  expect(read.error?.message).toContain(why);
});

const anyLine = fc.record({ serial: fc.constantFrom("8L1", "8L2", "8L3", "8L4"), until: fc.constantFrom("2027-01-01", "2028-01-01") });
const anyList = fc.uniqueArray(anyLine, { selector: ({ serial }) => serial, maxLength: 4 }).map((lines) => csv(...lines.map(line)));

test("differences(): applied to the old list they give the new one; of a list to itself there are none", () => {
  fc.assert(
    fc.property(anyList, anyList, (before, after) => {
      const list = new Map(before.map((one) => [one.key, one]));
      for (const { key, was, becomes } of differences(before, after)) {
        expect(was).toEqual(list.get(key));
        if (becomes === undefined) list.delete(key);
        else list.set(key, becomes);
      }
      expect([...list.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1))).toEqual(after.toSorted((a, b) => (a.key < b.key ? -1 : 1)));
      expect(differences(after, after)).toEqual([]);
    }),
  );
});

test.each([
  [10, 4, false],
  [10, 5, false],
  [10, 6, true],
  [4, 4, false],
])("losesTooMuch(): of %i lines %i gone is %s", (all, gone, asks) => {
  const before = csv(...Array.from({ length: all }, (_, i) => line({ serial: `8L${i}` })));
  const changes = before.slice(0, gone).map((was) => ({ key: was.key, was }));
  expect(losesTooMuch(before, changes)).toBe(asks);
});
