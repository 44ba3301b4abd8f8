/**
 * A table of devices that somebody keeps: its rows as they may be imported. Pure. What is not taken is told, row by row and column
 * by column; nothing is dropped in silence.
 */
import * as z from "zod";
import { type CsvLimits, type CsvRow, readCsv } from "../../../protocols/core/csv.ts";
import { parseMac } from "../../../protocols/core/ids.ts";
import { normaliseModel } from "../../../protocols/families/models.ts";

/** Twice the devices one agent is made for, and the header. */
const IMPORT_LIMITS: CsvLimits = { rows: 20_001, cellsPerRow: 64, cellChars: 1_024 };
const DUTIES = ["vip", "reception", "emergency"] as const;

const text = (max: number) => z.string().trim().min(1).max(max);
const mac = z.string().transform((written, context) => {
  const parsed = parseMac(written);
  if (parsed !== undefined) return parsed;
  context.addIssue({ code: "custom", message: `"${written.slice(0, 40)}" is no MAC address` });
  return z.NEVER;
});

/** One device of the table; `line` is where it stands in it. */
export const importRowSchema = z
  .strictObject({
    line: z.int().min(1),
    mac: mac.optional(),
    serial: z
      .string()
      .regex(/^[\w-]{4,40}$/, "is no serial number: 4 to 40 letters and digits are expected")
      .optional(),
    model: text(64).optional(),
    partNumber: z
      .string()
      .regex(/^\d{4}-\d{5}-\d{3}$/, "is no part number such as 3111-48450-001")
      .optional(),
    name: text(128).optional(),
    room: text(128).optional(),
    floor: text(128).optional(),
    zone: text(128).optional(),
    duties: z.array(z.enum(DUTIES)).max(DUTIES.length).optional(),
  })
  .refine((row) => row.mac !== undefined || row.serial !== undefined, { message: "has neither MAC nor serial number: nobody is meant" });
export type ImportRow = z.infer<typeof importRowSchema>;

/** How tables call what is taken, without case, blanks and signs. */
const COLUMNS: Readonly<Record<string, keyof ImportRow>> = {
  mac: "mac",
  macaddress: "mac",
  serial: "serial",
  serialnumber: "serial",
  model: "model",
  hardwaremodel: "model",
  partnumber: "partNumber",
  part: "partNumber",
  name: "name",
  devicename: "name",
  room: "room",
  floor: "floor",
  zone: "zone",
  duties: "duties",
};

export interface Refusal {
  readonly line: number;
  readonly why: string;
}

export interface ImportTable {
  readonly rows: readonly ImportRow[];
  readonly refused: readonly Refusal[];
  /** Columns that are not taken, as the table calls them. */
  readonly unknownColumns: readonly string[];
}

export type ImportRead =
  | { readonly ok: true; readonly table: ImportTable }
  | { readonly ok: false; readonly line?: number; readonly why: string };

/** The text of a file: UTF-8 or UTF-16, as its mark says; `undefined` where it is neither. */
export function decodeTable(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  const label = first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

export function readImport(input: string): ImportRead {
  const read = readCsv(input, IMPORT_LIMITS);
  if (!read.ok) return { ok: false, line: read.problem.line, why: read.problem.what };
  const [header, ...lines] = read.rows;
  if (header === undefined) return { ok: false, why: "the table is empty" };
  const named = header.cells.map((cell) => ({ cell: cell.trim(), column: COLUMNS[plain(cell)] }));
  const taken = named.flatMap(({ column }) => column ?? []);
  if (!taken.includes("mac") && !taken.includes("serial")) {
    return { ok: false, line: header.line, why: 'no column is called "mac" or "serial": without one nobody is meant' };
  }
  const twice = taken.find((column, at) => taken.indexOf(column) !== at);
  if (twice !== undefined) return { ok: false, line: header.line, why: `two columns say "${twice}"` };
  const unknownColumns = named.flatMap(({ cell, column }) => (column === undefined ? [cell === "" ? "(no name)" : cell] : []));
  return {
    ok: true,
    table: {
      ...rowsOf(
        lines,
        named.map(({ column }) => column),
      ),
      unknownColumns,
    },
  };
}

const plain = (cell: string): string => cell.toLowerCase().replaceAll(/[^a-z]/g, "");

function rowsOf(lines: readonly CsvRow[], columns: readonly (keyof ImportRow | undefined)[]): Pick<ImportTable, "rows" | "refused"> {
  const rows: ImportRow[] = [];
  const refused: Refusal[] = [];
  const seen = new Map<string, number>();
  for (const { line, cells } of lines) {
    if (cells.slice(columns.length).some((cell) => cell.trim() !== "")) {
      refused.push({ line, why: `has ${cells.length} cells, the header ${columns.length}` });
      continue;
    }
    const read = importRowSchema.safeParse({ line, ...cellsOf(cells, columns) });
    if (!read.success) {
      refused.push({ line, why: read.error.issues.map(({ path, message }) => [...path, message].join(" ")).join("; ") });
      continue;
    }
    const marks = [read.data.mac ?? [], read.data.serial === undefined ? [] : `serial ${read.data.serial}`].flat();
    const earlier = marks.map((mark) => seen.get(mark)).find((at) => at !== undefined);
    if (earlier !== undefined) {
      refused.push({ line, why: `is the device of line ${earlier} again` });
      continue;
    }
    for (const mark of marks) seen.set(mark, line);
    rows.push(read.data);
  }
  return { rows, refused };
}

function cellsOf(cells: readonly string[], columns: readonly (keyof ImportRow | undefined)[]): Readonly<Record<string, unknown>> {
  const filled = columns.flatMap((column, at) => {
    const cell = (cells[at] ?? "").trim();
    return column === undefined || cell === "" ? [] : [[column, written(column, cell)] as const];
  });
  return Object.fromEntries(filled);
}

function written(column: keyof ImportRow, cell: string): unknown {
  if (column === "duties") return cell.toLowerCase().split(/\s*[;,|]\s*/);
  return column === "model" ? normaliseModel(cell) : cell;
}
