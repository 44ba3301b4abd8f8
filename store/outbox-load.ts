/** How much waits in the outbox, kept beside its rows so that asking costs nothing. */
import { text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

/** Changes what is told of the load, in the transaction of the rows themselves. */
export function addLoad(sql: Sql, kind: string, rows: number, size: number): void {
  sql.run("update outbox_load set waiting = waiting + @rows, bytes = bytes + @size where kind = @kind", { kind, rows, size });
}

const LANES = [1, 2, 3] as const;

/** These wait no longer; numbers that do not wait are passed over. @returns what waited: `seq`, `kind`, `number` */
export function takeOut(sql: Sql, numbers: readonly number[]): readonly Row[] {
  const seqs = toJson(numbers);
  const rows = LANES.flatMap((lane) =>
    sql.all(
      `delete from outbox_waiting where lane = @lane and seq in (select value from json_each(@seqs)) returning seq, kind, number, bytes`,
      { lane, seqs },
    ),
  );
  const load = new Map<string, { rows: number; bytes: number }>();
  for (const row of rows) {
    const kind = text(row, "kind");
    const sum = load.get(kind) ?? { rows: 0, bytes: 0 };
    load.set(kind, { rows: sum.rows + 1, bytes: sum.bytes + whole(row, "bytes") });
  }
  for (const [kind, sum] of load) addLoad(sql, kind, -sum.rows, -sum.bytes);
  return rows;
}
