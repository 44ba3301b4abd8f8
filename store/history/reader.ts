/** Reads health history; for the history thread and for single look-ups. */

import { bytes, decoder, text, whole } from "../row.ts";

import { daysIn } from "./days.ts";
import { loadNames } from "./names.ts";
import {                 unpackReading } from "./pack.ts";

/** Readings one answer may hold: two days at one reading every 10 s are 17,280. Guessed. */
export const WINDOW_ROWS_MAX = 20_000;

export function createHistoryReader(sql     )                {
  // Read once: the writer gives all numbers before it writes the first reading.
  let names                       ;
  const read = decoder("readings", "at_ms", (row     )               => {
    names ??= loadNames(sql);
    return { atMs: whole(row, "at_ms"), reading: unpackReading(bytes(row, "packed"), names) };
  });
  const window                          = (device, { fromMs, toMs }) =>
    sql.snapshot(() => {
      const found                 = [];
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
      const newest = new Map             ();
      for (const row of sql.all("select device, at_ms, packed from latest join refs using (ref) order by device, at_ms"))
        newest.set(text(row, "device"), row);
      return Array.from(newest, ([device, row]) => ({ device: device            , ...read(row) }));
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

