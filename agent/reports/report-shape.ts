/** What a report for people is made of: plain data that travels between threads, becomes a PDF or a text. */
import type { Ms } from "../../protocols/core/time.ts";

/** Told by shape, word and colour; black on white still tells them apart. */
export type CellState = "good" | "attention" | "bad" | "unknown";
export type Cell = string | { readonly state: CellState; readonly text: string };

export interface ReportColumn {
  readonly title: string;
  /** Of the room that sentences share. */
  readonly share: number;
  readonly align?: "left" | "right";
  /** For sentences: where they do not fit they go over several lines in smaller letters. */
  readonly small?: boolean;
}

/** One table, with what is said above it. */
export interface Section {
  readonly title?: string;
  /** Short texts under the title. */
  readonly notes?: readonly string[];
  readonly columns: readonly ReportColumn[];
  readonly rows: readonly (readonly Cell[])[];
  /** Said where there are no rows. */
  readonly empty: string;
}

/** Of the partner; colours of states are fixed. */
export interface BrandLook {
  readonly name: string;
  /** `#rrggbb`: of the band at the head, and of what is written on it. */
  readonly primary: string;
  readonly onPrimary: string;
  /** PNG or JPEG. */
  readonly logo?: Uint8Array;
  readonly footer?: string;
}

export interface Report {
  /** Without it the report looks neutral. */
  readonly look?: BrandLook;
  readonly title: string;
  readonly subtitle: string;
  readonly author: string;
  readonly madeAtMs: Ms;
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Short texts under the facts. */
  readonly notes: readonly string[];
  readonly sections: readonly Section[];
  /** On every page. */
  readonly footer: string;
}

export const textOf = (cell: Cell | undefined): string => (typeof cell === "string" ? cell : (cell?.text ?? ""));

/** A column that says nothing in any row is left out, unless none would be left. */
export function usedColumns({ columns, rows }: Pick<Section, "columns" | "rows">): Pick<Section, "columns" | "rows"> {
  if (rows.length === 0) return { columns, rows };
  const used = [...columns.keys()].filter((at) => rows.some((row) => textOf(row[at]) !== ""));
  if (used.length === 0 || used.length === columns.length) return { columns, rows };
  return {
    columns: used.flatMap((at) => columns[at] ?? []),
    rows: rows.map((row) => used.map((at) => row[at] ?? "")),
  };
}
