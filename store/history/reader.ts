/** Reads health history; for the history thread and for single look-ups. */
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Reading, ReadingName } from "../../protocols/core/reading.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { bytes, decoder, text, whole } from "../row.ts";
import type { Row, Sql } from "../sql.ts";
import { daysIn } from "./days.ts";
import { loadNames } from "./names.ts";
import { type NameTable, unpackReading } from "./pack.ts";

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
  series(device: DeviceId, name: ReadingName, span: { readonly fromMs: Ms; readonly toMs: Ms }): readonly TimedValue[];
  /** Readings, `fromMs` ≤ time < `toMs`, oldest first, at most `WINDOW_ROWS_MAX`. */
  window(device: DeviceId, span: { readonly fromMs: Ms; readonly toMs: Ms }): readonly TimedReading[];
  latest(device: DeviceId): TimedReading | undefined;
  /** The newest reading of every device, by device. */
  allLatest(): readonly DeviceReading[];
}

/** Readings one answer may hold: two days at one reading every 10 s are 17,280. Guessed. */
export const WINDOW_ROWS_MAX = 20_000;

export function createHistoryReader(sql: Sql): HistoryReader {
  // Read once: the writer gives all numbers before it writes the first reading.
  let names: NameTable | undefined;
  const read = decoder("readings", "at_ms", (row: Row): TimedReading => {
    names ??= loadNames(sql);
    return { atMs: whole(row, "at_ms"), reading: unpackReading(bytes(row, "packed"), names) };
  });
  const window: HistoryReader["window"] = (device, { fromMs, toMs }) =>
    sql.snapshot(() => {
      const found: TimedReading[] = [];
      for (const day of daysIn(sql)) {
        const limit = WINDOW_ROWS_MAX - found.length;
        if (day.toMs <= fromMs || day.fromMs >= toMs || limit <= 0) continue;
        const rows = sql.all(
          `select at_ms, packed from ${day.table} where ref in (select ref from refs where device = @device)
            and at_ms >= @fromMs and at_ms < @toMs order by at_ms limit @limit`,
          { device, fromMs, toMs, limit },
        );
        for (const row of rows) found.push(read(row));
      }
      return found;
    });
  return {
    window,
    series: (device, name, span) =>
      window(device, span).flatMap(({ atMs, reading }) => {
        const value = reading[name];
        return value === undefined ? [] : [{ atMs, value }];
      }),
    allLatest() {
      const newest = new Map<string, Row>();
      for (const row of sql.all("select device, at_ms, packed from latest join refs using (ref) order by device, at_ms"))
        newest.set(text(row, "device"), row);
      return Array.from(newest, ([device, row]) => ({ device: device as DeviceId, ...read(row) }));
    },
    latest(device) {
      const row = sql.one(
        `select at_ms, packed from latest where ref in (select ref from refs where device = @device) order by at_ms desc limit 1`,
        { device },
      );
      return row === undefined ? undefined : read(row);
    },
  };
}
