/**
 * What the rest of the store sees of a database file: text in, rows out. `open.ts` provides it.
 */

/** A cell as SQLite gives it back. */
export type Cell = string | number | Buffer | null;

/** One row by the names of its columns. */
export type Row = { readonly [column: string]: Cell };

/**
 * Named parameters (`@name`). `undefined` is stored as NULL, booleans as 0 and 1, and a name ending in `Ms` as a whole
 * number: the demo's fast clock may show fractions, and columns hold whole milliseconds.
 */
export type Params = { readonly [name: string]: Cell | boolean | undefined };

/** What one statement did: rows changed, and the row id of the last insert. */
export interface Changes {
  readonly changes: number;
  readonly lastId: number;
}

/** One open database file. Synchronous; every method throws `StoreError` for trouble of disk or file, `Bug` for our own SQL. */
export interface Sql {
  /** For people. */
  readonly path: string;
  run(text: string, params?: Params): Changes;
  /** The first row; `undefined` where there is none. */
  one(text: string, params?: Params): Row | undefined;
  all(text: string, params?: Params): Row[];
  /** Several statements without parameters. */
  exec(text: string): void;
  /** All or nothing; the inner one of two is a savepoint. `run` must not wait. */
  transaction<T>(run: () => T): T;
  /** Many reads of one state of the file. */
  snapshot<T>(run: () => T): T;
}

/** An open file with its end. `path` is for people. */
export interface SqlFile extends Sql {
  close(): void;
}

/** Trouble of disk or file, not of our code. After `broken` the handle is dead: close, open again, read again. */
export type StoreTrouble = "full" | "busy" | "corrupt" | "broken" | "unfit" | "newerSchema" | "changedMigration";

export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly kind: StoreTrouble;
  constructor(kind: StoreTrouble, message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}
