/** How much a place is in use at a moment: as it was learned there, else as offices usually are. Pure. */
import type { Usage } from "../../firmware/waves/quiet-hours.ts";
import type { Ms } from "../../protocols/core/time.ts";

/** Where nothing was learned. Guessed: a desk phone is in a call for five minutes of a working hour, and nearly never else. */
const WORKING_SHARE = 0.08;
const OTHER_SHARE = 0.002;
const WORKING_FROM_HOUR = 8;
const WORKING_TO_HOUR = 18;
const SATURDAY = 6;

/** The hour of the local week, Monday 00:00 first; asked for every call, so the hours are kept. */
export function weekHours(zone: string): (atMs: Ms) => number {
  let known = { fromMs: 0, toMs: 0, hour: 0 };
  return (atMs) => {
    if (atMs >= known.fromMs && atMs < known.toMs) return known.hour;
    const local = Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs)).toZonedDateTimeISO(zone);
    const fromMs = local.round({ smallestUnit: "minute", roundingIncrement: 15, roundingMode: "floor" }).epochMilliseconds;
    known = { fromMs, toMs: fromMs + QUARTER, hour: (local.dayOfWeek - 1) * 24 + local.hour };
    return known.hour;
  };
}

/** Every zone's offset is of whole quarters. */
const QUARTER: Ms = 900_000;

/** @returns the share of that hour in which it is in a call, 0 to 1 */
export function shareIn(hour: number, usage: Usage | undefined): number {
  const learned = usage?.busy[hour];
  if (typeof learned === "number") return learned;
  const day = Math.floor(hour / 24) + 1;
  const isWorking = day < SATURDAY && hour % 24 >= WORKING_FROM_HOUR && hour % 24 < WORKING_TO_HOUR;
  return isWorking ? WORKING_SHARE : OTHER_SHARE;
}
