/**
 * How an import reads before it is done. Pure.
 */
import type { ImportTable } from "../discovery/sources/csv.ts";
import { safeText } from "./output.ts";
import type { RowImported } from "./results.ts";

export interface ImportSum {
  readonly new: number;
  readonly changed: number;
  readonly unchanged: number;
  readonly refused: number;
}

export function sumOf(rows: readonly RowImported[], { refused }: Pick<ImportTable, "refused">): ImportSum {
  const count = (outcome: RowImported["outcome"]): number => rows.filter((row) => row.outcome === outcome).length;
  return { new: count("new"), changed: count("changed"), unchanged: count("unchanged"), refused: count("refused") + refused.length };
}

/** More lines are not read; `--json` has them all. */
const LINES_MAX = 200;

/** New, changed (was → is) and refused rows with their lines, what better sources say otherwise, and columns that are not taken. */
export function importText(rows: readonly RowImported[], table: Pick<ImportTable, "refused" | "unknownColumns">): string {
  const sum = sumOf(rows, table);
  const refusals = [
    ...table.refused,
    ...rows.flatMap(({ line, outcome, why }) => (outcome === "refused" ? [{ line, why: why ?? "" }] : [])),
  ];
  const lines = [
    ...rows.flatMap(rowLines),
    ...refusals.toSorted((a, b) => a.line - b.line).map(({ line, why }) => `line ${line}  refused: ${safeText(why)}`),
  ];
  const more = lines.length > LINES_MAX ? [`… and ${lines.length - LINES_MAX} more lines; --json has them all`] : [];
  const columns =
    table.unknownColumns.length === 0 ? [] : [`Not taken: ${table.unknownColumns.map((name) => `"${safeText(name)}"`).join(", ")}`];
  const total = `${sum.new} new, ${sum.changed} changed, ${sum.unchanged} unchanged, ${sum.refused} refused`;
  return `${[...lines.slice(0, LINES_MAX), ...more, ...columns, total].join("\n")}\n`;
}

function rowLines({ line, outcome, device, name, changes, overruled }: RowImported): string[] {
  const who = safeText(name ?? device ?? "");
  const believed = overruled.map(
    ({ field, table, believed: better }) =>
      `line ${line}  ${who}: ${field} stays "${safeText(better)}", better known than "${safeText(table)}"`,
  );
  if (outcome === "refused" || outcome === "unchanged") return believed;
  const fields = changes.map(({ field, was, is }) =>
    outcome === "new" ? `${field} ${safeText(is ?? "")}` : `${field} ${safeText(was ?? "-")} → ${safeText(is ?? "-")}`,
  );
  return [`line ${line}  ${outcome}  ${who}: ${fields.join(", ")}`, ...believed];
}
