import { expect, test } from "vitest";
import { openFile } from "../../store/open.ts";
import { addLoad, takeOut } from "../../store/outbox-load.ts";
import type { SqlFile } from "../../store/sql.ts";
import { temporaryFolder } from "./temporary.ts";

function file(): SqlFile {
  const sql = openFile(`${temporaryFolder()}/load.db`, "FULL");
  sql.exec(`create table outbox_load (kind text primary key, waiting integer, bytes integer);
    insert into outbox_load values ('event', 0, 0), ('health', 0, 0);
    create table outbox_waiting (lane integer, seq integer, kind text, number integer, bytes integer, primary key (lane, seq)) without rowid`);
  return sql;
}
const load = (sql: SqlFile) => sql.all("select * from outbox_load order by kind").map(({ kind, waiting, bytes }) => [kind, waiting, bytes]);

test("addLoad(): adds to the row of its kind alone, and goes with the transaction", () => {
  const sql = file();
  addLoad(sql, "health", 2, 30);
  addLoad(sql, "health", -1, -10);
  expect(() =>
    sql.transaction(() => {
      addLoad(sql, "event", 1, 1);
      throw new Error("stop");
    }),
  ).toThrow("stop");
  expect(load(sql)).toEqual([
    ["event", 0, 0],
    ["health", 1, 20],
  ]);
  sql.close();
});

test("takeOut(): from any lane, with the load; numbers that do not wait are passed over", () => {
  const sql = file();
  sql.exec("insert into outbox_waiting values (1, 1, 'event', 7, 10), (3, 2, 'health', 1, 5), (1, 3, 'event', 8, 20)");
  addLoad(sql, "event", 2, 30);
  addLoad(sql, "health", 1, 5);
  expect(takeOut(sql, [1, 2, 99], "number is null or kind not in ('event', 'ticket')")).toEqual([2]);
  expect(load(sql)).toEqual([
    ["event", 1, 20],
    ["health", 0, 0],
  ]);
  expect([takeOut(sql, [3], "true"), takeOut(sql, [3], "true")]).toEqual([[3], []]);
  sql.close();
});
