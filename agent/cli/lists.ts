/**
 * Lists of the agent in the shape the mode asks for: as it came for `--json`, a row a line for `--ndjson`, else a table.
 */
import {           printDocument } from "./command.ts";

export function printList                    (cli     , names           , rows                , view               )       {
  if (cli.out.mode === "json") printDocument(cli, { schema: names.schema, ...(names.result          ) });
  else cli.out.list(rows, { schema: names.rowSchema, columns: view.columns, empty: view.empty, json: fieldsOf });
}

function fieldsOf(row        )                                    {
  return Object.fromEntries(Object.entries(row));
}

/** Leaves out columns that are empty in every row, so that the others have room. For people only. */
export function usedColumns     (columns                        , rows                )                         {
  return columns.filter(({ of }) => rows.some((row) => !["", "-"].includes(of(row).trim())));
}

