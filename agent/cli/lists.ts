/**
 * Lists of the agent in the shape the mode asks for: as it came for `--json`, a row a line for `--ndjson`, else a table.
 */
import { type Cli, printDocument } from "./command.ts";
import type { Column } from "./output.ts";

interface ListNames {
  /** Of the whole answer. */
  readonly schema: string;
  /** Of one row. */
  readonly rowSchema: string;
  /** The agent's answer as it came. */
  readonly result: unknown;
}

interface ListView<Row> {
  readonly columns: readonly Column<Row>[];
  /** Said where there are no rows. */
  readonly empty: string;
}

export function printList<Row extends object>(cli: Cli, names: ListNames, rows: readonly Row[], view: ListView<Row>): void {
  if (cli.out.mode === "json") printDocument(cli, { schema: names.schema, ...(names.result as object) });
  else cli.out.list(rows, { schema: names.rowSchema, columns: view.columns, empty: view.empty, json: fieldsOf });
}

function fieldsOf(row: object): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(row));
}

/** Leaves out columns that are empty in every row, so that the others have room. For people only. */
export function usedColumns<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): readonly Column<Row>[] {
  return columns.filter(({ of }) => rows.some((row) => !["", "-"].includes(of(row).trim())));
}
