/**
 * A reading as a few bytes: for each value one octet (number of its name × 4 + form), then the value.
 * Nothing is rounded: a value that does not fit a short form takes the long one.
 */
import { Bug } from "../../protocols/core/fault.ts";
import { READING_NAMES, type Reading, type ReadingName } from "../../protocols/core/reading.ts";

/** Number → name and back, as the file itself says: the order of names in the code may change. */
export interface NameTable {
  numberOf(name: ReadingName): number;
  /** `undefined` for a name this agent no longer knows. */
  nameOf(number: number): ReadingName | undefined;
}

/** Six bits are left for the name. */
export const NAMES_MAX = 64;

const WHOLE = 0;
/** Whole number of ten-thousandths: ratios, loss, seconds. */
const DECIMAL = 1;
const DOUBLE = 2;
const SCALE = 10_000;
/** Up to here a zigzag number stays a safe integer. */
const SHORT_MAX = 2 ** 51;
/** One octet for name and form, eight for the longest form: seven bits an octet of 53, or a double. */
const VALUE_BYTES_MAX = 9;

/** Room for all names at once; what was packed is copied out of it. */
const scratch = Buffer.alloc(NAMES_MAX * VALUE_BYTES_MAX);

export function packReading(reading: Reading, names: NameTable): Buffer {
  let at = 0;
  for (const name of READING_NAMES) {
    const value = reading[name];
    if (value === undefined) continue;
    if (!Number.isFinite(value)) throw new Bug(`Reading ${name} is ${value}: absent values are left out`);
    const scaled = Math.round(value * SCALE);
    const form = fitsShort(value) ? WHOLE : fitsShort(scaled) && scaled / SCALE === value ? DECIMAL : DOUBLE;
    scratch[at++] = names.numberOf(name) * 4 + form;
    at = form === DOUBLE ? scratch.writeDoubleLE(value, at) : writeVarint(scratch, form === WHOLE ? value : scaled, at);
  }
  return Buffer.from(scratch.subarray(0, at));
}

export function unpackReading(packed: Buffer, names: NameTable): Reading {
  const reading: { [name in ReadingName]?: number } = {};
  let at = 0;
  while (at < packed.length) {
    const head = packed[at++] as number;
    const form = head & 3;
    let value: number;
    if (form === DOUBLE) {
      value = packed.readDoubleLE(at);
      at += 8;
    } else if (form === WHOLE || form === DECIMAL) {
      const read = readVarint(packed, at);
      value = form === WHOLE ? read.value : read.value / SCALE;
      at = read.at;
    } else {
      throw new Error(`form ${form} is unknown`);
    }
    const name = names.nameOf(head >> 2);
    if (name !== undefined) reading[name] = value;
  }
  return reading;
}

function fitsShort(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < SHORT_MAX && !Object.is(value, -0);
}

/** Zigzag (small magnitudes stay small), then seven bits an octet, low first, high bit says more. */
function writeVarint(out: Buffer, value: number, start: number): number {
  let rest = value >= 0 ? value * 2 : -value * 2 - 1;
  let at = start;
  while (rest >= 128) {
    out[at++] = (rest % 128) | 128;
    rest = Math.floor(rest / 128);
  }
  out[at++] = rest;
  return at;
}

function readVarint(packed: Buffer, start: number): { value: number; at: number } {
  let sum = 0;
  let weight = 1;
  for (let at = start; at < packed.length; at++) {
    const octet = packed[at] as number;
    sum += (octet & 127) * weight;
    if (octet < 128) return { value: sum % 2 === 0 ? sum / 2 : -(sum + 1) / 2, at: at + 1 };
    weight *= 128;
  }
  throw new Error("a number is cut off");
}
