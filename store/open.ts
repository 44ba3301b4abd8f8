/**
 * Opens the agent's two database files with the settings that make a committed row survive a power cut, and refuses to
 * go on where one of them does not hold. The only user of better-sqlite3.
 */
import { closeSync, existsSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import Database from "better-sqlite3";
import { Bug } from "../protocols/core/fault.ts";
import type { Ms } from "../protocols/core/time.ts";
import { createHistoryReader, type HistoryReader } from "./history/reader.ts";
import { migrate, readMigrations } from "./migrate.ts";
import { bindable, type Changed, type Row, type Sql, type SqlFile, StoreError } from "./sql.ts";
import { assembleStore, type Store } from "./store.ts";

export type { Store } from "./store.ts";

export const MAIN_FILE = "groundswell.db";
export const HISTORY_FILE = "history.db";
/** Empty; held locked for the life of a `Store`. The system frees it with the process, however that ends. */
export const LOCK_FILE = "lock.db";

/** Older releases can corrupt a WAL file that two connections reset at once. */
const OLDEST_SQLITE = "3.51.3";
/** How long a statement waits for another connection's lock: a checkpoint or a backup takes far less. Guessed. */
const BUSY_TIMEOUT_MS = 5_000;
/** How long a start waits for the agent before it to let go of the folder. Guessed: the end of a process takes far less. */
const LOCK_TIMEOUT_MS = 500;
/** The WAL file is cut back to this after a checkpoint, so that one large transaction does not keep the disk. Guessed. */
const JOURNAL_LIMIT_BYTES = 64 * 1024 * 1024;
/**
 * The history file's WAL is worked in by the history thread (`history/log.ts`): the main thread would wait for the disk. Only where
 * that thread is away, or does one thing for long, does the main thread do it, at this length. Pages of 4 KiB: 512 MB, which the
 * largest site writes in a quarter of an hour; looking through gigabytes after an unclean end takes minutes.
 */
const HISTORY_CHECKPOINT_PAGES = 128_000;
/** What all of history hangs on. The readings themselves are gigabytes, which no start can wait for: the history thread looks through them. */
const HISTORY_CORE = ["meta", "names", "refs", "latest"];
/** Prepared statements kept per file; the code has some two hundred, the day partitions add a few each. */
const STATEMENTS_MAX = 500;

export interface StoreOptions {
  /** Holds both files; made with access for the owner only where it is missing. */
  readonly directory: string;
  readonly nowMs: Ms;
}

/**
 * Opens, checks and migrates both files, and keeps the folder to itself until `close`: two agents would undo each other's work.
 * @throws StoreError `unfit` (SQLite too old or a setting refused), `corrupt`, `newerSchema`, `changedMigration`, `busy`, `full`
 */
export function openStore(options: StoreOptions): Store {
  mkdirSync(options.directory, { recursive: true, mode: 0o700 });
  const lock = lockFolder(options.directory);
  let main: SqlFile | undefined;
  let history: SqlFile | undefined;
  try {
    main = openFile(join(options.directory, MAIN_FILE), "FULL");
    const afterUncleanEnd = wasLeftOpen(main);
    if (afterUncleanEnd) assertSound(main);
    migrate(main, readMigrations(fileURLToPath(new URL("./migrations/", import.meta.url))), options.nowMs);
    markOpen(main, true);
    history = openFile(join(options.directory, HISTORY_FILE), "NORMAL");
    history.all(`pragma wal_autocheckpoint = ${HISTORY_CHECKPOINT_PAGES}`);
    if (wasLeftOpen(history)) assertSound(history, HISTORY_CORE);
    migrate(history, readMigrations(fileURLToPath(new URL("./history/migrations/", import.meta.url))), options.nowMs);
    markOpen(history, true);
    return assembleStore({ main, history, lock, afterUncleanEnd, onClose: (file) => markOpen(file, false) });
  } catch (error) {
    history?.close();
    main?.close();
    lock.close();
    throw error;
  }
}

/** @throws StoreError `busy` where another process, or another `Store` of this one, has the folder */
function lockFolder(directory: string): { close(): void } {
  const path = join(directory, LOCK_FILE);
  // Only where it is missing: closing a second handle of a file gives up this process's locks on it (POSIX, fcntl).
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
  const db = connect(path, {}, LOCK_TIMEOUT_MS);
  try {
    db.exec("begin exclusive");
  } catch (cause) {
    db.close();
    const trouble = troubleOf(cause, `lock ${path}`);
    if (!(trouble instanceof StoreError) || trouble.kind !== "busy") throw trouble;
    throw new StoreError("busy", `Cannot open "${directory}": another agent uses this folder`, { cause });
  }
  return { close: () => void db.close() };
}

/** For the history thread: reads `history.db` beside the one writer. @throws StoreError `broken` where there is no such file yet */
export function openHistoryReader(options: { readonly directory: string }): HistoryReader & { close(): void } {
  const file = openForReading(join(options.directory, HISTORY_FILE));
  return { ...createHistoryReader(file), close: () => file.close() };
}

/** For the history thread: looks through all of `history.db`. @returns what is wrong with it; empty where it is sound */
export function historyDamage(options: { readonly directory: string }): readonly string[] {
  // A connection of its own: one that met damage is not used any further.
  const file = openForReading(join(options.directory, HISTORY_FILE));
  try {
    return damageIn(file);
  } catch (error) {
    if (error instanceof StoreError && error.kind === "corrupt") return [error.message];
    throw error;
  } finally {
    file.close();
  }
}

/** A connection that cannot write, for readers in other threads and for backups. The file must exist. */
export function openForReading(path: string): SqlFile {
  const db = connect(path, { readonly: true, fileMustExist: true });
  return setUp(db, path, COMMON_SETTINGS);
}

/** Opens one file for writing and asserts its settings. */
export function openFile(path: string, synchronous: "FULL" | "NORMAL"): SqlFile {
  // Made here so that the file, and with it its WAL, is the owner's alone.
  closeSync(openSync(path, "a", 0o600));
  const db = connect(path, {});
  return setUp(db, path, [
    { name: "journal_mode", set: "WAL", want: "wal" },
    // better-sqlite3 opens WAL files with NORMAL: a power cut then loses committed rows (measured, 904 of them).
    { name: "synchronous", set: synchronous, want: synchronous === "FULL" ? 2 : 1 },
    { name: "journal_size_limit", set: JOURNAL_LIMIT_BYTES, want: JOURNAL_LIMIT_BYTES },
    ...COMMON_SETTINGS,
  ]);
}

interface Setting {
  readonly name: string;
  readonly set: string | number;
  readonly want: string | number;
}

const COMMON_SETTINGS: readonly Setting[] = [
  { name: "foreign_keys", set: "ON", want: 1 },
  { name: "trusted_schema", set: "OFF", want: 0 },
  { name: "cell_size_check", set: "ON", want: 1 },
  { name: "busy_timeout", set: BUSY_TIMEOUT_MS, want: BUSY_TIMEOUT_MS },
];

function connect(path: string, options: Database.Options, timeoutMs: Ms = BUSY_TIMEOUT_MS): Database.Database {
  try {
    return new Database(path, { ...options, timeout: timeoutMs });
  } catch (cause) {
    throw troubleOf(cause, `open ${path}`);
  }
}

function setUp(db: Database.Database, path: string, settings: readonly Setting[]): SqlFile {
  try {
    assertVersion(db);
    for (const { name, set, want } of settings) {
      db.pragma(`${name} = ${set}`);
      const found = db.pragma(name, { simple: true });
      if (found !== want) throw new StoreError("unfit", `${path}: ${name} is ${String(found)} and cannot be set to ${want}`);
    }
  } catch (cause) {
    db.close();
    throw cause instanceof StoreError ? cause : troubleOf(cause, `set up ${path}`);
  }
  return wrap(db, path);
}

function assertVersion(db: Database.Database): void {
  const found = String(db.prepare("select sqlite_version()").pluck().get());
  const number = (version: string): number => version.split(".").reduce((sum, part) => sum * 1_000 + Number(part), 0);
  if (!(number(found) >= number(OLDEST_SQLITE))) throw new StoreError("unfit", `SQLite ${found} is older than ${OLDEST_SQLITE}`);
}

function wrap(db: Database.Database, path: string): SqlFile {
  const statements = new Map<string, Database.Statement>();
  const state: { broken: StoreError | undefined; depth: number } = { broken: undefined, depth: 0 };

  const guarded = <T>(what: string, act: () => T): T => {
    // After a failed write or sync the pages in memory are no longer what the disk holds (security: never go on with the old handle).
    if (state.broken !== undefined) throw state.broken;
    // SQLite undoes the whole transaction by itself when the disk is full: what follows would be committed alone.
    if (state.depth > 0 && !db.inTransaction) throw new StoreError("full", `${path}: the transaction was undone by the database`);
    try {
      return act();
    } catch (cause) {
      const trouble = troubleOf(cause, what);
      if (trouble instanceof StoreError && (trouble.kind === "broken" || trouble.kind === "corrupt")) state.broken = trouble;
      throw trouble;
    }
  };
  const prepared = (text: string): Database.Statement => {
    const known = statements.get(text);
    if (known !== undefined) return known;
    if (statements.size >= STATEMENTS_MAX) statements.clear();
    const statement = db.prepare(text);
    statements.set(text, statement);
    return statement;
  };
  const undo = (inner: boolean): void => {
    try {
      db.exec(inner ? "rollback to inner_one; release inner_one" : "rollback");
    } catch (cause) {
      // The error that led here is the one to report; this one only ends the use of the handle.
      state.broken ??= new StoreError("broken", `${path}: a transaction could not be undone`, { cause });
    }
  };
  const within = <T>(begin: string, run: () => T): T => {
    const inner = state.depth > 0;
    guarded("begin", () => prepared(inner ? "savepoint inner_one" : begin).run());
    state.depth++;
    try {
      const value = run();
      if (value instanceof Promise) throw new Bug("A transaction does not wait: its function gave back a promise");
      guarded("commit", () => prepared(inner ? "release inner_one" : "commit").run());
      return value;
    } catch (error) {
      if (db.inTransaction) undo(inner);
      throw error;
    } finally {
      state.depth--;
    }
  };
  return {
    path,
    run: (text, params) =>
      guarded(text, (): Changed => {
        const { changes, lastInsertRowid } = prepared(text).run(bindable(params));
        return { changes, lastId: Number(lastInsertRowid) };
      }),
    runEach: (text, rows) =>
      guarded(text, () => {
        const statement = prepared(text);
        for (const row of rows) statement.run(row);
      }),
    one: (text, params) => guarded(text, () => prepared(text).get(bindable(params)) as Row | undefined),
    all: (text, params) => guarded(text, () => prepared(text).all(bindable(params)) as Row[]),
    exec: (text) => guarded(text, () => void db.exec(text)),
    transaction: (run) => within("begin immediate", run),
    snapshot: (run) => within("begin deferred", run),
    isInTransaction: () => state.depth > 0,
    close: () => void db.close(),
  };
}

/** Disk and file trouble as `StoreError`; anything else SQLite says is our own mistake. Statement text holds no values. */
function troubleOf(cause: unknown, what: string): Error {
  if (!(cause instanceof Database.SqliteError)) return cause instanceof Error ? cause : new Bug(String(cause));
  const { code, message } = cause;
  if (code === "SQLITE_FULL") return new StoreError("full", `disk full: ${message}`, { cause });
  if (/^SQLITE_(BUSY|LOCKED)/.test(code)) return new StoreError("busy", `database in use elsewhere: ${message}`, { cause });
  if (/^SQLITE_(CORRUPT|NOTADB)/.test(code)) return new StoreError("corrupt", `database file is damaged: ${message}`, { cause });
  if (/^SQLITE_(IOERR|CANTOPEN|READONLY|PERM)/.test(code))
    return new StoreError("broken", `database cannot be used: ${message}`, { cause });
  return new Bug(`SQL failed (${code}: ${message}): ${what}`, { cause });
}

/** `true` where the file was not closed by `Store.close`: the process ended some other way. */
function wasLeftOpen(file: Sql): boolean {
  if (file.one("select 1 as found from sqlite_master where type = 'table' and name = 'meta'") === undefined) return false;
  return file.one("select value from meta where name = 'open'")?.["value"] === "yes";
}

function markOpen(file: Sql, open: boolean): void {
  file.run("insert into meta (name, value) values ('open', @value) on conflict (name) do update set value = excluded.value", {
    value: open ? "yes" : "no",
  });
}

/** @param tables only these; the whole file without them */
function assertSound(file: SqlFile, tables?: readonly string[]): void {
  const found = tables === undefined ? damageIn(file) : tables.flatMap((table) => damageIn(file, table));
  if (found.length > 0) throw new StoreError("corrupt", `${file.path} is damaged: ${found.join("; ")}`);
}

function damageIn(file: Sql, table?: string): readonly string[] {
  const found = file.all(`pragma quick_check(${table ?? 20})`).map((row) => String(row["quick_check"]));
  return found.length === 1 && found[0] === "ok" ? [] : found;
}
