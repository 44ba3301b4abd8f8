/**
 * Whole numbers in as few bits as they need: for columns of roll-ups, where a number more often than not is the one
 * before it again.
 */
import { Bug } from "../../protocols/core/fault.ts";

/** So many leading ones say that a number does not follow its column's habit and stands in full. Guessed. */
const ESCAPE = 20;
/** Bits of the largest number that may be written: all of a safe integer. */
const NUMBER_BITS = 53;

export interface BitWriter {
  /** `value` < 2^`width`, `width` ≤ 53. */
  bits(value: number, width: number): void;
  /** Any whole number ≥ 0 below 2^53 − 1; short ones take few bits (Elias gamma of value + 1). */
  gamma(value: number): void;
  /** As `gamma`, cheapest for numbers around 2^`k`. */
  rice(value: number, k: number): void;
  /** What was written, filled up to whole octets. */
  done(): Buffer;
}

export interface BitReader {
  bits(width: number): number;
  gamma(): number;
  rice(k: number): number;
  /** Octets begun so far: what follows whole octets starts there. */
  octets(): number;
}

/** Signed to unsigned, small magnitudes stay small. */
export const zigzag = (value: number): number => (value >= 0 ? value * 2 : -value * 2 - 1);
export const unzigzag = (value: number): number => (value % 2 === 0 ? value / 2 : -(value + 1) / 2);

/** Up to here the processor's own whole numbers do. */
const SMALL = 2 ** 31;

export const gammaBits = (value: number): number => 2 * widthOf(value + 1) - 1;
export function riceBits(value: number, k: number): number {
  const quotient = quotientOf(value, k);
  return quotient < ESCAPE ? quotient + 1 + k : ESCAPE + gammaBits(value);
}

const quotientOf = (value: number, k: number): number => (value < SMALL ? value >>> k : Math.floor(value / 2 ** k));

/** Bits of a whole number ≥ 1. */
function widthOf(value: number): number {
  return value < SMALL ? 32 - Math.clz32(value) : 31 + widthOf(Math.floor(value / SMALL));
}

export function bitWriter(): BitWriter {
  let out = Buffer.alloc(256);
  let at = 0;
  let held = 0;
  let heldBits = 0;
  const octet = (value: number): void => {
    if (at === out.length) out = Buffer.concat([out, Buffer.alloc(out.length)]);
    out[at++] = value;
  };
  const few = (value: number, width: number): void => {
    held = (held << width) | value;
    heldBits += width;
    while (heldBits >= 8) {
      heldBits -= 8;
      octet((held >>> heldBits) & 255);
    }
    held &= 255;
  };
  const bits = (value: number, width: number): void => {
    // 16 at a time: with the seven that may be held they stay below 32.
    let left = width;
    while (left > 16) {
      const take = left % 16 || 16;
      left -= take;
      few(Math.floor(value / 2 ** left) % 2 ** take, take);
    }
    if (left > 0) few(width > 16 ? value % 2 ** left : value, left);
  };
  const gamma = (value: number): void => {
    if (!Number.isSafeInteger(value + 1) || value < 0) throw new Bug(`${value} cannot be packed`);
    const width = widthOf(value + 1);
    bits(0, width - 1);
    bits(value + 1, width);
  };
  return {
    bits,
    gamma,
    rice(value, k) {
      const quotient = quotientOf(value, k);
      if (quotient >= ESCAPE) {
        bits(2 ** ESCAPE - 1, ESCAPE);
        return gamma(value);
      }
      bits(2 ** (quotient + 1) - 2, quotient + 1);
      bits(value < SMALL && k < 31 ? value & ((1 << k) - 1) : value % 2 ** k, k);
    },
    done() {
      if (heldBits > 0) octet((held << (8 - heldBits)) & 255);
      heldBits = 0;
      return Buffer.from(out.subarray(0, at));
    },
  };
}

export function bitReader(packed: Uint8Array): BitReader {
  let at = 0;
  const end = packed.length * 8;
  const bits = (width: number): number => {
    if (at + width > end) throw new Error("a packed number is cut off");
    let value = 0;
    for (let left = width; left > 0; ) {
      const inOctet = 8 - (at & 7);
      const take = Math.min(left, inOctet);
      value = value * 2 ** take + (((packed[at >> 3] as number) >> (inOctet - take)) & (2 ** take - 1));
      at += take;
      left -= take;
    }
    return value;
  };
  const gamma = (): number => {
    let zeros = 0;
    while (bits(1) === 0) if (++zeros > NUMBER_BITS) throw new Error("a packed number is too long");
    return 2 ** zeros + bits(zeros) - 1;
  };
  return {
    bits,
    gamma,
    rice(k) {
      let quotient = 0;
      while (quotient < ESCAPE && bits(1) === 1) quotient++;
      return quotient === ESCAPE ? gamma() : quotient * 2 ** k + bits(k);
    },
    octets: () => Math.ceil(at / 8),
  };
}
