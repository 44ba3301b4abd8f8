/**
 * A list of key codes: CSV with serial and code, and for which release where it says so. Pure. No word of what is wrong with a row
 * holds a cell of it: which column is the secret one is what may be wrong.
 */
import * as z from "zod";
import { type KeyFor, parseKeyFor } from "../../firmware/key-codes.ts";
import { type CsvProblem, type CsvRow, readCsv } from "../../protocols/core/csv.ts";
import { Secret } from "../../protocols/core/secret.ts";

export interface KeyRow {
  readonly line: number;
  readonly serial: string;
  readonly release: KeyFor;
  readonly code: Secret;
}

export interface KeyFile {
  readonly rows: readonly KeyRow[];
  readonly refused: readonly CsvProblem[];
}

/** A site of some thousand rooms. */
const LIMITS = { rows: 10_001, cellsPerRow: 16, cellChars: 256 };
/** No separators: what has some is a code in the wrong column. Source: protocols/video.md 1 (14 letters and digits; other makes vary). */
const SERIAL = /^[0-9A-Z]{6,24}$/;
/**
 * Groups with dashes. Source: protocols/video.md 4.1 prints `KA2E-XXXX-XXXX-0000-000N` for option and software keys; groups of other
 * lengths are taken too, because a key that is none is refused by the device, and a good one must not be refused here.
 */
const CODE = /^[0-9A-Z]{2,8}(?:-[0-9A-Z]{2,8}){2,9}$/;

const NAMES = {
  serial: ["serial", "serialnumber"],
  code: ["code", "key", "keycode", "softwarekey"],
  release: ["release", "version", "for"],
};
type Column = keyof typeof NAMES;

/** @param release for rows that do not say for which release they are */
export function readKeyFile(text: string, release: KeyFor): KeyFile | { readonly problem: CsvProblem } {
  const read = readCsv(text, LIMITS);
  if (!read.ok) return { problem: read.problem };
  const [first, ...others] = read.rows;
  if (first === undefined) return { problem: { line: 1, what: "nothing is in it" } };
  const header = columnsOf(first);
  if (header === "unclear") return { problem: { line: first.line, what: "the header needs the columns serial and code" } };
  const columns = header ?? { serial: 0, code: 1, release: 2 };
  const refused: CsvProblem[] = [];
  const rows = new Map<string, KeyRow>();
  for (const row of header === undefined ? read.rows : others) {
    const taken = rowOf(row, columns, release);
    if ("what" in taken) {
      refused.push(taken);
      continue;
    }
    const name = `${taken.serial} ${taken.release}`;
    const earlier = rows.get(name);
    if (earlier !== undefined && earlier.code.reveal() !== taken.code.reveal())
      refused.push({ line: taken.line, what: `another code for the serial number of line ${earlier.line}: the first counts` });
    else rows.set(name, earlier ?? taken);
  }
  return { rows: [...rows.values()], refused };
}

type Columns = { readonly [name in Column]?: number };

/** Which column is which; `undefined` where the first line is no header. */
function columnsOf({ cells }: CsvRow): Columns | "unclear" | undefined {
  const words = cells.map((cell) => cell.toLowerCase().replaceAll(/[^a-z]/g, ""));
  const at = (name: Column): number => words.findIndex((word) => NAMES[name].includes(word));
  const [serial, code, release] = [at("serial"), at("code"), at("release")];
  if (serial < 0 && code < 0) return undefined;
  if (serial < 0 || code < 0) return "unclear";
  return { serial, code, ...(release < 0 ? {} : { release }) };
}

function rowOf({ line, cells }: CsvRow, columns: Columns, unsaid: KeyFor): KeyRow | CsvProblem {
  const cell = (at: number | undefined): string => (at === undefined ? "" : (cells[at] ?? "").trim());
  const serial = cell(columns.serial).toUpperCase();
  const code = cell(columns.code).toUpperCase();
  const said = cell(columns.release);
  if (!SERIAL.test(serial)) return { line, what: "the serial number is none: 6 to 24 letters and digits" };
  if (!CODE.test(code)) return { line, what: "the key code is none: groups of letters and digits with dashes between" };
  const release = said === "" ? unsaid : parseKeyFor(said);
  if (release === undefined) return { line, what: 'the release is none: "6" or "6.2", or nothing' };
  return { line, serial, release, code: new Secret(code) };
}

/** As they travel, inside a parcel and nowhere else. */
const parcelSchema = z
  .array(
    z.strictObject({
      line: z.int().min(1),
      serial: z.string().regex(SERIAL),
      release: z.union([z.literal("any"), z.int().min(0).max(999)]),
      code: z.string().regex(CODE),
    }),
  )
  .min(1)
  .max(100);

export function writeParcel(rows: readonly KeyRow[]): Buffer {
  return Buffer.from(JSON.stringify(rows.map(({ line, serial, release, code }) => ({ line, serial, release, code: code.reveal() }))));
}

/** `undefined` where it is none of ours. */
export function readParcel(document: Buffer): readonly KeyRow[] | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(document.toString("utf8"));
  } catch {
    return undefined; // not JSON: not written by `writeParcel`
  }
  const rows = parcelSchema.safeParse(parsed);
  return rows.success ? rows.data.map(({ code, ...row }) => ({ ...row, code: new Secret(code) })) : undefined;
}
