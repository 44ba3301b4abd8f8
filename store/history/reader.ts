/** Reads health history; for the history thread and for single look-ups. */
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Reading, ReadingName } from "../../protocols/core/reading.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { text } from "../row.ts";
import type { Row, Sql } from "../sql.ts";
import { type ChangeReader, changeReader } from "./changes.ts";
import { RAW_KEPT_MS, rawIn } from "./partitions.ts";
import { namesKept, rawReader, refsOf, type Span, type TimedAsk } from "./raw.ts";
import { type Rolled, type RollStep, rollStep } from "./rollup.ts";
import { type Story, type StoryAsk, storyOf } from "./story.ts";

export interface TimedReading {
  readonly atMs: Ms;
  readonly reading: Reading;
}

export interface DeviceReading extends TimedReading {
  readonly device: DeviceId;
}

export interface TimedValue {
  readonly atMs: Ms;
  readonly value: number;
}

export interface HistoryReader {
  /** Values of one name, `fromMs` ≤ time < `toMs`, oldest first, at most `WINDOW_ROWS_MAX` readings looked at. */
  series(device: DeviceId, name: ReadingName, span: Span): readonly TimedValue[];
  /** Readings, `fromMs` ≤ time < `toMs`, oldest first, at most `WINDOW_ROWS_MAX`. */
  window(device: DeviceId, span: Span): readonly TimedReading[];
  /** As `window`, with the asks that nobody answered. */
  asks(device: DeviceId, span: Span): readonly TimedAsk[];
  latest(device: DeviceId): TimedReading | undefined;
  /** The newest raw reading before a moment; `undefined` where none is kept. */
  before(device: DeviceId, atMs: Ms): TimedReading | undefined;
  /** The newest reading of every device, by device. */
  allLatest(): readonly DeviceReading[];
  /** A device over any length of time, as fine as it is kept and as `points` allows. */
  story(device: DeviceId, ask: StoryAsk): Story;
  /** Sums up the next devices of a day; `RollUps.put` writes the answer. */
  roll(step: RollStep): Rolled;
  readonly changes: ChangeReader;
}

/** Readings one answer may hold: two days at one reading every 10 s are 17,280. Guessed. */
export const WINDOW_ROWS_MAX = 20_000;

export function createHistoryReader(sql: Sql): HistoryReader {
  const names = namesKept(sql);
  const raw = rawReader(sql, names);
  const readingsOf = (row: Row): TimedReading => {
    const { atMs, reading = {} } = raw.read(row);
    return { atMs, reading };
  };
  const asks: HistoryReader["asks"] = (device, span) => sql.snapshot(() => raw.asks(refsOf(sql, device), span, WINDOW_ROWS_MAX));
  const window: HistoryReader["window"] = (device, span) =>
    asks(device, span).flatMap(({ atMs, reading }) => (reading === undefined ? [] : [{ atMs, reading }]));
  return {
    asks,
    window,
    story: (device, ask) => storyOf(sql, names, refsOf(sql, device), ask),
    roll: (step) => rollStep(sql, names, step),
    changes: changeReader(sql, names),
    before(device, atMs) {
      for (const { table } of rawIn(sql)
        .filter(({ fromMs, toMs }) => fromMs < atMs && toMs > atMs - RAW_KEPT_MS)
        .toReversed()) {
        const row = sql.one(
          `select at_ms, packed from ${table} where ref in (select ref from refs where device = @device) and at_ms < @atMs
            and packed <> x'ff' order by at_ms desc limit 1`,
          { device, atMs },
        );
        if (row !== undefined) return readingsOf(row);
      }
      return undefined;
    },
    series: (device, name, span) =>
      window(device, span).flatMap(({ atMs, reading }) => {
        const value = reading[name];
        return value === undefined ? [] : [{ atMs, value }];
      }),
    allLatest() {
      const newest = new Map<string, Row>();
      for (const row of sql.all("select device, at_ms, packed from latest join refs using (ref) order by device, at_ms"))
        newest.set(text(row, "device"), row);
      return Array.from(newest, ([device, row]) => ({ device: device as DeviceId, ...readingsOf(row) }));
    },
    latest(device) {
      const row = sql.one(
        `select at_ms, packed from latest where ref in (select ref from refs where device = @device) order by at_ms desc limit 1`,
        { device },
      );
      return row === undefined ? undefined : readingsOf(row);
    },
  };
}
