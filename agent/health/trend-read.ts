/**
 * Asks history what rules over time need of one device: one read for all rules of one length, cut as each wants it. Runs in the
 * history thread.
 */
import type { FamilyId } from "../../protocols/core/device.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { ReadingName } from "../../protocols/core/reading.ts";
import { DAY, HOUR, MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { HistoryReader, TimedReading } from "../../store/history/reader.ts";
import type { StoryPoint } from "../../store/history/story.ts";
import type { Rule, When, WhenOf } from "./rules-schema.ts";
import { isFor } from "./rules-scope.ts";
import type { Point } from "./trend.ts";
import { type Bucket, type Found, judgeChanges, judgeOftener, judgeTrend } from "./trend-judge.ts";

export interface TrendAsk {
  readonly devices: readonly { readonly id: DeviceId; readonly family?: FamilyId }[];
  /** Rules over time alone. */
  readonly rules: readonly Rule[];
  readonly nowMs: Ms;
}

/** What is not told of a device and a rule of its family is well. */
export interface TrendFinding extends Found {
  readonly device: DeviceId;
  readonly rule: string;
}

export type TrendReader = Pick<HistoryReader, "story" | "window" | "latest">;

export function findTrends({ devices, rules, nowMs }: TrendAsk, reader: TrendReader): readonly TrendFinding[] {
  return devices.flatMap(({ id, family }) => {
    const mine = rules.filter((rule) => isFor(rule, family));
    return [...judgeOne(id, mine, nowMs, reader)].flatMap(([rule, found]) =>
      found.seen === "good" ? [] : [{ device: id, rule, ...found }],
    );
  });
}

/** Every rule with what is found of it. */
export function judgeOne(device: DeviceId, rules: readonly Rule[], nowMs: Ms, reader: TrendReader): ReadonlyMap<string, Found> {
  const pointsOf = pointsFor(device, rules, nowMs, reader);
  const bucketsOf = meansOf(device, nowMs, reader);
  const found = new Map<string, Found>();
  for (const rule of rules) {
    const { when } = rule;
    if (when.kind === "changes") found.set(rule.id, judgeChanges(rule, when, pointsOf(when)));
    else if (when.kind === "oftener") found.set(rule.id, judgeOftener(rule, when, bucketsOf(when)));
    else if (when.kind === "trend") found.set(rule.id, judgeTrend(rule, when, bucketsOf(when), restartedAt(device, when, reader)));
  }
  return found;
}

function restartedAt(device: DeviceId, { sinceRestart }: WhenOf<"trend">, reader: TrendReader): Ms | undefined {
  const last = sinceRestart ? reader.latest(device) : undefined;
  const uptime = last?.reading.uptimeSeconds;
  return last === undefined || uptime === undefined ? undefined : last.atMs - uptime * SECOND;
}

/** Readings one by one, read once for the longest of the rules that want them. */
function pointsFor(device: DeviceId, rules: readonly Rule[], nowMs: Ms, reader: TrendReader) {
  const longest = rules.reduce((most, { when }) => (when.kind === "changes" ? Math.max(most, when.over) : most), 0);
  const readings = longest === 0 ? [] : reader.window(device, { fromMs: nowMs - longest, toMs: nowMs });
  return ({ reading: name, over }: WhenOf<"changes">): Point[] => valuesOf(readings, name).filter(({ atMs }) => atMs >= nowMs - over);
}

function singlePoints(device: DeviceId, name: ReadingName, span: { readonly fromMs: Ms; readonly toMs: Ms }, reader: TrendReader): Point[] {
  return valuesOf(reader.window(device, span), name);
}

function valuesOf(readings: readonly TimedReading[], name: ReadingName): Point[] {
  return readings.flatMap(({ atMs, reading }) => {
    const value = reading[name];
    return value === undefined ? [] : [{ atMs, value }];
  });
}

type Cut = Extract<When, { readonly bucket: Ms }>;

function meansOf(device: DeviceId, nowMs: Ms, reader: TrendReader): (when: Cut) => Bucket[] {
  const kept = new Map<string, readonly StoryPoint[]>();
  return ({ reading: name, bucket, over }) => {
    // Whole lengths of time alone: half a day is another mean than a day.
    const toMs = Math.floor(nowMs / bucket) * bucket;
    const key = `${name} ${bucket} ${over}`;
    const points = kept.get(key) ?? readPoints(device, name, { toMs, over, bucket }, reader);
    kept.set(key, points);
    return cutInto(points, bucket);
  };
}

/** As history keeps it: five minutes, hours, days. The coarsest that a bucket is made of. */
function readPoints(
  device: DeviceId,
  name: ReadingName,
  { toMs, over, bucket }: { readonly toMs: Ms; readonly over: Ms; readonly bucket: Ms },
  reader: TrendReader,
): readonly StoryPoint[] {
  const step = [DAY, HOUR, 5 * MINUTE].find((length) => bucket % length === 0) ?? bucket;
  const story = reader.story(device, { names: [name], fromMs: toMs - over, toMs, points: Math.ceil(over / step) });
  return story.series[0]?.points ?? [];
}

/** What a rule over time would have looked at, and when it would have looked. */
export interface Past {
  readonly moments: readonly Ms[];
  readonly points: readonly Point[];
  readonly buckets: readonly Bucket[];
  readonly restartedAtMs: Ms | undefined;
}

/** One read for all moments of a length of time. */
export function pastOf(
  device: DeviceId,
  { when }: Rule,
  { fromMs, toMs }: { readonly fromMs: Ms; readonly toMs: Ms },
  reader: TrendReader,
): Past {
  const every = "bucket" in when ? when.bucket : HOUR;
  const first = Math.ceil(fromMs / every) * every;
  const moments = Array.from({ length: Math.max(0, Math.floor((toMs - first) / every) + 1) }, (_, i) => first + i * every);
  const nothing = { moments, points: [], buckets: [], restartedAtMs: undefined };
  if (moments.length === 0) return nothing;
  if (when.kind === "changes") {
    return { ...nothing, points: singlePoints(device, when.reading, { fromMs: fromMs - when.over, toMs }, reader) };
  }
  if (when.kind !== "trend" && when.kind !== "oftener") return nothing;
  const last = moments.at(-1) ?? toMs;
  const over = last - first + when.over;
  const buckets = cutInto(readPoints(device, when.reading, { toMs: last, over, bucket: when.bucket }, reader), when.bucket);
  return { ...nothing, buckets, restartedAtMs: when.kind === "trend" ? restartedAt(device, when, reader) : undefined };
}

/** What the rule would have said at one of its moments. */
export function judgeAt(rule: Rule, { points, buckets, restartedAtMs }: Past, atMs: Ms): Found {
  const { when } = rule;
  const within = <T extends Point>(all: readonly T[], over: Ms): T[] => all.filter((one) => one.atMs >= atMs - over && one.atMs < atMs);
  if (when.kind === "changes") return judgeChanges(rule, when, within(points, when.over));
  if (when.kind === "oftener") return judgeOftener(rule, when, within(buckets, when.over));
  if (when.kind === "trend") return judgeTrend(rule, when, within(buckets, when.over), restartedAtMs);
  return { seen: "untold", words: "" };
}

/** Counters have no mean: nothing is said of them. */
export function cutInto(points: readonly StoryPoint[], bucket: Ms): Bucket[] {
  const groups = new Map<Ms, { sum: number; count: number }>();
  for (const point of points) {
    if (!("mean" in point)) continue;
    const atMs = Math.floor(point.atMs / bucket) * bucket;
    const group = groups.get(atMs) ?? { sum: 0, count: 0 };
    groups.set(atMs, { sum: group.sum + point.mean * point.count, count: group.count + point.count });
  }
  return Array.from(groups, ([atMs, { sum, count }]) => ({ atMs, value: sum / count, count }));
}
