import fc from "fast-check";
import { expect, test } from "vitest";
import { compareOids, ENTERPRISE, isUnder, parseOid } from "../../../protocols/snmp/oids.ts";

const components = fc.array(fc.nat(0xffff_ffff), { minLength: 2, maxLength: 128 });

test("parseOid(): reads back every identifier of 2 to 128 components of 32 bits", () => {
  fc.assert(
    fc.property(components, (parts) => {
      expect(parseOid(parts.join("."))).toEqual(parts);
    }),
  );
});

test.each([
  "",
  "1",
  "1.",
  ".1.3",
  "1..3",
  "1.3.a",
  "1.-3",
  "1.3 ",
  "1.4294967296",
  "1.12345678901",
  `1${".1".repeat(128)}`,
  `1.${"9".repeat(2_000)}`,
])("parseOid(): %j is none", (text) => {
  expect(parseOid(text)).toBeUndefined();
});

test("compareOids(): orders as a walk does, by number and the shorter first", () => {
  const walk = ["1.3", "1.3.2", "1.3.2.1", "1.3.10", "1.3.10.1", "1.4"].map((text) => parseOid(text) ?? []);
  expect([...walk].reverse().sort(compareOids)).toEqual(walk);
});

test("compareOids(): is one order: turned round it is the opposite, and 0 only for equals", () => {
  fc.assert(
    fc.property(components, components, (a, b) => {
      expect(Math.sign(compareOids(a, b)) + Math.sign(compareOids(b, a))).toBe(0);
      expect(compareOids(a, b) === 0).toBe(a.join(".") === b.join("."));
    }),
  );
});

test.each<[string, string, boolean]>([
  ["1.3.6.1.4.1.13885", ENTERPRISE.polycom, true],
  ["1.3.6.1.4.1.13885.101.1", ENTERPRISE.polycom, true],
  ["1.3.6.1.4.1.1388.5", ENTERPRISE.polycom, false],
  ["1.3.6.1.4.1.138851", ENTERPRISE.polycom, false],
  ["1.3.6.1.4.1.138851.2", ENTERPRISE.polycom, false],
  ["1.3.6.1.4.1", ENTERPRISE.polycom, false],
])("isUnder(): %s under %s is %s", (oid, root, wanted) => {
  expect(isUnder(oid, root)).toBe(wanted);
});
