/**
 * A device's history in pages that fit a message: availability first, then reading after reading, point after point. Pure.
 */
import { MAX_REPLY_BYTES } from "../commands/jws.ts";

/** Of an answer as JSON: in a token it grows by a third (base64), and it is not all of it. */
export const PAGE_BYTES = MAX_REPLY_BYTES / 2;

export interface HistorySeries {
  readonly reading: string;
  readonly kind: string;
  readonly points: readonly { readonly at: string }[];
}

export interface HistoryWhole<A> {
  /** Told with the first page alone. */
  readonly availability: readonly A[];
  readonly series: readonly HistorySeries[];
}

export interface HistoryPage<A> extends HistoryWhole<A> {
  /** What comes after it begins behind this; absent where nothing does. */
  readonly next?: string;
}

/** The last point a page told: `cpuRatio 2026-11-22T20:00:00.000Z`; without a moment nothing of the reading was told yet. */
export interface Cursor {
  readonly reading: string;
  readonly at?: string;
}

export function parseCursor(text: string): Cursor | undefined {
  const [, reading, at] = /^([A-Za-z]{1,64})(?: (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{3})?Z))?$/.exec(text) ?? [];
  return reading === undefined ? undefined : { reading, ...(at === undefined ? {} : { at }) };
}

const showCursor = ({ reading, at }: Cursor): string => (at === undefined ? reading : `${reading} ${at}`);
/** With the comma behind it. */
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value)) + 1;

/**
 * As much as fits behind the cursor, and one point or reading at least, so that whoever goes on gets to the end.
 *
 * @param maxBytes of `availability` and `series` as JSON
 * @returns `undefined` where the cursor names a reading that is not told: it is of another question
 */
export function pageOf<A>(whole: HistoryWhole<A>, after: Cursor | undefined, maxBytes: number): HistoryPage<A> | undefined {
  const first = after === undefined ? 0 : whole.series.findIndex(({ reading }) => reading === after.reading);
  if (first < 0) return undefined;
  const availability = after === undefined ? whole.availability : [];
  let left = maxBytes - bytesOf(availability);
  let isEmpty = after !== undefined || availability.length === 0;
  const series: HistorySeries[] = [];
  for (const [index, { points: all, ...head }] of whole.series.slice(first).entries()) {
    const { at } = index === 0 && after !== undefined ? after : {};
    const rest = at === undefined ? all : all.filter((point) => point.at > at);
    const points: HistorySeries["points"][number][] = [];
    left -= bytesOf({ ...head, points: [] });
    for (const point of rest) {
      left -= bytesOf(point);
      if (left < 0 && !isEmpty) break;
      points.push(point);
      isEmpty = false;
    }
    // One without points is told as that: it was asked for by name.
    const isTold = points.length > 0 || (all.length === 0 && (left >= 0 || isEmpty));
    if (isTold) series.push({ ...head, points });
    if (isTold) isEmpty = false;
    const told = points.at(-1)?.at ?? at;
    if (points.length < rest.length || (all.length === 0 && !isTold))
      return { availability, series, next: showCursor({ reading: head.reading, ...(told === undefined ? {} : { at: told }) }) };
  }
  return { availability, series };
}
