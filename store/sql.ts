/**
 * What the rest of the store sees of a database file: text in, rows out. `open.ts` provides it.
 */

/** A cell as SQLite gives it back. */

/**
 * Named parameters (`@name`). `undefined` is stored as NULL, booleans as 0 and 1, and a name ending in `Ms` as a whole
 * number: the demo's fast clock may show fractions, and columns hold whole milliseconds.
 */

/** One open database file. Synchronous; every method throws `StoreError` for trouble of disk or file, `Bug` for our own SQL. */

/** An open file with its end. `path` is for people. */

/** Trouble of disk or file, not of our code. After `broken` the handle is dead: close, open again, read again. */

export class StoreError extends Error {
                    name = "StoreError";
           kind              ;
  constructor(kind              , message        , options               ) {
    super(message, options);
    this.kind = kind;
  }
}

