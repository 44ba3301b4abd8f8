/**
 * A column of whole numbers as few bits: what it has in common once, then how each differs. Nothing is rounded. A column of
 * noughts takes one bit, one that never changes two octets, one that wanders about as many bits a number as it wanders.
 */
import { type BitReader, type BitWriter, gammaBits, riceBits, unzigzag, zigzag } from "./bits.ts";

/** What a number is compared with: the middle one, the one before, or what the two before let expect. */
type Order = 0 | 1 | 2;

const CONSTANT = 0;
const RICE = 1;
/** Mostly noughts: how many, then what breaks them. */
const SPARSE = 2;

const ORDER_BITS = 2;
const MODE_BITS = 2;
const K_BITS = 5;
const K_MAX = 31;
/** Powers of ten all numbers are multiples of: values of a device often have fewer digits than the grid. */
const TENS_BITS = 3;
const TENS_MAX = 4;

interface Shape {
  readonly order: Order;
  readonly base: number;
  readonly rest: readonly number[];
  readonly mode: number;
  readonly k: number;
}

export function writeColumn(out: BitWriter, values: readonly number[]): void {
  if (values.length === 0) return;
  const nothing = values.every((value) => value === 0);
  out.bits(nothing ? 1 : 0, 1);
  if (nothing) return;
  const tens = tensOf(values);
  const scale = 10 ** tens;
  const scaled = tens === 0 ? values : values.map((value) => value / scale);
  const shape = shapeOf(scaled);
  out.bits(tens, TENS_BITS);
  out.bits(shape.order, ORDER_BITS);
  out.bits(shape.mode, MODE_BITS);
  out.gamma(zigzag(shape.base));
  if (shape.mode === RICE) {
    out.bits(shape.k, K_BITS);
    for (const value of shape.rest) out.rice(value, shape.k);
  } else if (shape.mode === SPARSE) writeSparse(out, shape.rest);
}

/** @param count numbers in the column: whoever reads knows */
export function readColumn(from: BitReader, count: number): number[] {
  if (count === 0) return [];
  if (from.bits(1) === 1) return Array<number>(count).fill(0);
  const scale = 10 ** from.bits(TENS_BITS);
  const order = from.bits(ORDER_BITS);
  const mode = from.bits(MODE_BITS);
  const base = unzigzag(from.gamma());
  let rest: number[];
  if (mode === RICE) {
    const k = from.bits(K_BITS);
    rest = Array.from({ length: count }, () => from.rice(k));
  } else if (mode === SPARSE) rest = readSparse(from, count);
  else if (mode === CONSTANT) rest = Array<number>(count).fill(0);
  else throw new Error(`mode ${mode} of a column is unknown`);
  const values: number[] = [];
  for (let i = 0; i < count; i++) values.push(unzigzag(rest[i] as number) + expected(order, base, values, i));
  return scale === 1 ? values : values.map((value) => value * scale);
}

function expected(order: number, base: number, values: readonly number[], i: number): number {
  if (order === 0 || i === 0) return base;
  const last = values[i - 1] as number;
  return order === 1 || i === 1 ? last : 2 * last - (values[i - 2] as number);
}

function tensOf(values: readonly number[]): number {
  for (let tens = TENS_MAX; tens > 0; tens--) {
    const scale = 10 ** tens;
    if (values.every((value) => value % scale === 0)) return tens;
  }
  return 0;
}

/** The order that leaves least over, and how what is left over is written in the fewest bits. */
function shapeOf(values: readonly number[]): Shape {
  const orders = ([0, 1, 2] as const).map((order) => leftOver(values, order));
  const { order, base, rest, sum } = orders.reduce((best, one) => (one.sum < best.sum ? one : best));
  if (sum === 0) return { order, base, rest, mode: CONSTANT, k: 0 };
  const near = Math.min(K_MAX, Math.max(0, Math.floor(Math.log2(sum / rest.length))));
  let k = near;
  let cost = Number.POSITIVE_INFINITY;
  for (let tried = Math.max(0, near - 1); tried <= Math.min(K_MAX, near + 1); tried++) {
    let bits = K_BITS;
    for (const value of rest) bits += riceBits(value, tried);
    if (bits < cost) [k, cost] = [tried, bits];
  }
  return { order, base, rest, mode: sparseBits(rest) < cost ? SPARSE : RICE, k };
}

/** Differences of differences of extremes may not be exact: that order is out. The middle always is. */
function leftOver(values: readonly number[], order: Order) {
  const base = order === 0 ? middleOf(values) : (values[0] as number);
  const rest: number[] = [];
  let sum = 0;
  for (let i = 0; i < values.length; i++) {
    const value = zigzag((values[i] as number) - expected(order, base, values, i));
    if (value > Number.MAX_SAFE_INTEGER) return { order, base, rest, sum: Number.POSITIVE_INFINITY };
    rest.push(value);
    sum += value;
  }
  return { order, base, rest, sum };
}

/** Values looked at for the middle one: any value would do, a common one leaves least over. */
const MIDDLE_OF = 15;

function middleOf(values: readonly number[]): number {
  const step = Math.max(1, Math.floor(values.length / MIDDLE_OF));
  const some: number[] = [];
  for (let i = 0; i < values.length; i += step) some.push(values[i] as number);
  return some.sort((a, b) => a - b)[some.length >> 1] as number;
}

/** Noughts before each other number, then that number; the noughts at the end say there is no more. */
function writeSparse(out: BitWriter, rest: readonly number[]): void {
  let noughts = 0;
  for (const value of rest) {
    if (value === 0) noughts++;
    else {
      out.gamma(noughts);
      out.gamma(value - 1);
      noughts = 0;
    }
  }
  if (noughts > 0) out.gamma(noughts);
}

function sparseBits(rest: readonly number[]): number {
  let noughts = 0;
  let bits = 0;
  for (const value of rest) {
    if (value === 0) noughts++;
    else {
      bits += gammaBits(noughts) + gammaBits(value - 1);
      noughts = 0;
    }
  }
  return noughts > 0 ? bits + gammaBits(noughts) : bits;
}

function readSparse(from: BitReader, count: number): number[] {
  const rest: number[] = [];
  while (rest.length < count) {
    const noughts = from.gamma();
    if (noughts > count - rest.length) throw new Error("a packed column is longer than it says");
    for (let i = 0; i < noughts; i++) rest.push(0);
    if (rest.length < count) rest.push(from.gamma() + 1);
  }
  return rest;
}
