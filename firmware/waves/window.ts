/**
 * When a site allows change. Windows are local times; each opens exactly once per local day, on days when clocks change too.
 *
 * A window is open while the wall clock of the site shows a time inside it, for the first unbroken stretch of that day.
 * Where clocks go back, an hour that is shown twice opens once. Where clocks go forward over a whole window, it opens
 * right after the jump for its usual length.
 */
import { DAY, HOUR, type Ms } from "../../protocols/core/time.ts";
import type { Calendar } from "./policy.ts";

type LocalWindow = Calendar["windows"][number];

/** One opening, from inclusive to exclusive. */
export interface Opening {
  readonly fromMs: Ms;
  readonly toMs: Ms;
}

export type WindowState = { readonly openUntilMs: Ms } | { readonly opensAtMs: Ms };

/** Openings that touch count as one, up to this length; no step takes longer than its duration and its revert, 7 days each. */
const LONGEST_STRETCH_MS = 16 * DAY;
/** Every window opens weekly and at most 400 days are black: within 402 weeks one opens. */
const DAYS_AHEAD = 7 * 402;
/** A window lasts a day of the wall clock at most: what opened on the day before yesterday is over, clock changes included. */
const DAYS_BEHIND = 2;

const DAY_NAMES = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** Is the site open at `atMs`, until when; or when does it open next. */
export function windowAt(calendar: Calendar, atMs: Ms): WindowState {
  const stretch = openingAround(calendar, atMs);
  return stretch === undefined ? { opensAtMs: Number.MAX_SAFE_INTEGER } : stateOf(stretch, atMs);
}

/**
 * The unbroken stretch that is open at `atMs`, else the next one; `undefined` where none opens any more. One that began more
 * than `DAYS_BEHIND` local days ago, or lasts longer than anybody needs, is told in part.
 */
export function openingAround(calendar: Calendar, atMs: Ms): Opening | undefined {
  const start = localDate(calendar.zone, atMs).subtract({ days: DAYS_BEHIND });
  let stretch: { fromMs: Ms; toMs: Ms } | undefined;
  for (let offset = 0; offset <= DAYS_AHEAD; offset++) {
    for (const { fromMs, toMs } of openingsOn(calendar, start.add({ days: offset }))) {
      // What touches counts as one, also with an opening that is over: the stretch began there.
      if (stretch !== undefined && fromMs <= stretch.toMs)
        stretch = { fromMs: Math.min(fromMs, stretch.fromMs), toMs: Math.max(toMs, stretch.toMs) };
      else if (stretch === undefined || stretch.toMs <= atMs) stretch = { fromMs, toMs };
      else return stretch;
    }
    if (stretch !== undefined && stretch.toMs - Math.max(stretch.fromMs, atMs) > LONGEST_STRETCH_MS) break;
  }
  return stretch !== undefined && stretch.toMs > atMs ? stretch : undefined;
}

function stateOf(stretch: Opening, atMs: Ms): WindowState {
  return stretch.fromMs <= atMs ? { openUntilMs: stretch.toMs } : { opensAtMs: stretch.fromMs };
}

/** True where the site is open at `nowMs` and stays open for `needMs` without a break. */
export function fits(calendar: Calendar, nowMs: Ms, needMs: Ms): boolean {
  const state = windowAt(calendar, nowMs);
  return "openUntilMs" in state && nowMs + needMs <= state.openUntilMs;
}

/** One calendar asked many times at about the same moment: once per task of a tick. */
export interface WindowView {
  at(atMs: Ms): WindowState;
  fits(nowMs: Ms, needMs: Ms): boolean;
  /** As `openingAround`. */
  around(atMs: Ms): Opening | undefined;
}

/** An answer is kept this long on the clock that asks; a stretch is looked at again before its length limit matters. */
const VIEW_KEPT_MS = HOUR;

/** Now, and the next opening: near the end of a window both are asked for. */
const VIEWS_KEPT = 2;

/** The same answers as `windowAt` and `fits`; remembers the last ones while they hold. */
export function windowView(calendar: Calendar): WindowView {
  let known: readonly { readonly fromMs: Ms; readonly toMs: Ms; readonly stretch: Opening | undefined }[] = [];
  const around = (atMs: Ms): Opening | undefined => {
    const kept = known.find(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
    if (kept !== undefined) return kept.stretch;
    const stretch = openingAround(calendar, atMs);
    const endMs = stretch === undefined ? Number.POSITIVE_INFINITY : stretch.fromMs <= atMs ? stretch.toMs : stretch.fromMs;
    known = [{ fromMs: atMs, toMs: Math.min(endMs, atMs + VIEW_KEPT_MS), stretch }, ...known].slice(0, VIEWS_KEPT);
    return stretch;
  };
  const at = (atMs: Ms): WindowState => {
    const stretch = around(atMs);
    return stretch === undefined ? { opensAtMs: Number.MAX_SAFE_INTEGER } : stateOf(stretch, atMs);
  };
  return {
    at,
    around,
    fits(nowMs, needMs) {
      const state = at(nowMs);
      return "openUntilMs" in state && nowMs + needMs <= state.openUntilMs;
    },
  };
}

/**
 * When a device that is in use has its next chance: the next opening, or the same time tomorrow where this one lasts longer.
 * `undefined` where none opens any more.
 */
export function nextChanceMs(window: Pick<WindowView, "around">, nowMs: Ms): Ms | undefined {
  const stretch = window.around(nowMs);
  if (stretch === undefined) return undefined;
  if (stretch.fromMs > nowMs) return stretch.fromMs;
  return stretch.toMs > nowMs + DAY ? nowMs + DAY : window.around(stretch.toMs)?.fromMs;
}

/** The longest unbroken opening of an ordinary week, clock changes and blackout dates aside. */
export function longestOpenMs(calendar: Pick<Calendar, "windows">): Ms {
  const plain: Calendar = { zone: "UTC", windows: calendar.windows, blackout: [] };
  let longest = 0;
  // Monday 2024-01-01; two weeks, so that a stretch over Sunday night is seen whole.
  let atMs = 1_704_067_200_000;
  const endMs = atMs + 14 * DAY;
  while (atMs < endMs) {
    const state = windowAt(plain, atMs);
    if ("opensAtMs" in state) {
      atMs = state.opensAtMs;
      continue;
    }
    longest = Math.max(longest, state.openUntilMs - atMs);
    atMs = state.openUntilMs;
  }
  return longest;
}

/** What opens on one local date, in order of time. Nothing on a blackout date, nor past midnight into one. */
export function openingsOn(calendar: Calendar, date: Temporal.PlainDate): Opening[] {
  const { zone } = calendar;
  if (isBlack(calendar, date)) return [];
  const name = DAY_NAMES[date.dayOfWeek - 1];
  const windows = calendar.windows.filter((window) => window.days.some((day) => day === name));
  if (windows.length === 0) return [];
  const tomorrow = date.add({ days: 1 });
  const limitMs = isBlack(calendar, tomorrow) ? startOfDay(zone, tomorrow) : Number.POSITIVE_INFINITY;
  return windows
    .map((window) => openingOf(window, date, zone))
    .filter((opening) => opening !== undefined)
    .map(({ fromMs, toMs }) => ({ fromMs, toMs: Math.min(toMs, limitMs) }))
    .filter(({ fromMs, toMs }) => toMs > fromMs)
    .sort((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs);
}

/** `undefined` on a date the zone skipped altogether (crossing the date line). */
function openingOf(window: LocalWindow, date: Temporal.PlainDate, zone: string): Opening | undefined {
  const from = date.toPlainDateTime(window.from);
  const overNight = window.to <= window.from;
  const to = (overNight ? date.add({ days: 1 }) : date).toPlainDateTime(window.to);
  const first = firstMoment(from, zone);
  const last = firstMoment(to, zone);
  const fromMs = first.atMs;
  let toMs = last.atMs;
  if (!first.shown && !date.toZonedDateTime(zone).toPlainDate().equals(date)) return undefined;
  if (toMs <= fromMs) return { fromMs, toMs: fromMs + to.since(from).total("milliseconds") };
  // Same offset at both ends: no clock change between, as two within a day do not happen.
  if (first.offsetNs === last.offsetNs) return { fromMs, toMs };
  for (let change = nextChange(fromMs, zone); change !== undefined && change.atMs < toMs; change = nextChange(change.atMs, zone)) {
    // Clocks went back to before the window: the stretch ends here, and is not opened again the second time round.
    if (Temporal.PlainDateTime.compare(change.shows, from) < 0) toMs = change.atMs;
  }
  return { fromMs, toMs };
}

/** The first instant at which the wall clock shows `local` or, where it never does, the instant of the jump over it. */
function firstMoment(local: Temporal.PlainDateTime, zone: string): { atMs: Ms; shown: boolean; offsetNs: number } {
  const earlier = local.toZonedDateTime(zone, { disambiguation: "earlier" });
  const shown = earlier.toPlainDateTime().equals(local);
  const moment = shown ? earlier : (earlier.getTimeZoneTransition("next") ?? earlier);
  return { atMs: moment.epochMilliseconds, shown, offsetNs: moment.offsetNanoseconds };
}

function nextChange(afterMs: Ms, zone: string): { atMs: Ms; shows: Temporal.PlainDateTime } | undefined {
  const change = Temporal.Instant.fromEpochMilliseconds(afterMs).toZonedDateTimeISO(zone).getTimeZoneTransition("next");
  return change === null ? undefined : { atMs: change.epochMilliseconds, shows: change.toPlainDateTime() };
}

function isBlack(calendar: Calendar, date: Temporal.PlainDate): boolean {
  return calendar.blackout.length > 0 && calendar.blackout.includes(date.toString());
}

function localDate(zone: string, atMs: Ms): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs)).toZonedDateTimeISO(zone).toPlainDate();
}

function startOfDay(zone: string, date: Temporal.PlainDate): Ms {
  return date.toZonedDateTime(zone).epochMilliseconds;
}

/** A stretch of openings as people read it in the site's zone: `Sun 01:00–05:00`. */
export function showOpening(opening: Opening, zone: string): string {
  const local = (atMs: Ms): Temporal.ZonedDateTime => Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs)).toZonedDateTimeISO(zone);
  const from = local(opening.fromMs);
  const time = (moment: Temporal.ZonedDateTime): string => moment.toPlainTime().toString({ smallestUnit: "minute" });
  const day = DAY_NAMES[from.dayOfWeek - 1] ?? "";
  return `${day.charAt(0).toUpperCase()}${day.slice(1)} ${time(from)}–${time(local(opening.toMs))}`;
}
