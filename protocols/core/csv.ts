/**
 * CSV in and out, pure and bounded. Source: RFC 4180; besides, what spreadsheets write: `;` between cells, a byte order
 * mark, any line end. A cell that a spreadsheet would run as a formula is written with `'` before it, and read without.
 */

/** `line` is the one the row starts on, from 1. */
export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

export type CsvDelimiter = "," | ";";

/** A text that is no table, or more than may be read. `line` counts from 1. */
export interface CsvProblem {
  readonly line: number;
  readonly what: string;
}

export type CsvRead =
  | { readonly ok: true; readonly delimiter: CsvDelimiter; readonly rows: readonly CsvRow[] }
  | { readonly ok: false; readonly problem: CsvProblem };

export interface CsvLimits {
  /** The header counts as one. */
  readonly rows: number;
  readonly cellsPerRow: number;
  readonly cellChars: number;
}

/** A site of 20,000 devices with a header, and cells that hold a remark. */
export const CSV_LIMITS: CsvLimits = { rows: 20_001, cellsPerRow: 64, cellChars: 4_096 };

/** What a spreadsheet takes for the start of a formula, or skips before one. */
const FORMULA = /^'*[=+\-@\t\r]/;

interface Scan {
  readonly text: string;
  readonly delimiter: CsvDelimiter;
  at: number;
  line: number;
}

/**
 * Reads a table; empty lines are left out, rows may be of different lengths.
 * @returns the rows, or the first thing that stops the reading: a quote that never closes, text after a closed quote, a limit
 */
export function readCsv(input: string, limits: CsvLimits = CSV_LIMITS): CsvRead {
  const text = input.startsWith("\uFEFF") ? input.slice(1) : input;
  const scan: Scan = { text, delimiter: delimiterOf(text), at: 0, line: 1 };
  const rows: CsvRow[] = [];
  while (scan.at < text.length) {
    const line = scan.line;
    const cells = readRow(scan, limits);
    if (!Array.isArray(cells)) return { ok: false, problem: cells };
    if (!cells.some((cell) => cell.trim() !== "")) continue;
    if (rows.length === limits.rows) return { ok: false, problem: { line, what: `more than ${limits.rows} rows` } };
    rows.push({ line, cells });
  }
  return { ok: true, delimiter: scan.delimiter, rows };
}

/** The one of which the first line holds more, outside quotes. */
function delimiterOf(text: string): CsvDelimiter {
  let quoted = false;
  let commas = 0;
  let semicolons = 0;
  for (const char of text) {
    if (char === '"') quoted = !quoted;
    else if (quoted) continue;
    else if (char === ",") commas++;
    else if (char === ";") semicolons++;
    else if ((char === "\n" || char === "\r") && commas + semicolons > 0) break;
  }
  return semicolons > commas ? ";" : ",";
}

function readRow(scan: Scan, limits: CsvLimits): string[] | CsvProblem {
  const cells: string[] = [];
  for (;;) {
    const line = scan.line;
    const cell = scan.text[scan.at] === '"' ? readQuoted(scan) : readPlain(scan);
    if (typeof cell !== "string") return cell;
    if (cell.length > limits.cellChars) return { line, what: `a cell is longer than ${limits.cellChars} letters` };
    if (cells.length === limits.cellsPerRow) return { line, what: `more than ${limits.cellsPerRow} cells in a row` };
    cells.push(FORMULA.test(cell) && cell.startsWith("'") ? cell.slice(1) : cell);
    if (scan.text[scan.at] === scan.delimiter) scan.at++;
    else {
      passLineEnd(scan);
      return cells;
    }
  }
}

function readPlain(scan: Scan): string {
  const start = scan.at;
  for (; scan.at < scan.text.length; scan.at++) {
    const char = scan.text[scan.at];
    if (char === scan.delimiter || char === "\n" || char === "\r") break;
  }
  return scan.text.slice(start, scan.at);
}

function readQuoted(scan: Scan): string | CsvProblem {
  const line = scan.line;
  const pieces: string[] = [];
  let start = scan.at + 1;
  for (;;) {
    const end = scan.text.indexOf('"', start);
    if (end < 0) return { line, what: "a quote is opened and never closed" };
    pieces.push(scan.text.slice(start, end));
    scan.at = end + 1;
    if (scan.text[scan.at] !== '"') break;
    pieces.push('"');
    start = scan.at + 1;
  }
  const cell = pieces.join("");
  scan.line += cell.match(/\r\n|\r|\n/g)?.length ?? 0;
  const next = scan.text[scan.at];
  if (next !== undefined && next !== scan.delimiter && next !== "\n" && next !== "\r")
    return { line: scan.line, what: "text follows a closed quote" };
  return cell;
}

function passLineEnd(scan: Scan): void {
  if (scan.at >= scan.text.length) return;
  scan.at += scan.text.startsWith("\r\n", scan.at) ? 2 : 1;
  scan.line++;
}

/** A table as text, each row ended by CRLF. `readCsv` gives the same cells back. */
export function writeCsv(rows: readonly (readonly string[])[], delimiter: CsvDelimiter = ","): string {
  return rows.map((cells) => `${cells.map((cell) => writeCell(cell, delimiter)).join(delimiter)}\r\n`).join("");
}

function writeCell(cell: string, delimiter: CsvDelimiter): string {
  const tame = FORMULA.test(cell) ? `'${cell}` : cell;
  // The other delimiter too: whoever reads the table may count on it.
  return /[",;\r\n]/.test(tame) || tame !== cell || tame.includes(delimiter) ? `"${tame.replaceAll('"', '""')}"` : tame;
}
