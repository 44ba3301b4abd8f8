import fc from "fast-check";
import { expect, test } from "vitest";
import { Bug } from "../../../protocols/core/fault.ts";
import { READING_NAMES, type Reading, type ReadingName } from "../../../protocols/core/reading.ts";
import { NAMES_MAX, type NameTable, packReading, unpackReading } from "../../../store/history/pack.ts";

const NAMES: NameTable = {
  numberOf: (name) => READING_NAMES.indexOf(name) + NAMES_MAX - READING_NAMES.length,
  nameOf: (number) => READING_NAMES[number - NAMES_MAX + READING_NAMES.length],
};

const value = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.maxSafeInteger(),
  fc.integer({ min: -100_000, max: 100_000 }),
  fc.integer({ min: -100_000, max: 100_000 }).map((number) => number / 10_000),
  fc.constantFrom(0, -0, 2 ** 51, 2 ** 51 - 1, -(2 ** 51), 2 ** 51 / 10_000, Number.MIN_VALUE, Number.MAX_VALUE, 0.00005, -0.00001),
);
const reading: fc.Arbitrary<Reading> = fc.dictionary(fc.constantFrom<ReadingName>(...READING_NAMES), value, { noNullPrototype: true });

const back = (given: Reading): Reading => unpackReading(packReading(given, NAMES), NAMES);

test("unpackReading(): gives back exactly what was packed, no value rounded, none added", () => {
  fc.assert(
    fc.property(reading, (given) => {
      const got = back(given);
      expect(Object.keys(got).sort()).toEqual(Object.keys(given).sort());
      for (const name of READING_NAMES) expect(Object.is(got[name], given[name])).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("unpackReading(): absent stays absent and zero stays zero", () => {
  const got = back({ registeredLines: 0 });
  expect(got).toEqual({ registeredLines: 0 });
  expect("inCall" in got).toBe(false);
  expect(back({})).toEqual({});
});

test("packReading(): an undefined value is absent", () => {
  const given: { mos?: number | undefined } = { mos: undefined };
  expect(packReading(given as Reading, NAMES)).toHaveLength(0);
});

test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
  "packReading(): %d is a bug: absent values are left out",
  (bad) => {
    expect(() => packReading({ mos: bad }, NAMES)).toThrow(Bug);
  },
);

test.each([
  [{ inCall: 0 }, 2],
  [{ inCall: 63 }, 2],
  [{ inCall: 64 }, 3],
  [{ cpuRatio: 0.25 }, 3],
  [{ cpuRatio: 1 / 3 }, 9],
])("packReading(): %j takes %i octets", (given, octets) => {
  expect(packReading(given, NAMES)).toHaveLength(octets);
});

test("packReading(): all names at once with the longest values fit", () => {
  const all = Object.fromEntries(READING_NAMES.map((name) => [name, -(2 ** 51) + 1])) as Reading;
  expect(back(all)).toEqual(all);
});

test("unpackReading(): a name this agent no longer knows is passed over, the others are read", () => {
  const packed = packReading({ registeredLines: 2, mos: 4.2, inCall: 1 }, NAMES);
  const forgetful: NameTable = { ...NAMES, nameOf: (number) => (number === NAMES.numberOf("mos") ? undefined : NAMES.nameOf(number)) };
  expect(unpackReading(packed, forgetful)).toEqual({ registeredLines: 2, inCall: 1 });
});

test("unpackReading(): cut off anywhere within a value it throws, it never makes one up", () => {
  for (const given of [{ inCall: 70_000 }, { cpuRatio: 0.25 }, { mos: Math.PI }] as const) {
    const packed = packReading(given, NAMES);
    for (let length = 1; length < packed.length; length++) expect(() => unpackReading(packed.subarray(0, length), NAMES)).toThrow();
  }
});

test("unpackReading(): a form it does not know throws", () => {
  expect(() => unpackReading(Buffer.from([3, 0]), NAMES)).toThrow("form 3 is unknown");
});
