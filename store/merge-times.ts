/** Rows of moments where two devices become one: each keeps its place in the order, and no two are of one moment. */
import type { DeviceId } from "../protocols/core/ids.ts";
import { tablesThat } from "./device-tables.ts";
import { whole } from "./row.ts";
import type { Sql, SqlValue } from "./sql.ts";

/** A row of the other device: when it was, and what the rows of one order have in common. */
export interface TimedRow {
  readonly within: { readonly [column: string]: string | number };
  readonly wasMs: number;
  /** Its moment beside the rows of the one that stays. */
  readonly nowMs: number;
  /** Where the row has an end: what it was. */
  readonly untilMs?: number;
}

/**
 * Moments of the other's rows among those taken: the same where it is free, else the next free millisecond. Pure.
 * @param others ascending, each once
 */
export function shifted(others: readonly number[], taken: readonly number[]): number[] {
  const used = new Set(taken);
  return others.map((wasMs) => {
    let nowMs = wasMs;
    while (used.has(nowMs)) nowMs++;
    used.add(nowMs);
    return nowMs;
  });
}

/** Where the other's rows will be, by table; nothing is changed. */
export function timedRows(sql: Sql, ids: { readonly keeps: DeviceId; readonly other: DeviceId }): Readonly<Record<string, TimedRow[]>> {
  const rowsOf = (table: string, device: DeviceId, columns: string, at: string) =>
    sql.all(`select ${columns} from ${table} where device = @device order by ${at}`, { device });
  return Object.fromEntries(
    tablesThat("timed").map(([table, { within, at, until }]) => {
      const columns = [...within, at, ...(until === undefined ? [] : [until])].join(", ");
      const orderOf = (row: Readonly<Record<string, SqlValue>>): string => JSON.stringify(within.map((column) => row[column]));
      const taken = Map.groupBy(rowsOf(table, ids.keeps, columns, at), orderOf);
      const rows = [...Map.groupBy(rowsOf(table, ids.other, columns, at), orderOf)].flatMap(([order, others]) => {
        const moments = shifted(
          others.map((row) => whole(row, at)),
          (taken.get(order) ?? []).map((row) => whole(row, at)),
        );
        return others.map((row, index): TimedRow => {
          const wasMs = whole(row, at);
          const common = Object.fromEntries(within.map((column) => [column, row[column] as string | number]));
          return {
            within: common,
            wasMs,
            nowMs: moments[index] ?? wasMs,
            ...(until === undefined ? {} : { untilMs: whole(row, until) }),
          };
        });
      });
      return [table, rows];
    }),
  );
}

/** Makes room: the other's rows that share a moment with one of the device that stays move on. They change hands later. */
export function makeRoom(sql: Sql, ids: { readonly keeps: DeviceId; readonly other: DeviceId }): void {
  const rows = timedRows(sql, ids);
  for (const [table, { at, until }] of tablesThat("timed")) {
    // From the last on, so that none steps on the next.
    for (const { within, wasMs, nowMs } of (rows[table] ?? []).filter((row) => row.nowMs !== row.wasMs).toReversed())
      sql.run(
        `update ${table} set ${at} = @nowMs ${until === undefined ? "" : `, ${until} = max(${until}, @nowMs)`}
          where device = @other and ${at} = @wasMs ${same(within)}`,
        { ...within, other: ids.other, wasMs, nowMs },
      );
  }
}

/** Rows go back to the moment, and to the span, they were of: what was seen meanwhile is seen again by the next look at either. */
export function giveBackTimes(
  sql: Sql,
  { keeps, other }: { readonly keeps: DeviceId; readonly other: DeviceId },
  kept: Readonly<Record<string, readonly TimedRow[]>>,
): void {
  for (const [table, { at, until }] of tablesThat("timed")) {
    for (const { within, wasMs, nowMs, untilMs } of kept[table] ?? [])
      sql.run(
        `update ${table} set device = @other, ${at} = @wasMs ${until === undefined ? "" : `, ${until} = @untilMs`}
          where device = @keeps and ${at} = @nowMs ${same(within)}`,
        { ...within, keeps, other, wasMs, nowMs, ...(until === undefined ? {} : { untilMs }) },
      );
  }
}

const same = (within: TimedRow["within"]): string =>
  Object.keys(within)
    .map((column) => `and ${column} = @${column}`)
    .join(" ");
