/**
 * Which table holds which length of time. Old history goes by dropping whole tables, never row by row, so each table is
 * small enough to be dropped within one call. Table names are made from numbers here and nowhere else.
 */

import { DAY, HOUR, instantOf, MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { Sql } from "../sql.ts";

/** A length of time from `fromMs` up to, not including, `toMs`, and its table. */
export interface Partition {
  readonly table: string;
  readonly fromMs: Ms;
  readonly toMs: Ms;
}

/** What a kind of summary keeps. */
export interface Resolution {
  readonly id: "5m" | "1h" | "1d";
  /** Length of a slot; of `1d`, a UTC day. */
  readonly slotMs: Ms;
  readonly keptMs: Ms;
}

/**
 * How long each is kept, and why. Five minutes: two weeks, so that today stands beside the same weekday twice, and a campaign
 * that soaks for a week still shows its start. Hours: a quarter, the span of a service report. Days: a year, and a month to
 * look back on it.
 */
export const RESOLUTIONS = [
  { id: "5m", slotMs: 5 * MINUTE, keptMs: 14 * DAY },
  { id: "1h", slotMs: HOUR, keptMs: 90 * DAY },
  { id: "1d", slotMs: DAY, keptMs: 400 * DAY },
] as const satisfies readonly Resolution[];
export type ResolutionId = (typeof RESOLUTIONS)[number]["id"];

/** Raw readings stay for this long, and until their day is summed up. */
export const RAW_KEPT_MS: Ms = 48 * HOUR;

/** Slots of five minutes go by quarters of a day: a whole day of 10,000 devices took longer to drop than a call may take. */
const QUARTER: Ms = 6 * HOUR;

const digits = (atMs: Ms, count: number): string =>
  instantOf(atMs)
    .toString()
    .replaceAll(/[-T:Z]/g, "")
    .slice(0, count);
const spanned =
  (prefix: string, count: number, lengthMs: Ms) =>
  (atMs: Ms): Partition => {
    const fromMs = Math.floor(atMs / lengthMs) * lengthMs;
    return { table: `${prefix}_${digits(fromMs, count)}`, fromMs, toMs: fromMs + lengthMs };
  };

/** Raw readings: a table half an hour. One a day was written all over, page by page, and took too long to drop. */
export const rawOf = spanned("raw", 12, 30 * MINUTE);
const fiveOf = spanned("five", 10, QUARTER);
const hourOf = spanned("hour", 8, DAY);
/** A UTC day; its table is that of earlier versions of the agent. */
export const dayOf = spanned("readings", 8, DAY);

/** A month of days: a row a device, which grows day by day. */
function monthOf(atMs: Ms): Partition {
  const first = instantOf(atMs).toZonedDateTimeISO("UTC").startOfDay().with({ day: 1 });
  return {
    table: `day_${digits(first.epochMilliseconds, 6)}`,
    fromMs: first.epochMilliseconds,
    toMs: first.add({ months: 1 }).epochMilliseconds,
  };
}

/** The table of a summary that holds this moment. */
export function partitionOf(id: ResolutionId, atMs: Ms): Partition {
  switch (id) {
    case "5m":
      return fiveOf(atMs);
    case "1h":
      return hourOf(atMs);
    case "1d":
      return monthOf(atMs);
  }
}

function momentOf(digitsOf: string): Ms | undefined {
  const [, year, month, day, hour, minute] = /^(\d{4})(\d\d)(\d\d)?(\d\d)?(\d\d)?$/.exec(digitsOf) ?? [];
  return year === undefined
    ? undefined
    : Date.UTC(Number(year), Number(month) - 1, Number(day ?? 1), Number(hour ?? 0), Number(minute ?? 0));
}

function partitionsIn(sql: Sql, prefix: string, of: (atMs: Ms) => Partition): readonly Partition[] {
  return sql
    .all("select name from sqlite_master where type = 'table' and name glob @pattern order by name", { pattern: `${prefix}_[0-9]*` })
    .flatMap(({ name }) => {
      const atMs = momentOf(String(name).slice(prefix.length + 1));
      const found = atMs === undefined ? undefined : of(atMs);
      return found !== undefined && found.table === name ? [found] : [];
    });
}

/** Tables of raw readings, oldest first. */
export function rawIn(sql: Sql): readonly Partition[] {
  return [...partitionsIn(sql, "readings", dayOf), ...partitionsIn(sql, "raw", rawOf)].sort((a, b) => a.fromMs - b.fromMs);
}

const PREFIXES = { "5m": "five", "1h": "hour", "1d": "day" } as const satisfies Record<ResolutionId, string>;

/** Tables of a summary, oldest first. */
export function summariesIn(sql: Sql, id: ResolutionId): readonly Partition[] {
  return partitionsIn(sql, PREFIXES[id], (atMs) => partitionOf(id, atMs));
}

/** Clustered by device, so that what one device said lies together and needs no index. */
export function makeRaw(sql: Sql, { table }: Partition): void {
  sql.exec(
    `create table if not exists ${table} (ref integer not null, at_ms integer not null, packed blob not null, primary key (ref, at_ms)) strict, without rowid`,
  );
}

/** `packed`: slots from the table's start on. */
export function makeSummary(sql: Sql, { table }: Partition): void {
  sql.exec(`create table if not exists ${table} (ref integer primary key, packed blob not null) strict`);
}

export function drop(sql: Sql, { table }: Partition): void {
  sql.exec(`drop table ${table}`);
}
