/**
 * The middle of what a wave's devices showed before and after, beside devices nobody touched: the proof in figures. Pure.
 */
import type { Reading, ReadingName } from "../../../protocols/core/reading.ts";

/** A device as far as its two samples go. */
export interface Sides {
  readonly model: string;
  readonly before?: { readonly reading: Reading };
  readonly after?: { readonly reading: Reading };
}

/** Of devices that stated the value both before and after. */
export interface Shift {
  readonly devices: number;
  readonly before: number;
  readonly after: number;
}

export interface HealthMedian {
  readonly name: ReadingName;
  readonly updated: Shift;
  /** Absent where no untouched device of these models stated it. */
  readonly untouched?: Shift;
}

/** One line for each of the values that an updated device stated both times; `untouched` of other models is left out. */
export function mediansOf(names: readonly ReadingName[], updated: readonly Sides[], untouched: readonly Sides[]): readonly HealthMedian[] {
  const models = new Set(updated.map(({ model }) => model));
  const controls = untouched.filter(({ model }) => models.has(model));
  return names.flatMap((name): HealthMedian[] => {
    const shift = shiftOf(name, updated);
    if (shift === undefined) return [];
    const beside = shiftOf(name, controls);
    return [{ name, updated: shift, ...(beside === undefined ? {} : { untouched: beside }) }];
  });
}

function shiftOf(name: ReadingName, devices: readonly Sides[]): Shift | undefined {
  const pairs = devices.flatMap(({ before, after }) => {
    const [was, is] = [before?.reading[name], after?.reading[name]];
    return was === undefined || is === undefined || !Number.isFinite(was) || !Number.isFinite(is) ? [] : [[was, is] as const];
  });
  const before = median(pairs.map(([was]) => was));
  const after = median(pairs.map(([, is]) => is));
  return before === undefined || after === undefined ? undefined : { devices: pairs.length, before, after };
}

/** The lower one of two in the middle; `undefined` of nothing. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)];
}
