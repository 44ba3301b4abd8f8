import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Bug } from "../../../protocols/core/fault.ts";
import { READING_NAMES } from "../../../protocols/core/reading.ts";
import { giveNumbers, loadNames } from "../../../store/history/names.ts";
import { NAMES_MAX } from "../../../store/history/pack.ts";
import { HISTORY_FILE, openFile } from "../../../store/open.ts";
import type { Sql } from "../../../store/sql.ts";
import { storeIn, temporaryFolder } from "../temporary.ts";

/** The history file of a store that was closed. */
function historyFile(): Sql {
  const directory = temporaryFolder();
  storeIn(directory).close();
  const sql = openFile(join(directory, HISTORY_FILE), "NORMAL");
  onTestFinished(() => sql.close());
  return sql;
}

test("giveNumbers(): every name has one number, there and back", () => {
  const names = loadNames(historyFile());
  const numbers = READING_NAMES.map((name) => names.numberOf(name));
  expect(new Set(numbers).size).toBe(READING_NAMES.length);
  expect(numbers.map((number) => names.nameOf(number))).toEqual(READING_NAMES);
});

test("giveNumbers(): numbers stay what they are when names are in another order or unknown ones are there", () => {
  const sql = historyFile();
  sql.run("delete from names");
  sql.run("insert into names (number, name) values (0, 'forgottenValue'), (7, 'mos')");
  giveNumbers(sql);
  const names = loadNames(sql);
  expect([names.numberOf("mos"), names.nameOf(0), names.numberOf("registeredLines")]).toEqual([7, undefined, 8]);
});

test("giveNumbers(): twice is once", () => {
  const sql = historyFile();
  const before = sql.all("select * from names order by number");
  giveNumbers(sql);
  expect(sql.all("select * from names order by number")).toEqual(before);
});

test("giveNumbers(): more names over time than a packed reading has room for is a bug, not a wrong value", () => {
  const sql = historyFile();
  sql.transaction(() => {
    for (let i = 0; i < NAMES_MAX; i++)
      sql.run("insert into names (number, name) values (@number, @name)", { number: 100 + i, name: `old${i}` });
  });
  expect(() => giveNumbers(sql)).toThrow(Bug);
});

test("loadNames(): a name without a number is a bug when it is packed", () => {
  const sql = historyFile();
  sql.run("delete from names where name = 'mos'");
  expect(() => loadNames(sql).numberOf("mos")).toThrow(Bug);
});
