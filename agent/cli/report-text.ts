/** A report for people on the command line: the facts and tables of its PDF, within the width of the terminal. Pure. */
import type { Cell, CellState, Report, Section } from "../reports/report-shape.ts";
import { type Column, cut, displayWidth, type Health, renderTable, safeText, showState } from "./output.ts";
import { facts } from "./show.ts";

const HEALTH: Readonly<Record<CellState, Health>> = { good: "ok", attention: "warning", bad: "error", unknown: "unknown" };

/** `width`: characters of a line. */
export function reportText(report: Report, { width, colour }: { readonly width: number; readonly colour: boolean }): string {
  const head = [`${report.title}`, report.subtitle].map((line) => `${safeText(line)}\n`).join("");
  const known = facts(report.facts.map(([name, value]) => [name, safeText(value)]));
  const notes = report.notes.map((note) => `${safeText(note)}\n`).join("");
  return [head, known, notes, ...report.sections.map((section) => sectionText(section, width, colour))]
    .join("\n")
    .replace(/\n{3,}/g, "\n\n");
}

function sectionText({ title, notes = [], columns, rows, empty }: Section, width: number, colour: boolean): string {
  const head = [...(title === undefined ? [] : [title]), ...notes].map((line) => `${safeText(line)}\n`).join("");
  if (rows.length === 0) return `${head}${safeText(empty)}\n`;
  const used = columns.map((column, at) => ({ column, at })).filter(({ at }) => rows.some((row) => textOf(row[at]) !== ""));
  const widths = fitted(
    used.map(({ column, at }) => ({
      natural: Math.max(displayWidth(column.title), ...rows.map((row) => displayWidth(textOf(row[at])))),
      least: column.small === true ? Math.max(LEAST, displayWidth(column.title)) : Number.POSITIVE_INFINITY,
    })),
    width - 2 * (used.length - 1),
  );
  const shown = used.map(({ column, at }, i): Column<readonly Cell[]> => {
    const { title: name, align } = column;
    return { title: name.toUpperCase(), of: (row) => cellText(row[at], widths[i] ?? 0, colour), ...(align === undefined ? {} : { align }) };
  });
  return `${head}${renderTable(shown, rows, colour)}`;
}

/** Sentences are cut no shorter than this. */
const LEAST = 12;

/** Columns of sentences give way, the widest first, until all of them fit or none can. */
export function fitted(columns: readonly { readonly natural: number; readonly least: number }[], room: number): readonly number[] {
  const widths = columns.map(({ natural }) => natural);
  for (let over = widths.reduce((sum, one) => sum + one, 0) - room; over > 0; over--) {
    const giving = columns.map(({ least }, i) => ((widths[i] ?? 0) > least ? (widths[i] ?? 0) : 0));
    const widest = giving.indexOf(Math.max(...giving));
    if (giving[widest] === 0 || giving[widest] === undefined) break;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
  return widths;
}

/** With the shape that stands before a state. */
function textOf(cell: Cell | undefined): string {
  if (cell === undefined) return "";
  return safeText(typeof cell === "string" ? cell : showState(HEALTH[cell.state], { colour: false, word: cell.text }));
}

function cellText(cell: Cell | undefined, width: number, colour: boolean): string {
  if (cell === undefined || typeof cell === "string") return cut(safeText(cell ?? ""), width);
  return showState(HEALTH[cell.state], { colour, word: safeText(cell.text) });
}
