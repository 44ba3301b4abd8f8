/**
 * Entitlements from a CSV file: any order of columns, `,` or `;`, days as `2027-01-19` or `19.01.2027`. Pure.
 */
import { CSV_LIMITS, readCsv } from "../../protocols/core/csv.ts";
import { suggest } from "../config/suggest.ts";
import { ENTITLEMENTS_MAX, type Line, lineSchema } from "./list.ts";

/** A file of the largest site is a fifth of it. */
export const CSV_BYTES_MAX = 8 * 1024 * 1024;

const COLUMNS = ["serial", "mac", "model", "contract", "service", "quantity", "from", "until"] as const;
type Column = (typeof COLUMNS)[number];

/** How exports of portals and orders name the columns, without blanks and signs. Guessed from what the words mean. */
const SPELLINGS: Readonly<Record<string, Column>> = {
  serialnumber: "serial",
  serialno: "serial",
  productserial: "serial",
  productserialnumber: "serial",
  macaddress: "mac",
  product: "model",
  productmodel: "model",
  contractnumber: "contract",
  contractid: "contract",
  agreement: "contract",
  servicelevel: "service",
  serviceplan: "service",
  offer: "service",
  qty: "quantity",
  startdate: "from",
  start: "from",
  date: "from",
  enddate: "until",
  end: "until",
  expires: "until",
  expirydate: "until",
  expirationdate: "until",
};

export interface ListProblem {
  /** Of the file, from 1. */
  readonly line: number;
  readonly what: string;
}

/** All problems are told in one pass; a file with any is not taken in. */
export function readEntitlementCsv(text: string): { readonly lines: readonly Line[]; readonly problems: readonly ListProblem[] } {
  const read = readCsv(text, { ...CSV_LIMITS, rows: ENTITLEMENTS_MAX + 1 });
  if (!read.ok) return { lines: [], problems: [read.problem] };
  const [header, ...rows] = read.rows;
  if (header === undefined) return { lines: [], problems: [{ line: 1, what: "the file is empty" }] };
  const columns = header.cells.map(columnOf);
  const wrong = headerProblems(header, columns);
  if (wrong.length > 0) return { lines: [], problems: wrong };
  const lines: Line[] = [];
  const problems: ListProblem[] = [];
  for (const { line, cells } of rows) {
    const surplus = cells.slice(columns.length).find((cell) => cell.trim() !== "");
    if (surplus !== undefined) problems.push({ line, what: `has more cells than the header: "${surplus.slice(0, 40)}"` });
    const one = lineSchema.safeParse(fieldsOf(columns, cells));
    if (one.success) lines.push(one.data);
    else
      for (const { path, message } of one.error.issues)
        problems.push({ line, what: path.length === 0 ? message : `${path.join(".")}: ${message}` });
  }
  return { lines, problems };
}

function columnOf(title: string): Column | undefined {
  const plain = title.toLowerCase().replaceAll(/[^a-z]/g, "");
  return COLUMNS.find((column) => column === plain) ?? (Object.hasOwn(SPELLINGS, plain) ? SPELLINGS[plain] : undefined);
}

function headerProblems(
  header: { readonly line: number; readonly cells: readonly string[] },
  columns: readonly (Column | undefined)[],
): ListProblem[] {
  const problems = header.cells.flatMap((title, at): ListProblem[] => {
    const column = columns[at];
    if (column === undefined) {
      const near = suggest(title.toLowerCase().trim(), COLUMNS);
      return [
        {
          line: header.line,
          what: `unknown column "${title.slice(0, 40)}"${near === undefined ? `: expected ${COLUMNS.join(", ")}` : `: did you mean "${near}"?`}`,
        },
      ];
    }
    return columns.indexOf(column) < at ? [{ line: header.line, what: `two columns say "${column}"` }] : [];
  });
  if (problems.length === 0 && !columns.some((column) => column === "serial" || column === "mac" || column === "quantity"))
    return [{ line: header.line, what: 'names no devices: a column "serial", "mac" or "quantity" is needed' }];
  return problems;
}

function fieldsOf(columns: readonly (Column | undefined)[], cells: readonly string[]): Readonly<Record<string, unknown>> {
  const filled = columns.flatMap((column, at): [string, unknown][] => {
    const cell = (cells[at] ?? "").trim();
    if (column === undefined || cell === "") return [];
    if (column === "from" || column === "until") return [[column, dayOf(cell)]];
    return [[column, column === "quantity" && /^\d{1,9}$/.test(cell) ? Number(cell) : cell]];
  });
  return Object.fromEntries(filled);
}

/** `01/02/2027` is January in one country and February in another: it stays as it is and is told as no day. */
function dayOf(cell: string): string {
  const german = /^(\d{1,2})\.(\d{1,2})\.(\d{4})$/.exec(cell);
  if (german !== null) return `${german[3]}-${german[2]?.padStart(2, "0")}-${german[1]?.padStart(2, "0")}`;
  // A moment of that day, as exports of spreadsheets and Lens have it.
  return /^(\d{4}-\d\d-\d\d)[T ]00:00(?::00(?:\.0+)?)?Z?$/.exec(cell)?.[1] ?? cell;
}
