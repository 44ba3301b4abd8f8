/** Which table holds which UTC day. Table names are made from numbers here and nowhere else. */

import { DAY, instantOf, type Ms } from "../../protocols/core/time.ts";
import type { Sql } from "../sql.ts";

/** A UTC day from `fromMs` up to, not including, `toMs`. */
export interface Day {
  readonly table: string;
  readonly fromMs: Ms;
  readonly toMs: Ms;
}

export function dayOf(atMs: Ms): Day {
  const fromMs = Math.floor(atMs / DAY) * DAY;
  const date = instantOf(fromMs).toString().slice(0, 10).replaceAll("-", "");
  return { table: `readings_${date}`, fromMs, toMs: fromMs + DAY };
}

/** Days with a table, oldest first. */
export function daysIn(sql: Sql): readonly Day[] {
  return sql
    .all(
      "select name from sqlite_master where type = 'table' and name glob 'readings_[0-9][0-9][0-9][0-9][0-9][0-9][0-9][0-9]' order by name",
    )
    .map(({ name }) => {
      const [, year, month, day] = /^readings_(\d{4})(\d\d)(\d\d)$/.exec(String(name)) ?? [];
      return dayOf(Temporal.Instant.from(`${year}-${month}-${day}T00:00:00Z`).epochMilliseconds);
    });
}

/** Clustered by device, so that one device's day lies together and needs no index. */
export function makeDay(sql: Sql, day: Day): void {
  sql.exec(
    `create table if not exists ${day.table} (ref integer not null, at_ms integer not null, packed blob not null, primary key (ref, at_ms)) strict, without rowid`,
  );
}
