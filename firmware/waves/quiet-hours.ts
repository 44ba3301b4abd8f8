/**
 * Quiet hours: when a place is usually left alone, learned from its own use. Pure.
 *
 * What was seen is put on the hours of a local week, Monday 00:00 first. An hour nobody has looked at is not a quiet one.
 */
import { DAY, HOUR, MINUTE, type Ms } from "../../protocols/core/time.ts";

export const HOURS_OF_WEEK = 168;

/** How much a place is in use. */
export interface Usage {
  /** The zone of its week. */
  readonly zone: string;
  /** Local days on which it was looked at, of the last four weeks. */
  readonly days: number;
  /** Share of each hour of the week in which it was in a call, 0 to 1; `null` where nobody looked. */
  readonly busy: readonly (number | null)[];
}

/** The use of a stretch of time, a quarter of an hour long or of whole quarters. */
export interface UseSample {
  readonly fromMs: Ms;
  readonly lengthMs: Ms;
  /** 0 to 1. */
  readonly share: number;
}

/** Use of four weeks is learned from: each hour of the week four times. */
export const LEARNED_FROM_MS: Ms = 28 * DAY;
/** With less nothing is concluded: two weeks hold each hour of the week twice. */
export const CONCLUSIVE_DAYS = 14;
/** The offset of every zone is of whole quarters of an hour since 1972 but for a few long gone. Source: IANA time zone database 2025b. */
const QUARTER: Ms = 15 * MINUTE;

/** Places moments into the hours of a local week; made once for a stretch of time, as asking the zone is dear. */
export interface WeekGrid {
  readonly zone: string;
  /** Hour of the week and number of the local day of this quarter; `undefined` outside the stretch. */
  at(atMs: Ms): { readonly hour: number; readonly day: number } | undefined;
}

export function weekGrid(zone: string, fromMs: Ms, toMs: Ms): WeekGrid {
  const first = Math.floor(fromMs / QUARTER);
  const cells = Array.from({ length: Math.max(0, Math.ceil(toMs / QUARTER) - first) }, (_, i) => {
    const local = localOf((first + i) * QUARTER, zone);
    return { hour: (local.dayOfWeek - 1) * 24 + local.hour, day: local.toPlainDate().since(EPOCH_DAY, { largestUnit: "day" }).days };
  });
  return { zone, at: (atMs) => cells[Math.floor(atMs / QUARTER) - first] };
}

const EPOCH_DAY = Temporal.PlainDate.from("1970-01-01");

/** What the samples of one place say. Of several that tell of the same hour, the mean. */
export function usageOf(samples: Iterable<UseSample>, grid: WeekGrid): Usage {
  const sum = new Float64Array(HOURS_OF_WEEK);
  const seen = new Uint32Array(HOURS_OF_WEEK);
  const days = new Set<number>();
  for (const { fromMs, lengthMs, share } of samples) {
    for (let atMs = fromMs; atMs < fromMs + lengthMs; atMs += QUARTER) {
      const cell = grid.at(atMs);
      if (cell === undefined) continue;
      sum[cell.hour] = (sum[cell.hour] ?? 0) + Math.min(1, Math.max(0, share));
      seen[cell.hour] = (seen[cell.hour] ?? 0) + 1;
      days.add(cell.day);
    }
  }
  // Four digits are enough for a minute of four weeks' hours.
  const busy = Array.from(seen, (count, hour) => (count === 0 ? null : Math.round(((sum[hour] ?? 0) / count) * 10_000) / 10_000));
  return { zone: grid.zone, days: days.size, busy };
}

/** Several devices in one place: it is in use when any of them is, so their shares add up at most. */
export function together(usages: readonly Usage[]): Usage | undefined {
  return joined(usages, (shares) =>
    Math.min(
      1,
      shares.reduce((sum, share) => sum + share, 0),
    ),
  );
}

/** How busy the places are on the whole: the mean of those that were looked at. */
export function onTheWhole(usages: readonly Usage[]): Usage | undefined {
  return joined(usages, (shares) => Math.round((shares.reduce((sum, share) => sum + share, 0) / shares.length) * 10_000) / 10_000);
}

function joined(usages: readonly Usage[], join: (shares: readonly number[]) => number): Usage | undefined {
  const [first] = usages;
  if (first === undefined) return undefined;
  const busy = first.busy.map((_, hour) => {
    const shares = usages.map((usage) => usage.busy[hour]).filter((share) => typeof share === "number");
    return shares.length === 0 ? null : join(shares);
  });
  return { zone: first.zone, days: Math.max(...usages.map(({ days }) => days)), busy };
}

export function isConclusive(usage: Usage): boolean {
  return usage.days >= CONCLUSIVE_DAYS;
}

/** Is the place usually quiet during all of it? `busyMax`: an hour with no larger share is quiet. */
export function isQuiet(usage: Usage, { fromMs, toMs }: { readonly fromMs: Ms; readonly toMs: Ms }, busyMax: number): boolean {
  for (let atMs = fromMs; atMs < toMs; atMs = nextHour(atMs, usage.zone)) if (!isQuietHour(usage, atMs, busyMax)) return false;
  return true;
}

function isQuietHour(usage: Usage, atMs: Ms, busyMax: number): boolean {
  const share = shareAt(usage, atMs);
  return share !== null && share <= busyMax;
}

function shareAt({ zone, busy }: Usage, atMs: Ms): number | null {
  const local = localOf(atMs, zone);
  return busy[(local.dayOfWeek - 1) * 24 + local.hour] ?? null;
}

/** Two weeks: after that the week has been gone through, clock changes and all. */
const LOOKED_AHEAD_MS: Ms = 14 * DAY;

/** The first moment from `fromMs` on from which the place is usually quiet for so long; `undefined` where the week has none. */
export function quietFrom(usage: Usage, fromMs: Ms, needMs: Ms, busyMax: number): Ms | undefined {
  let startMs = fromMs;
  for (let atMs = fromMs; atMs < fromMs + LOOKED_AHEAD_MS; ) {
    const next = nextHour(atMs, usage.zone);
    if (!isQuietHour(usage, atMs, busyMax)) startMs = next;
    else if (next - startMs >= needMs) return startMs;
    atMs = next;
  }
  return undefined;
}

/**
 * When the place has its turn, of the moments from `fromMs` to `lastMs`: at the first from which it is usually quiet for so long;
 * where there is none, at the hour in which it is in use least.
 */
export function quietestFrom(
  usage: Usage,
  { fromMs, lastMs, needMs }: { readonly fromMs: Ms; readonly lastMs: Ms; readonly needMs: Ms },
  busyMax: number,
): Ms {
  const quietMs = quietFrom(usage, fromMs, needMs, busyMax);
  if (quietMs !== undefined && quietMs <= lastMs) return quietMs;
  let best = { atMs: fromMs, share: Number.POSITIVE_INFINITY };
  const endMs = Math.min(lastMs, fromMs + 7 * DAY);
  for (let atMs = fromMs; atMs <= endMs; atMs = nextHour(atMs, usage.zone)) {
    // An hour nobody looked at may be the busiest.
    const share = shareAt(usage, atMs) ?? 1;
    if (share < best.share) best = { atMs, share };
  }
  return best.atMs;
}

/** The moment at which the wall clock shows the next hour; on a day of half an hour's change that comes early. */
function nextHour(atMs: Ms, zone: string): Ms {
  const local = localOf(atMs, zone);
  const startMs = atMs - (((local.minute * 60 + local.second) * 1_000 + local.millisecond) % HOUR);
  for (let quarter = 1; quarter <= 4; quarter++) {
    const next = startMs + quarter * QUARTER;
    if (next > atMs && localOf(next, zone).hour !== local.hour) return next;
  }
  // The same hour is shown twice: go on quarter by quarter.
  return startMs + HOUR > atMs ? startMs + HOUR : atMs + QUARTER;
}

function localOf(atMs: Ms, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs)).toZonedDateTimeISO(zone);
}
