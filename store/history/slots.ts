/**
 * Slots of one device, one after the other, as one small blob: each kind of number of each name is a column of its own.
 * What follows from other columns is not written: two readings have no sum of their own, an unchanged value no last one.
 */
import { type BitReader, type BitWriter, bitReader, bitWriter } from "./bits.ts";
import { readColumn, writeColumn } from "./column.ts";
import type { Counter, Gauge, Slot, Summary } from "./summary.ts";

export type Slots = readonly (Slot | undefined)[];

const isHere = <T>(one: T | undefined): one is T => one !== undefined;

export function packSlots(slots: Slots): Buffer {
  const out = bitWriter();
  const names = [...new Set(slots.flatMap((slot) => (slot === undefined ? [] : [...slot.values.keys()])))].sort((a, b) => a - b);
  out.gamma(slots.length);
  writeColumn(
    out,
    slots.map((slot) => slot?.asked ?? 0),
  );
  const there = slots.filter(isHere);
  writeColumn(
    out,
    there.map(({ asked, answered }) => asked - answered),
  );
  out.gamma(names.length);
  let before = -1;
  for (const name of names) {
    out.gamma(name - before - 1);
    before = name;
    writeName(out, there, name);
  }
  return out.done();
}

export function unpackSlots(packed: Uint8Array): Slots {
  const from = bitReader(packed);
  const asked = readColumn(from, from.gamma());
  const there = asked.filter((count) => count > 0);
  const missed = readColumn(from, there.length);
  const found = there.map((count, i) => ({ asked: count, answered: count - (missed[i] as number), values: new Map<number, Summary>() }));
  const names = from.gamma();
  let name = -1;
  for (let i = 0; i < names; i++) {
    name += from.gamma() + 1;
    for (const [at, summary] of readName(from, found).entries()) if (summary !== undefined) found[at]?.values.set(name, summary);
  }
  let next = 0;
  return asked.map((count) => (count > 0 ? found[next++] : undefined));
}

function writeName(out: BitWriter, slots: readonly Slot[], name: number): void {
  const newest = slots.findLast(({ values }) => values.has(name))?.values.get(name)?.kind;
  const of = slots.map(({ values }) => {
    const summary = values.get(name);
    return summary?.kind === newest ? summary : undefined;
  });
  writeColumn(
    out,
    slots.map(({ answered }, i) => answered - (of[i]?.count ?? 0)),
  );
  out.bits(newest === "counter" ? 1 : 0, 1);
  if (newest === "counter") writeCounters(out, of.filter(isHere) as readonly Counter[]);
  else writeGauges(out, of.filter(isHere) as readonly Gauge[]);
}

function readName(from: BitReader, slots: readonly Slot[]): (Summary | undefined)[] {
  const without = readColumn(from, slots.length);
  const counts = slots.map(({ answered }, i) => answered - (without[i] as number));
  const present = counts.filter((count) => count > 0);
  const read = from.bits(1) === 1 ? readCounters(from, present) : readGauges(from, present);
  let next = 0;
  return counts.map((count) => (count > 0 ? read[next++] : undefined));
}

const centre = (min: number, range: number): number => min + Math.floor(range / 2);
const middleSum = (count: number, min: number, range: number): number => count * min + Math.floor((count * range) / 2);

function writeGauges(out: BitWriter, gauges: readonly Gauge[]): void {
  writeColumn(
    out,
    gauges.map(({ min }) => min),
  );
  const several = gauges.filter(({ count }) => count > 1);
  writeColumn(
    out,
    several.map(({ min, max }) => max - min),
  );
  const moved = several.filter(({ min, max }) => max > min);
  const pairs = moved.filter(({ count }) => count === 2);
  writeColumn(
    out,
    pairs.map(({ last, min }) => (last === min ? 0 : 1)),
  );
  const more = moved.filter(({ count }) => count > 2);
  writeColumn(
    out,
    more.map(({ count, min, max, sum }) => sum - middleSum(count, min, max - min)),
  );
  writeColumn(
    out,
    more.map(({ min, max, last }) => last - centre(min, max - min)),
  );
}

function readGauges(from: BitReader, counts: readonly number[]): Gauge[] {
  const mins = readColumn(from, counts.length);
  const severals = readColumn(from, counts.filter((count) => count > 1).length);
  let next = 0;
  const ranges = counts.map((count) => (count > 1 ? (severals[next++] as number) : 0));
  const of = (wanted: (count: number) => boolean): number => counts.filter((count, i) => wanted(count) && (ranges[i] as number) > 0).length;
  const lastOfPair = readColumn(
    from,
    of((count) => count === 2),
  );
  const more = of((count) => count > 2);
  const sums = readColumn(from, more);
  const lasts = readColumn(from, more);
  let pair = 0;
  let many = 0;
  return counts.map((count, i): Gauge => {
    const min = mins[i] as number;
    const range = ranges[i] as number;
    const max = min + range;
    if (range === 0) return { kind: "gauge", count, min, max, sum: count * min, last: min };
    if (count === 2) return { kind: "gauge", count, min, max, sum: min + max, last: lastOfPair[pair++] === 0 ? min : max };
    const sum = middleSum(count, min, range) + (sums[many] as number);
    return { kind: "gauge", count, min, max, sum, last: centre(min, range) + (lasts[many++] as number) };
  });
}

function writeCounters(out: BitWriter, counters: readonly Counter[]): void {
  // From where the slot before ended: the pace of a counter is steadier than the counter.
  writeColumn(
    out,
    counters.map(({ first }, i) => first - (counters[i - 1]?.last ?? 0)),
  );
  writeColumn(
    out,
    counters.map(({ resets }) => resets),
  );
  writeColumn(
    out,
    counters.map(({ first, last }) => last - first),
  );
  writeColumn(
    out,
    counters.filter(({ resets }) => resets > 0).map(({ rise, first, last }) => rise - (last - first)),
  );
}

function readCounters(from: BitReader, counts: readonly number[]): Counter[] {
  const firsts = readColumn(from, counts.length);
  const resets = readColumn(from, counts.length);
  const spans = readColumn(from, counts.length);
  const extras = readColumn(from, resets.filter((count) => count > 0).length);
  let extra = 0;
  let before = 0;
  return counts.map((count, i): Counter => {
    const first = before + (firsts[i] as number);
    const last = first + (spans[i] as number);
    before = last;
    const anew = resets[i] as number;
    const rise = last - first + (anew > 0 ? (extras[extra++] as number) : 0);
    return { kind: "counter", count, first, last, rise, resets: anew };
  });
}
