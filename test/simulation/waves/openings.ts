/**
 * When a site is open, worked out by looking at its wall clock every quarter of an hour: slow, plain, and nothing shared with
 * the code it judges. All windows and all clock changes of the stories lie on quarters.
 */

import type { Calendar } from "../../../firmware/waves/policy.ts";
import { DAY, HOUR, MINUTE, type Ms } from "../../../protocols/core/time.ts";

export interface SiteOpening {
  /** The local date it belongs to. */
  readonly date: string;
  readonly fromMs: Ms;
  readonly toMs: Ms;
}

export interface Openings {
  readonly all: readonly SiteOpening[];
  /** The unbroken open stretch around that moment, over openings that touch; `undefined` where it is closed. */
  around(atMs: Ms): { readonly fromMs: Ms; readonly toMs: Ms } | undefined;
  /** Does the wall clock show a time of one of the windows? True also for the second showing of an hour. */
  shows(atMs: Ms): boolean;
}

const QUARTER: Ms = 15 * MINUTE;
const DAY_NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

interface Slot {
  readonly fromMs: Ms;
  readonly local: Temporal.PlainDateTime;
}

export function openingsBetween(calendar: Calendar, fromMs: Ms, toMs: Ms): Openings {
  const slots = slotsOf(calendar.zone, fromMs - 2 * DAY, toMs + 2 * DAY);
  const dates = [...new Set(slots.map(({ local }) => local.toPlainDate().toString()))];
  const all = dates.flatMap((date) => openingsOf(calendar, date, slots)).toSorted((a, b) => a.fromMs - b.fromMs);
  return {
    all,
    around(atMs) {
      let stretch: { fromMs: Ms; toMs: Ms } | undefined;
      for (const { fromMs: from, toMs: to } of all) {
        if (stretch !== undefined && from <= stretch.toMs) stretch = { fromMs: stretch.fromMs, toMs: Math.max(stretch.toMs, to) };
        else if (stretch !== undefined && stretch.fromMs <= atMs && atMs < stretch.toMs) break;
        else stretch = { fromMs: from, toMs: to };
      }
      return stretch !== undefined && stretch.fromMs <= atMs && atMs < stretch.toMs ? stretch : undefined;
    },
    shows(atMs) {
      const local = localAt(calendar.zone, atMs);
      const today = local.toPlainDate();
      return [today, today.subtract({ days: 1 })].some((date) =>
        windowsOn(calendar, date).some(({ from, to }) => isIn(local, date.toPlainDateTime(from), endOf(date, from, to))),
      );
    },
  };
}

function slotsOf(zone: string, fromMs: Ms, toMs: Ms): Slot[] {
  const slots: Slot[] = [];
  for (let atMs = Math.floor(fromMs / HOUR) * HOUR; atMs < toMs; atMs += QUARTER) slots.push({ fromMs: atMs, local: localAt(zone, atMs) });
  return slots;
}

const localAt = (zone: string, atMs: Ms): Temporal.PlainDateTime =>
  Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs)).toZonedDateTimeISO(zone).toPlainDateTime();

function windowsOn(calendar: Calendar, date: Temporal.PlainDate) {
  if (calendar.blackout.includes(date.toString())) return [];
  const name = DAY_NAMES[date.dayOfWeek - 1];
  return calendar.windows.filter(({ days }) => days.some((day) => day === name));
}

const endOf = (date: Temporal.PlainDate, from: string, to: string): Temporal.PlainDateTime =>
  (to <= from ? date.add({ days: 1 }) : date).toPlainDateTime(to);

const isIn = (local: Temporal.PlainDateTime, from: Temporal.PlainDateTime, to: Temporal.PlainDateTime): boolean =>
  Temporal.PlainDateTime.compare(local, from) >= 0 && Temporal.PlainDateTime.compare(local, to) < 0;

/** The first unbroken run of quarters inside each window of that date; a window the clocks jumped over opens at the jump for its length. */
function openingsOf(calendar: Calendar, dateText: string, slots: readonly Slot[]): SiteOpening[] {
  const date = Temporal.PlainDate.from(dateText);
  return windowsOn(calendar, date).flatMap(({ from: fromText, to: toText }) => {
    const from = date.toPlainDateTime(fromText);
    const to = endOf(date, fromText, toText);
    const first = slots.findIndex(({ local }) => isIn(local, from, to));
    const run: Slot[] = [];
    for (let at = first; at >= 0 && at < slots.length; at++) {
      const slot = slots[at] as Slot;
      if (!isIn(slot.local, from, to)) break;
      run.push(slot);
    }
    const jumped = slots.find(({ local }) => Temporal.PlainDateTime.compare(local, to) >= 0);
    const start = run[0]?.fromMs ?? jumped?.fromMs;
    if (start === undefined) return [];
    const end = run.length > 0 ? start + run.length * QUARTER : start + to.since(from).total("milliseconds");
    const tomorrow = date.add({ days: 1 });
    const limit = calendar.blackout.includes(tomorrow.toString()) ? tomorrow.toZonedDateTime(calendar.zone).epochMilliseconds : end;
    return [{ date: dateText, fromMs: start, toMs: Math.min(end, limit) }].filter(({ fromMs, toMs }) => toMs > fromMs);
  });
}
