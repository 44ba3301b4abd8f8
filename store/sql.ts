/**
 * What the rest of the store sees of a database file: text in, rows out. `open.ts` provides it.
 */

/** A cell as SQLite gives it back. */
export type SqlValue = string | number | bigint | Buffer | null;
export type Row = { readonly [column: string]: SqlValue };

/**
 * Named parameters (`@name`). `undefined` is stored as NULL, booleans as 0 and 1, and a name ending in `Ms` as a whole
 * number: the demo's fast clock may show fractions, and columns hold whole milliseconds.
 */
export type Params = { readonly [name: string]: string | number | bigint | boolean | Uint8Array | null | undefined };

/** As the driver takes them. */
export function bindable(params: Params = {}): { [name: string]: unknown } {
  const out: { [name: string]: unknown } = {};
  for (const name of Object.keys(params)) {
    const value = params[name];
    if (value === undefined) out[name] = null;
    else if (typeof value === "boolean") out[name] = value ? 1 : 0;
    else out[name] = typeof value === "number" && name.endsWith("Ms") ? Math.round(value) : value;
  }
  return out;
}

/** Values for the `?` of a statement, in order and taken as they are. */
export type Values = readonly (string | number | Uint8Array | null)[];

export interface Changed {
  readonly changes: number;
  /** The row id of the last insert, where the table has row ids. */
  readonly lastId: number;
}

/** One open database file. Synchronous; every method throws `StoreError` for trouble of disk or file, `Bug` for our own SQL. */
export interface Sql {
  run(text: string, params?: Params): Changed;
  /** Once for each of `rows`: for what is written by the thousand. */
  runEach(text: string, rows: readonly Values[]): void;
  one(text: string, params?: Params): Row | undefined;
  all(text: string, params?: Params): readonly Row[];
  /** Several statements without parameters: schema changes only. */
  exec(text: string): void;
  /** All or nothing. Inside another one it joins: it is undone alone when it throws, and lasts only if the outer one commits. */
  transaction<T>(run: () => T): T;
  /** Reads that see one moment of the file. */
  snapshot<T>(run: () => T): T;
  /** What is written now may be undone yet. */
  isInTransaction(): boolean;
}

/** An open file with its end. `path` is for people. */
export interface SqlFile extends Sql {
  readonly path: string;
  close(): void;
}

/** Trouble of disk or file, not of our code. After `broken` the handle is dead: close, open again, read again. */
export type StoreTrouble = "full" | "busy" | "broken" | "corrupt" | "newerSchema" | "changedMigration" | "unfit";

export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly kind: StoreTrouble;
  constructor(kind: StoreTrouble, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
