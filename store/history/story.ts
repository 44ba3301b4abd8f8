/**
 * A device over a length of time: as fine as it is kept and as the number of points allows. What is not summed up yet is
 * summed up here, the same way.
 */
import { READING_NAMES, type ReadingName } from "../../protocols/core/reading.ts";
import { DAY, type Ms } from "../../protocols/core/time.ts";
import { whole } from "../row.ts";
import type { Sql } from "../sql.ts";
import type { NameTable } from "./pack.ts";
import { RESOLUTIONS, type ResolutionId, rawIn, summariesIn } from "./partitions.ts";
import { rawReader, type Span, type TimedAsk } from "./raw.ts";
import { loadSlots, slotsOf } from "./rollup.ts";
import { gridOf, isCounter, joinSlots, type Slot, type Summary, sinceLast, slotOf } from "./summary.ts";

export interface StoryAsk extends Span {
  /** All that there are where absent. */
  readonly names?: readonly ReadingName[];
  /** Points of one series, at most. */
  readonly points: number;
}

/** A length of time from `atMs` on. Of a counter: what it added and how often it began anew. */
export type StoryPoint =
  | { readonly atMs: Ms; readonly count: number; readonly min: number; readonly mean: number; readonly max: number; readonly last: number }
  | { readonly atMs: Ms; readonly count: number; readonly last: number; readonly rise: number; readonly resets: number };

export interface StorySeries {
  readonly name: ReadingName;
  readonly kind: "gauge" | "counter";
  readonly points: readonly StoryPoint[];
}

export interface Story {
  /** `raw`: each point is one reading. */
  readonly resolution: "raw" | ResolutionId;
  /** Length of one point; 0 of raw ones. */
  readonly stepMs: Ms;
  readonly fromMs: Ms;
  readonly toMs: Ms;
  readonly series: readonly StorySeries[];
  readonly availability: readonly { readonly atMs: Ms; readonly asked: number; readonly answered: number }[];
}

/** Readings that are looked at for one answer: a week at one every 30 s. Guessed. */
const ASKS_MAX = 20_000;

interface Timed {
  readonly atMs: Ms;
  readonly slot: Slot;
}

export function storyOf(sql: Sql, names: () => NameTable, refs: readonly number[], ask: StoryAsk): Story {
  return sql.snapshot(() => {
    const { fromMs, toMs, points } = ask;
    const raw = rawReader(sql, names);
    if (reachesRaw(sql, fromMs)) {
      const asks = raw.asks(refs, ask, points + 1);
      const single = ({ atMs, reading }: TimedAsk): Timed[] => timed(atMs, slotOf([reading], names()));
      if (asks.length <= points) return tell({ resolution: "raw", stepMs: 0 }, ask, names(), asks.flatMap(single));
    }
    const { id, slotMs } = finest(sql, ask);
    const kept = keptSlots(sql, id, refs, ask);
    const rolledTo = rolledUpTo(sql);
    const tailFrom = Math.max(rolledTo, Math.floor(fromMs / slotMs) * slotMs);
    const tail =
      tailFrom < toMs ? cut(raw.asks(refs, { fromMs: tailFrom, toMs }, ASKS_MAX), { fromMs: tailFrom, toMs }, slotMs, names()) : [];
    const all = [...kept.filter(({ atMs }) => atMs < rolledTo), ...tail];
    const by = Math.max(1, Math.ceil((toMs - fromMs) / slotMs / points));
    return tell({ resolution: id, stepMs: slotMs * by }, ask, names(), by === 1 ? all : wider(all, slotMs * by));
  });
}

const timed = (atMs: Ms, slot: Slot | undefined): Timed[] => (slot === undefined ? [] : [{ atMs, slot }]);

/** Is all that is known of this time still there as it was read? */
function reachesRaw(sql: Sql, fromMs: Ms): boolean {
  const oldest = rawIn(sql)[0]?.fromMs;
  return oldest !== undefined && (oldest <= fromMs || summariesIn(sql, "1d").length === 0);
}

/** The finest that reaches back far enough and gives no more points than asked; days where none does. */
function finest(sql: Sql, { fromMs, toMs, points }: StoryAsk) {
  const rolledTo = rolledUpTo(sql);
  const reaches = (id: ResolutionId): boolean => {
    const oldest = summariesIn(sql, id)[0]?.fromMs ?? rolledTo;
    const longest = summariesIn(sql, "1d")[0]?.fromMs ?? rolledTo;
    return oldest <= fromMs || oldest <= longest;
  };
  const fits = RESOLUTIONS.filter(({ slotMs }) => (toMs - fromMs) / slotMs <= points);
  return fits.find(({ id }) => reaches(id)) ?? RESOLUTIONS[2];
}

/** Days up to here are summed up; the first raw reading after it, where none is. */
function rolledUpTo(sql: Sql): Ms {
  const row = sql.one("select max(day_ms) as day from rolled where done = 1");
  return typeof row?.["day"] === "number" ? whole(row, "day") + DAY : 0;
}

function keptSlots(sql: Sql, id: ResolutionId, refs: readonly number[], { fromMs, toMs }: Span): readonly Timed[] {
  const slotMs = RESOLUTIONS.find((one) => one.id === id)?.slotMs ?? DAY;
  const found: Timed[] = [];
  for (const part of summariesIn(sql, id)) {
    if (part.toMs <= fromMs || part.fromMs >= toMs) continue;
    const ofRefs = refs.map((ref) => loadSlots(sql, part.table, ref) ?? []);
    const length = Math.max(0, ...ofRefs.map((slots) => slots.length));
    for (let i = 0; i < length; i++) {
      const atMs = part.fromMs + i * slotMs;
      const slot = joinSlots(ofRefs.map((slots) => slots[i]));
      if (atMs + slotMs > fromMs && atMs < toMs) found.push(...timed(atMs, slot));
    }
  }
  return found;
}

function cut(asks: readonly TimedAsk[], span: Span, slotMs: Ms, names: NameTable): Timed[] {
  return slotsOf(asks, span, slotMs, names).flatMap((slot, i) => timed(span.fromMs + i * slotMs, slot));
}

function wider(all: readonly Timed[], stepMs: Ms): Timed[] {
  const groups = Map.groupBy(all, ({ atMs }) => Math.floor(atMs / stepMs) * stepMs);
  return [...groups].flatMap(([atMs, group]) => timed(atMs, joinSlots(group.map((one) => one.slot))));
}

function tell(form: Pick<Story, "resolution" | "stepMs">, ask: StoryAsk, names: NameTable, all: readonly Timed[]): Story {
  const series = (ask.names ?? READING_NAMES).map((name): StorySeries => {
    const number = names.numberOf(name);
    let before: Summary | undefined;
    const points = all.flatMap(({ atMs, slot }) => {
      const summary = slot.values.get(number);
      if (summary === undefined) return [];
      const point = pointOf(atMs, sinceLast(before, summary), gridOf(name));
      before = summary;
      return [point];
    });
    return { name, kind: isCounter(name) ? "counter" : "gauge", points };
  });
  return {
    ...form,
    fromMs: ask.fromMs,
    toMs: ask.toMs,
    series: series.filter(({ points }) => points.length > 0 || ask.names !== undefined),
    availability: all.map(({ atMs, slot: { asked, answered } }) => ({ atMs, asked, answered })),
  };
}

function pointOf(atMs: Ms, summary: Summary, grid: number): StoryPoint {
  const { count } = summary;
  if (summary.kind === "counter") {
    const { last, rise, resets } = summary;
    return { atMs, count, last: last / grid, rise: rise / grid, resets };
  }
  const { min, max, sum, last } = summary;
  return { atMs, count, min: min / grid, mean: sum / grid / count, max: max / grid, last: last / grid };
}
