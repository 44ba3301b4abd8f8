/**
 * What a length of time was like, from the readings in it. Pure; all numbers whole, so that a summary of summaries is
 * exactly the summary of all readings, whatever the steps.
 */
import type { Reading, ReadingName } from "../../protocols/core/reading.ts";
import type { NameTable } from "./pack.ts";

/** A value that goes up and down. `min`, `max`, `sum` and `last` in grid units (`gridOf`). */
export interface Gauge {
  readonly kind: "gauge";
  readonly count: number;
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly last: number;
}

/** A value that only grows until its device starts anew. `rise` is what was added, over starts as well. */
export interface Counter {
  readonly kind: "counter";
  readonly count: number;
  readonly first: number;
  readonly last: number;
  readonly rise: number;
  /** Times it began anew. */
  readonly resets: number;
}

export type Summary = Gauge | Counter;

/** One length of time of one device. A name without readings in it has no entry: absent is absent. */
export interface Slot {
  /** Asks that were made and asks that were answered: their share is the availability. */
  readonly asked: number;
  readonly answered: number;
  /** By number of name. */
  readonly values: ReadonlyMap<number, Summary>;
}

/** They count up from the device's start. */
const COUNTERS: ReadonlySet<ReadingName> = new Set(["uptimeSeconds", "rxPackets", "txPackets"]);
/** Large and whole: a grid would only cost room. */
const WHOLE: ReadonlySet<ReadingName> = new Set([...COUNTERS, "certificateNotAfterSeconds", "sinceProvisionedSeconds"]);
/** Finer than any device measures: 0.1 ms, 0.01 %. */
const GRID = 10_000;
/** Sums of a day with a reading every 5 s (17,280) stay exact, and what packing makes of them too. */
const GAUGE_MAX = 2 ** 36;
/** 35 million million packets. */
const COUNTER_MAX = 2 ** 45;
/** A counter that pretends to begin anew all day long may not leave what is exact. */
const RISE_MAX = 2 ** 48;

export const isCounter = (name: ReadingName): boolean => COUNTERS.has(name);
/** Grid units in one unit of the value. */
export const gridOf = (name: ReadingName): number => (WHOLE.has(name) ? 1 : GRID);

/** A value on the grid; `undefined` for one no device can mean (`GAUGE_MAX`, `COUNTER_MAX`, a counter below nought). */
export function onGrid(name: ReadingName, value: number): number | undefined {
  const units = Math.round(value * gridOf(name)) + 0;
  if (isCounter(name)) return units >= 0 && units <= COUNTER_MAX ? units : undefined;
  return Math.abs(units) <= GAUGE_MAX ? units : undefined;
}

function start(counter: boolean, units: number): Summary {
  return counter
    ? { kind: "counter", count: 1, first: units, last: units, rise: 0, resets: 0 }
    : { kind: "gauge", count: 1, min: units, max: units, sum: units, last: units };
}

/** What a counter gained from one reading to the next: all it shows where it began anew. */
const gained = (from: number, to: number): number => (to >= from ? to - from : to);

/** `a`, then `b`, as one. */
export function join(a: Summary | undefined, b: Summary): Summary {
  if (a === undefined) return b;
  if (a.kind === "counter" && b.kind === "counter") {
    return {
      kind: "counter",
      count: a.count + b.count,
      first: a.first,
      last: b.last,
      rise: Math.min(RISE_MAX, a.rise + gained(a.last, b.first) + b.rise),
      resets: a.resets + (b.first < a.last ? 1 : 0) + b.resets,
    };
  }
  // A name that changed its kind with a new version of the agent: the newer one counts.
  if (a.kind !== "gauge" || b.kind !== "gauge") return b;
  return {
    kind: "gauge",
    count: a.count + b.count,
    min: Math.min(a.min, b.min),
    max: Math.max(a.max, b.max),
    sum: a.sum + b.sum,
    last: b.last,
  };
}

/** A counter with what it gained since the summary before it: between two slots no packet and no restart is lost. */
export function sinceLast(before: Summary | undefined, summary: Summary): Summary {
  if (before?.kind !== "counter" || summary.kind !== "counter") return summary;
  const { rise, resets } = summary;
  return { ...summary, rise: rise + gained(before.last, summary.first), resets: resets + (summary.first < before.last ? 1 : 0) };
}

export function joinSlots(slots: readonly (Slot | undefined)[]): Slot | undefined {
  let asked = 0;
  let answered = 0;
  const values = new Map<number, Summary>();
  for (const slot of slots) {
    if (slot === undefined) continue;
    asked += slot.asked;
    answered += slot.answered;
    for (const [name, summary] of slot.values) values.set(name, join(values.get(name), summary));
  }
  return asked === 0 ? undefined : { asked, answered, values };
}

/** `undefined` stands for an ask without an answer. In order of time. */
export function slotOf(readings: readonly (Reading | undefined)[], names: NameTable): Slot | undefined {
  if (readings.length === 0) return undefined;
  const values = new Map<number, Summary>();
  let answered = 0;
  for (const reading of readings) {
    if (reading === undefined) continue;
    answered++;
    for (const name of Object.keys(reading) as ReadingName[]) {
      const value = reading[name];
      const units = value === undefined ? undefined : onGrid(name, value);
      if (units === undefined) continue;
      const number = names.numberOf(name);
      const before = values.get(number);
      const one = start(isCounter(name), units);
      values.set(number, before === undefined ? one : join(before, one));
    }
  }
  return { asked: readings.length, answered, values };
}
