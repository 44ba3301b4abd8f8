import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Bug } from "../../protocols/core/fault.ts";
import { type Migration, migrate, readMigrations, schemaVersion } from "../../store/migrate.ts";
import { openFile } from "../../store/open.ts";
import { type Sql, StoreError, type StoreTrouble } from "../../store/sql.ts";
import { T0, temporaryFolder } from "./temporary.ts";

function file(): Sql {
  const opened = openFile(join(temporaryFolder(), "a.db"), "FULL");
  onTestFinished(() => opened.close());
  return opened;
}

function migrationsOf(...texts: readonly string[]): readonly Migration[] {
  const folder = join(temporaryFolder(), "migrations");
  mkdirSync(folder);
  texts.forEach((text, index) => {
    writeFileSync(join(folder, `00${index + 1}-step.sql`), text);
  });
  return readMigrations(folder);
}

function troubleOf(act: () => unknown): StoreTrouble | undefined {
  try {
    act();
  } catch (error) {
    if (error instanceof StoreError) return error.kind;
    throw error;
  }
  return undefined;
}

const FIRST = "create table one (x integer) strict;\ninsert into one values (1);\n";
const SECOND = "alter table one add column y integer;\n";

test("migrate(): a new file gets every step once, in order, and says which it had", () => {
  const sql = file();
  expect(schemaVersion(sql)).toBe(0);
  migrate(sql, migrationsOf(FIRST, SECOND), T0);
  migrate(sql, migrationsOf(FIRST, SECOND), T0 + 1);
  expect(sql.all("select * from one")).toEqual([{ x: 1, y: null }]);
  expect(sql.all("select number, name, applied_at_ms from migrations order by number")).toEqual([
    { number: 1, name: "001-step", applied_at_ms: T0 },
    { number: 2, name: "002-step", applied_at_ms: T0 },
  ]);
  expect(schemaVersion(sql)).toBe(2);
});

test("migrate(): an older file gets what is missing and keeps its rows", () => {
  const sql = file();
  migrate(sql, migrationsOf(FIRST), T0);
  sql.run("insert into one values (2)");
  migrate(sql, migrationsOf(FIRST, SECOND), T0);
  expect(sql.all("select x from one")).toEqual([{ x: 1 }, { x: 2 }]);
});

test("migrate(): a file of a newer agent is refused and stays as it is: forward only", () => {
  const sql = file();
  migrate(sql, migrationsOf(FIRST, SECOND), T0);
  expect(troubleOf(() => migrate(sql, migrationsOf(FIRST), T0))).toBe("newerSchema");
  expect(schemaVersion(sql)).toBe(2);
});

test("migrate(): a file made with another form of a step is refused before anything is added", () => {
  const sql = file();
  migrate(sql, migrationsOf(FIRST), T0);
  const changed = migrationsOf(`${FIRST}-- changed\n`, SECOND);
  expect(troubleOf(() => migrate(sql, changed, T0))).toBe("changedMigration");
  expect(schemaVersion(sql)).toBe(1);
});

test("migrate(): a step that fails in its middle leaves nothing of itself, and the steps before it stay", () => {
  const sql = file();
  const bad = migrationsOf(FIRST, "create table two (x integer) strict;\ninsert into nowhere values (1);\n");
  expect(() => migrate(sql, bad, T0)).toThrow(Bug);
  expect(sql.one("select name from sqlite_master where name = 'two'")).toBeUndefined();
  expect(schemaVersion(sql)).toBe(1);
});

test("readMigrations(): line ends of another system are the same migration", () => {
  expect(migrationsOf(FIRST.replaceAll("\n", "\r\n"))).toEqual(migrationsOf(FIRST));
});

test.each([
  ["a gap", ["001-a.sql", "003-b.sql"]],
  ["a start after 1", ["002-a.sql"]],
  ["two of one number", ["001-a.sql", "001-b.sql"]],
  ["a stray name", ["001-a.sql", "later.sql"]],
])("readMigrations(): %s is our own mistake", (_what, names) => {
  const folder = temporaryFolder();
  for (const name of names) writeFileSync(join(folder, name), "select 1;");
  expect(() => readMigrations(folder)).toThrow(Bug);
});

test("readMigrations(): files that are no SQL are passed over", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "001-a.sql"), "select 1;");
  writeFileSync(join(folder, "notes.txt"), "");
  expect(readMigrations(folder).map(({ number, name }) => [number, name])).toEqual([[1, "001-a"]]);
});
