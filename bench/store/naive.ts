/** The table anybody would make first: a row per value, with an index to find a device's values by. */
import { spawnSync } from "node:child_process";
import { openFile } from "../../store/open.ts";
import type { SqlFile } from "../../store/sql.ts";
import { nowMs, run } from "../child.ts";

const SCHEMA =
  "create table samples (device integer not null, name integer not null, at_ms integer not null, value real not null); create index samples_by on samples (device, name, at_ms);";

/** Puts `sqlite3` on the machine where it is missing and the machine lets us. @returns its version, or why it is not there */
export function installSqlite3(): { readonly version: string } | { readonly missing: string } {
  const version = () => spawnSync("sqlite3", ["--version"], { encoding: "utf8" });
  if (version().status !== 0) spawnSync("apt-get", ["install", "-y", "sqlite3"], { encoding: "utf8" });
  const found = version();
  return found.status === 0
    ? { version: found.stdout.split(" ")[0] ?? "" }
    : { missing: "sqlite3 is not installed and apt-get could not install it" };
}

/** Loads a CSV of `device,name,at_ms,value` with the shell's `.import`. @returns milliseconds */
export async function importCsv(db: string, csv: string): Promise<number> {
  const script = `pragma journal_mode=wal;\npragma synchronous=normal;\n${SCHEMA}\n.mode csv\n.import ${csv} samples\n`;
  const startMs = nowMs();
  await run(["sqlite3", "-bail", db], script);
  return nowMs() - startMs;
}

/** Milliseconds of one statement on such a file, in this process, with the library that we use. */
export function timed(db: SqlFile, statement: string): number {
  const startMs = nowMs();
  db.all(statement);
  return nowMs() - startMs;
}

export const openNaive = (path: string): SqlFile => openFile(path, "NORMAL");

export const LAST_OF_ALL = "select device, name, value, max(at_ms) from samples group by device, name";
export const deleteBefore = (atMs: number): string => `delete from samples where at_ms < ${atMs} returning null`;
