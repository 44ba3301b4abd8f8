/**
 * Places from a CSV file: `mac,name,room,floor,zone,duties`, in any order of columns; several duties with `;` between.
 */

import type { Problem } from "./problem.ts";
import { type PlaceSetting, placeSchema } from "./schema.ts";
import { suggest } from "./suggest.ts";

const COLUMNS = ["mac", "name", "room", "floor", "zone", "duties"] as const;
const ROWS_MAX = 20_000;

/** All rows that can be read, and what is wrong with the others, by line. */
export function readPlaces(text: string, file: string): { places: PlaceSetting[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const complain = (line: number, what: string, suggestion?: string): void => {
    problems.push({ level: "error", path: "placesFile", file, line, what, ...(suggestion === undefined ? {} : { suggestion }) });
  };
  const [header, ...rows] = parseCsv(text);
  if (header === undefined) return { places: [], problems: [{ level: "error", path: "placesFile", file, what: "is empty" }] };
  const columns = header.cells.map((cell) => cell.trim().toLowerCase());
  for (const column of columns) {
    if (COLUMNS.some((known) => known === column)) continue;
    const near = suggest(column, COLUMNS);
    complain(header.line, `unknown column "${column}"`, near === undefined ? undefined : `did you mean "${near}"?`);
  }
  for (const needed of ["mac", "name"]) if (!columns.includes(needed)) complain(header.line, `has no column "${needed}"`);
  if (rows.length > ROWS_MAX) complain(ROWS_MAX + 2, `has more than ${ROWS_MAX} rows`);
  if (problems.length > 0) return { places: [], problems };
  const places: PlaceSetting[] = [];
  const lineOfMac = new Map<string, number>();
  for (const { line, cells } of rows) {
    const filled = columns.map((column, i) => [column, (cells[i] ?? "").trim()] as const).filter(([, cell]) => cell !== "");
    const raw = Object.fromEntries(filled.map(([column, cell]) => [column, column === "duties" ? cell.split(/\s*;\s*/) : cell]));
    const read = placeSchema.safeParse(raw);
    if (!read.success) {
      for (const issue of read.error.issues) complain(line, `${issue.path.join(".")}: ${issue.message}`);
      continue;
    }
    const earlier = lineOfMac.get(read.data.mac);
    if (earlier === undefined) places.push(read.data);
    else complain(line, `this device has a place already, on line ${earlier}`);
    lineOfMac.set(read.data.mac, earlier ?? line);
  }
  return { places, problems };
}

/** `line` is the one it starts on, from 1. */
interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

/** RFC 4180 with any line end; empty lines are left out. A quote that never closes takes the rest as its cell. */
function parseCsv(text: string): Row[] {
  const rows: Row[] = [];
  let line = 1;
  let start = 1;
  let cells: string[] = [];
  let cell = "";
  let quoted = false;
  const endRow = (): void => {
    cells.push(cell);
    if (cells.some((one) => one.trim() !== "")) rows.push({ line: start, cells });
    cells = [];
    cell = "";
  };
  const plain = text.replace(/^\uFEFF/, "").replaceAll(/\r\n?/g, "\n");
  for (let i = 0; i < plain.length; i++) {
    const char = plain[i] as string;
    if (quoted) {
      if (char === '"' && plain[i + 1] === '"') cell += plain[++i];
      else if (char === '"') quoted = false;
      else cell += char;
    } else if (char === '"' && cell === "") quoted = true;
    else if (char === ",") {
      cells.push(cell);
      cell = "";
    } else if (char === "\n") endRow();
    else cell += char;
    if (char === "\n") {
      line++;
      if (!quoted) start = line;
    }
  }
  endRow();
  return rows;
}
