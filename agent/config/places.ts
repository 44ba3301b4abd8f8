/**
 * Places from a CSV file: `mac,name,room,floor,zone,ring,duties`, in any order of columns; several duties with `;` between.
 */

import { CSV_LIMITS, readCsv } from "../../protocols/core/csv.ts";
import type { Problem } from "./problem.ts";
import { type PlaceSetting, placeSchema } from "./schema.ts";
import { suggest } from "./suggest.ts";

const COLUMNS = ["mac", "name", "room", "floor", "zone", "ring", "duties"] as const;
const ROWS_MAX = 20_000;

/** All rows that can be read, and what is wrong with the others, by line. */
export function readPlaces(text: string, file: string): { places: PlaceSetting[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const complain = (line: number, what: string, suggestion?: string): void => {
    problems.push({ level: "error", path: "placesFile", file, line, what, ...(suggestion === undefined ? {} : { suggestion }) });
  };
  const read = readCsv(text, { ...CSV_LIMITS, rows: ROWS_MAX + 2 });
  if (!read.ok) {
    complain(read.problem.line, read.problem.what);
    return { places: [], problems };
  }
  const [header, ...rows] = read.rows;
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
