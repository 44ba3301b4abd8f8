/**
 * Does a rule over time hold for what a device told? Pure. Where there is too little to say, nothing is said.
 */
import type { Ms } from "../../protocols/core/time.ts";
import { DAY } from "../../protocols/core/time.ts";
import type { Seen } from "./judge.ts";
import type { Rule, WhenOf } from "./rules-schema.ts";
import { fill, showReading, showShare, showSpan } from "./rules-words.ts";
import { mannKendall, mean, median, type Point, theilSen } from "./trend.ts";

/** Means of a reading over equal lengths of time. */
export interface Bucket extends Point {
  /** Readings it is the mean of. */
  readonly count: number;
}

export interface Found {
  readonly seen: Seen;
  /** For people; empty where it is not bad. */
  readonly words: string;
}

const UNTOLD: Found = { seen: "untold", words: "" };
const GOOD: Found = { seen: "good", words: "" };

/**
 * So many standard deviations beyond chance. The first is for lines through days, which resemble the day before and so look
 * like a way more often than chance alone: of 10,000 devices that are well, fewer than ten raise an alarm (test: seeded noise
 * with a memory). The second is one in a thousand.
 */
const SURE_OF_LINE = 3.5;
const SURE_OF_MORE = 3.09;
/** Fewer lengths of time can never be so sure: nine that all rise give 3.65, eight 3.34. */
const BUCKETS_MIN = 9;
/** The way has to be so many times as long as the values usually lie beside it: six medians are about four standard deviations. */
const CLEAR = 6;
/** Means of less are left out: a reading that comes once in an hour may be any moment of it. */
const READINGS_MIN = 2;

/** @param restartedAtMs when the device last started, as far as known */
export function judgeTrend(rule: Rule, when: WhenOf<"trend">, all: readonly Bucket[], restartedAtMs?: Ms): Found {
  const fromMs = when.sinceRestart ? (restartedAtMs ?? Number.NEGATIVE_INFINITY) : Number.NEGATIVE_INFINITY;
  const buckets = all.filter(({ count, atMs }) => count >= READINGS_MIN && atMs >= fromMs);
  const [first, last] = [buckets[0], buckets.at(-1)];
  if (first === undefined || last === undefined || buckets.length < BUCKETS_MIN) return UNTOLD;
  const sign = when.way === "up" ? 1 : -1;
  const line = theilSen(buckets);
  const [from, to] = [line.at(first.atMs), line.at(last.atMs)];
  const scatter = median(buckets.map(({ atMs, value }) => Math.abs(value - line.at(atMs))));
  if (sign * (to - from) < Math.max(when.by, CLEAR * scatter)) return GOOD;
  if (sign * mannKendall(buckets.map(({ value }) => value)) < SURE_OF_LINE) return GOOD;
  const { reach, within } = when;
  const leftMs = reach === undefined ? undefined : (reach - to) / line.slope;
  if (leftMs !== undefined && leftMs > (within ?? Number.POSITIVE_INFINITY)) return GOOD;
  const show = (value: number): string => showReading(when.reading, rounded(value));
  const words = fill(rule.says, {
    from: show(from),
    to: show(to),
    span: showSpan(last.atMs - first.atMs),
    when: leftMs === undefined ? undefined : `${Math.max(0, Math.round(leftMs / DAY))} days`,
  });
  return { seen: "bad", words };
}

/** A line of medians has more figures than its values: tenths of a degree, hundredths of a percent are enough. */
const rounded = (value: number): number => Number(value.toPrecision(3));

/** Times in which it was there for a part and gone for a part: a part that is simply gone has next to none. */
const MIXED_MIN = 4;
/** Share of the time that is worth a word at the end. */
const OFTEN_MIN = 0.005;
/** It has to be so many times as often as at the beginning. */
const MORE = 2;

export function judgeOftener(rule: Rule, { over }: WhenOf<"oftener">, all: readonly Bucket[]): Found {
  const buckets = all.filter(({ count }) => count >= READINGS_MIN);
  if (buckets.length < BUCKETS_MIN) return UNTOLD;
  const values = buckets.map(({ value }) => value);
  const third = Math.ceil(values.length / 3);
  const [from, to] = [mean(values.slice(0, third)), mean(values.slice(-third))];
  const mixed = values.filter((value) => Math.abs(value - Math.round(value)) > 0.005).length;
  if (mixed < MIXED_MIN || to < OFTEN_MIN || to < MORE * from || mannKendall(values) < SURE_OF_MORE) return GOOD;
  return { seen: "bad", words: fill(rule.says, { from: showShare(from), to: showShare(to), span: showSpan(over) }) };
}

/** @param points single readings, oldest first */
export function judgeChanges(rule: Rule, { times, falls, over }: WhenOf<"changes">, points: readonly Point[]): Found {
  if (points.length < 2) return UNTOLD;
  const changes = points.filter(({ value }, i) => {
    const before = points[i - 1]?.value;
    return before !== undefined && (falls ? value < before : value !== before);
  }).length;
  if (changes < times) return GOOD;
  return { seen: "bad", words: fill(rule.says, { count: String(changes), span: showSpan(over) }) };
}
