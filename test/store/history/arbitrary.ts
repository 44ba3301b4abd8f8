/** Random readings as devices could give them, extremes included. */
import fc from "fast-check";
import { READING_NAMES, type Reading, type ReadingName } from "../../../protocols/core/reading.ts";
import type { NameTable } from "../../../store/history/pack.ts";

export const NAMES: NameTable = {
  numberOf: (name) => READING_NAMES.indexOf(name) * 2,
  nameOf: (number) => READING_NAMES[number / 2],
};

const value = fc.oneof(
  fc.integer({ min: 0, max: 5 }),
  fc.integer({ min: 0, max: 10_000 }).map((number) => number / 10_000),
  fc.integer({ min: 0, max: 4_000_000_000 }),
  fc.double({ min: -1e3, max: 1e3, noNaN: true }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, -1, 2 ** 36, 2 ** 36 + 1, 2 ** 45, 2 ** 53),
);
/** Few names, so that each has many readings. */
const name = fc.constantFrom<ReadingName>("mos", "inCall", "uptimeSeconds", "rxPackets", "certificateNotAfterSeconds");

export const readings: fc.Arbitrary<Reading> = fc.dictionary(name, value, { noNullPrototype: true });
/** `undefined`: asked and not answered. */
export const timeline: fc.Arbitrary<readonly (Reading | undefined)[]> = fc.array(fc.option(readings, { nil: undefined, freq: 4 }), {
  maxLength: 12,
});
