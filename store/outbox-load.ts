/** How much waits in the outbox, kept beside its rows so that asking costs nothing. */
import { text, toJson, whole } from "./row.ts";
import type { Sql } from "./sql.ts";

/** Changes what is told of the load, in the transaction of the rows themselves. */
export function addLoad(sql: Sql, kind: string, rows: number, size: number): void {
  sql.run("update outbox_load set waiting = waiting + @rows, bytes = bytes + @size where kind = @kind", { kind, rows, size });
}

const LANES = [1, 2, 3] as const;

/**
 * These wait no longer; numbers that do not wait are passed over.
 * @param named  a condition on `kind` and `number`, of our own making
 * @returns those of them for which it holds
 */
export function takeOut(
  sql: Sql,
  numbers: readonly number[],
  named: "true" | "false" | "number is null or kind not in ('event', 'ticket')",
): readonly number[] {
  const seqs = toJson(numbers);
  const these = "lane = @lane and seq in (select value from json_each(@seqs))";
  return LANES.flatMap((lane) => {
    const load = sql.all(`select kind, count(*) as count, sum(bytes) as size from outbox_waiting where ${these} group by kind`, {
      lane,
      seqs,
    });
    if (load.length === 0) return [];
    for (const row of load) addLoad(sql, text(row, "kind"), -whole(row, "count"), -whole(row, "size"));
    const found = sql.all(`select seq from outbox_waiting where ${these} and (${named})`, { lane, seqs });
    sql.run(`delete from outbox_waiting where ${these}`, { lane, seqs });
    return found.map((row) => whole(row, "seq"));
  });
}
