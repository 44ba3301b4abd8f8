/**
 * Brings a database file to the schema this agent knows: forward only, one transaction each, each recorded with its hash.
 */

import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Bug } from "../protocols/core/fault.ts";
import type { Ms } from "../protocols/core/time.ts";

import { decoder, text, whole } from "./row.ts";
import { type Sql, StoreError } from "./sql.ts";

/** One step of the schema. `number` counts from 1; `hash` is the SHA-256 of `sql`, hex. */
export interface Migration {
  readonly number: number;
  readonly name: string;
  readonly sql: string;
  readonly hash: string;
}

/** Reads `NNN-name.sql` files in order. A gap or a stray file is our own mistake. */
export function readMigrations(folder: string): readonly Migration[] {
  const files = readdirSync(folder)
    .filter((file) => file.endsWith(".sql"))
    .sort();
  return files.map((file, index) => {
    const number = Number(/^(\d{3})-[a-z0-9-]+\.sql$/.exec(file)?.[1]);
    if (number !== index + 1) throw new Bug(`Migration ${file} is not number ${index + 1} of its folder`);
    // A checkout on Windows may end its lines otherwise; the hash must not see that.
    const sql = readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n");
    return { number, name: file.slice(0, -4), sql, hash: createHash("sha256").update(sql).digest("hex") };
  });
}

const readApplied = decoder("migrations", "number", (row) => ({
  number: whole(row, "number"),
  name: text(row, "name"),
  hash: text(row, "hash"),
}));

/** The number of the last migration a file has had; 0 for a new file. */
export function schemaVersion(sql: Sql): number {
  if (sql.one("select 1 as found from sqlite_master where type = 'table' and name = 'migrations'") === undefined) return 0;
  return whole(sql.one("select coalesce(max(number), 0) as number from migrations") ?? {}, "number");
}

/**
 * Applies what is missing.
 * @throws StoreError `newerSchema` where a newer agent wrote the file, `changedMigration` where its history is not ours
 */
export function migrate(sql: Sql, migrations: readonly Migration[], nowMs: Ms): void {
  sql.exec(
    "create table if not exists migrations (number integer primary key, name text not null, hash text not null, applied_at_ms integer not null) strict",
  );
  const applied = sql.all("select number, name, hash from migrations order by number").map(readApplied);
  for (const { number, name, hash } of applied) {
    const known = migrations[number - 1];
    if (known === undefined)
      throw new StoreError(
        "newerSchema",
        `the database has schema ${number} (${name}), this agent knows ${migrations.length}: use a newer agent`,
      );
    if (known.hash !== hash)
      throw new StoreError("changedMigration", `the database was made with another form of ${known.name}: it belongs to another build`);
  }
  for (const { number, name, sql: statements, hash } of migrations.slice(applied.length)) {
    sql.transaction(() => {
      sql.exec(statements);
      sql.run("insert into migrations (number, name, hash, applied_at_ms) values (@number, @name, @hash, @nowMs)", {
        number,
        name,
        hash,
        nowMs,
      });
    });
  }
}
