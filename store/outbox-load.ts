/** How much waits in the outbox, kept beside its rows so that asking costs nothing. */
import type { Sql } from "./sql.ts";

/** Changes what is told of the load, in the transaction of the rows themselves. */
export function addLoad(sql: Sql, kind: string, rows: number, size: number): void {
  sql.run("update outbox_load set waiting = waiting + @rows, bytes = bytes + @size where kind = @kind", { kind, rows, size });
}
