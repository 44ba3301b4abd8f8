/**
 * Rows into typed values. What does not decode is a `Bug` that names its table and key: only we write these files.
 */
import { Bug } from "../protocols/core/fault.ts";
import type { Row } from "./sql.ts";

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };
export type JsonObject = { readonly [name: string]: Json };

/** Decides whether a parsed JSON value has the shape its readers rely on; throws where not. Every zod schema is one. */
export interface Check<T> {
  parse(value: unknown): T;
}

/** Wraps a row reader so that its failures name the table and the key. */
export function decoder<T>(table: string, key: string, read: (row: Row) => T): (row: Row) => T {
  return (row) => {
    try {
      return read(row);
    } catch (cause) {
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new Bug(`Row "${String(row[key])}" of table ${table} does not decode: ${why}`, { cause });
    }
  };
}

function wrong(column: string, wanted: string): never {
  throw new Error(`${column} is not ${wanted}`);
}

export function text(row: Row, column: string): string {
  const value = row[column];
  return typeof value === "string" ? value : wrong(column, "text");
}

export function maybeText(row: Row, column: string): string | undefined {
  return row[column] === null ? undefined : text(row, column);
}

export function whole(row: Row, column: string): number {
  const value = row[column];
  return typeof value === "number" && Number.isSafeInteger(value) ? value : wrong(column, "a whole number");
}

export function maybeWhole(row: Row, column: string): number | undefined {
  return row[column] === null ? undefined : whole(row, column);
}

export function flag(row: Row, column: string): boolean {
  const value = row[column];
  return value === 0 || value === 1 ? value === 1 : wrong(column, "0 or 1");
}

export function bytes(row: Row, column: string): Buffer {
  const value = row[column];
  return Buffer.isBuffer(value) ? value : wrong(column, "a blob");
}

export function oneOf<T extends string>(row: Row, column: string, allowed: { readonly [value in T]: true }): T {
  const value = text(row, column);
  return Object.hasOwn(allowed, value) ? (value as T) : wrong(column, `one of ${Object.keys(allowed).join(", ")}`);
}

export function json<T>(row: Row, column: string, check: Check<T>): T {
  const value = text(row, column);
  try {
    return check.parse(JSON.parse(value));
  } catch (cause) {
    throw new Error(`${column}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

export function maybeJson<T>(row: Row, column: string, check: Check<T>): T | undefined {
  return row[column] === null ? undefined : json(row, column, check);
}

type Kind = "string" | "number" | "boolean" | "object" | "list";
/** The fields that must be there, and their kinds; others may be. */
type Needs = { readonly [name: string]: Kind };

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return "list";
  return value === null ? "null" : typeof value;
}

function checkFields(value: unknown, needs: Needs): { readonly [name: string]: unknown } {
  if (kindOf(value) !== "object") throw new Error(`expected an object, found ${kindOf(value)}`);
  const fields = value as { readonly [name: string]: unknown };
  for (const [name, kind] of Object.entries(needs)) {
    const found = kindOf(fields[name]);
    if (found !== kind) throw new Error(`${name} is ${found}, expected ${kind}`);
  }
  return fields;
}

/** An object with at least these fields. */
export function shape<T extends object>(needs: { readonly [name in keyof T & string]?: Kind }): Check<T> {
  return { parse: (value) => checkFields(value, needs as Needs) as T };
}

/** One of a union of objects told apart by the field `by`; each with at least the fields of its row. */
export function variants<T extends { readonly [name in D]: string }, D extends string>(
  by: D,
  table: { readonly [at in T[D]]: Needs },
): Check<T> {
  const rows: { readonly [at: string]: Needs } = table;
  return {
    parse(value) {
      const at = checkFields(value, { [by]: "string" })[by] as string;
      const needs = Object.hasOwn(rows, at) ? rows[at] : undefined;
      if (needs === undefined) throw new Error(`${by} "${at}" is unknown`);
      return checkFields(value, needs) as T;
    },
  };
}

export function listOf<T>(check: Check<T>): Check<readonly T[]> {
  return {
    parse(value) {
      if (!Array.isArray(value)) throw new Error(`expected a list, found ${kindOf(value)}`);
      return value.map((item) => check.parse(item));
    },
  };
}

/** A list of texts. */
export function textList<T extends string = string>(): Check<readonly T[]> {
  return listOf({ parse: (value) => (typeof value === "string" ? (value as T) : wrong("an item", "text")) });
}

export const jsonObject: Check<JsonObject> = { parse: (value) => checkFields(value, {}) as JsonObject };

/** So many different texts of a column are remembered: as many as tasks of a large campaign are under way at once. */
const TEXTS_KEPT = 4_096;

/** As `json`, for what is read over and over: the same text gives the same value, which nobody may change. */
export function keptJson<T>(column: string, check: Check<T>): (row: Row) => T {
  const kept = new Map<string, T>();
  return (row) => {
    const value = text(row, column);
    const known = kept.get(value);
    if (known !== undefined) return known;
    const fresh = json(row, column, check);
    if (kept.size >= TEXTS_KEPT) kept.clear();
    kept.set(value, fresh);
    return fresh;
  };
}

type Present<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** The same object without its `undefined` fields: absent is absent. */
export function present<T extends object>(fields: T): Present<T> {
  const out: { [name: string]: unknown } = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) out[name] = value;
  return out as Present<T>;
}

/** JSON text for a column; `undefined` stays absent. */
export function toJson(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value);
}
