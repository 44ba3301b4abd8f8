import { join } from "node:path";
import { expect, test } from "vitest";
import { DEVICE_TABLES, type Fate, HISTORY_TABLES, OTHER_HISTORY_TABLES, OTHER_TABLES, tablesThat } from "../../store/device-tables.ts";
import { HISTORY_FILE, MAIN_FILE } from "../../store/open.ts";
import type { Sql } from "../../store/sql.ts";
import { tablesOf } from "./every-table.ts";
import { rawly, storeIn, temporaryFolder } from "./temporary.ts";

interface Named {
  readonly fates: Readonly<Record<string, Fate>>;
  readonly others: readonly string[];
}

/** Every table of a file that is not rightly named, in words. */
function forgotten(sql: Sql, { fates, others }: Named): string[] {
  return tablesOf(sql).flatMap((table) => {
    const columns = sql.all(`pragma table_info(${table})`);
    const names = columns.map(({ name }) => String(name));
    const refers =
      names.some((name) => /device/i.test(name)) || sql.all(`pragma foreign_key_list(${table})`).some((key) => key["table"] === "devices");
    const fate = fates[table];
    if (fate === undefined) {
      if (!others.includes(table)) return [`${table}: nobody says what becomes of it`];
      return refers ? [`${table}: it names a device`] : [];
    }
    if (others.includes(table)) return [`${table}: named twice`];
    const key = columns.filter(({ pk }) => pk !== 0).map(({ name }) => String(name));
    const unique = sql
      .all(`pragma index_list(${table})`)
      .filter((index) => index["unique"] === 1)
      .map((index) => sql.all(`pragma index_info(${String(index["name"])})`).map(({ name }) => String(name)));
    return wrongKeys(fate, [key, ...unique]).map((why) => `${table}: ${why}`);
  });
}

/** Does the fate fit the keys of the table? */
function wrongKeys(fate: Fate, keys: readonly (readonly string[])[]): string[] {
  const isKey = (columns: readonly string[]): boolean => keys.some((key) => [...key].sort().join() === [...columns].sort().join());
  switch (fate.how) {
    case "own":
      return isKey([fate.key]) ? [] : [`${fate.key} is no key`];
    case "timed":
      return isKey(["device", ...fate.within, fate.at]) ? [] : ["its key is another one"];
    case "member":
      return isKey(["device", ...fate.of]) ? [] : ["its key is another one"];
    case "state":
      return keys.some((key) => ["device", ...fate.group].every((column) => key.includes(column))) ? [] : ["its group is not in its key"];
    case "byHand":
      return [];
    case "left":
      return fate.why.length > 5 ? [] : ["left without a reason"];
  }
}

const MAIN: Named = { fates: DEVICE_TABLES, others: OTHER_TABLES };
const HISTORY: Named = { fates: HISTORY_TABLES, others: OTHER_HISTORY_TABLES };

function freshFolder(): string {
  const folder = temporaryFolder();
  storeIn(folder).close();
  return folder;
}

test("DEVICE_TABLES: every table of a fresh database is named, with the keys it has", () => {
  const folder = freshFolder();
  expect(rawly(join(folder, MAIN_FILE), (sql) => forgotten(sql, MAIN))).toEqual([]);
  expect(rawly(join(folder, HISTORY_FILE), (sql) => forgotten(sql, HISTORY))).toEqual([]);
});

test("DEVICE_TABLES: none is named that is not there", () => {
  const folder = freshFolder();
  const there = [MAIN_FILE, HISTORY_FILE].map((file) => rawly(join(folder, file), tablesOf));
  for (const [at, { fates, others }] of [MAIN, HISTORY].entries())
    expect([...Object.keys(fates), ...others].sort()).toEqual(there[at]?.toSorted());
});

test.each([
  ["create table more (device text not null references devices (id), at_ms integer, primary key (device, at_ms))", "more: nobody says"],
  ["create table more (device_id text)", "more: nobody says"],
  ["create table more (x text)", "more: nobody says"],
  ["alter table counters add column device text", "counters: it names a device"],
  ["alter table images add column of_it text references devices (id)", "images: it names a device"],
])("DEVICE_TABLES: what a later migration could do is found: %s", (statement, found) => {
  const problems = rawly(join(freshFolder(), MAIN_FILE), (sql) => {
    sql.exec(statement);
    return forgotten(sql, MAIN);
  });
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(found);
});

test("wrongKeys(): a fate that does not fit the table is found", () => {
  const wrong: Fate[] = [
    { how: "own", key: "device" },
    { how: "timed", within: [], at: "since_ms" },
    { how: "member", of: ["source"] },
    { how: "state", group: ["hash"] },
    { how: "left", why: "" },
  ];
  for (const fate of wrong) expect(wrongKeys(fate, [["device", "source", "since_ms"]])).toHaveLength(1);
});

test("tablesThat(): all with a foreign key on devices change hands: none of them is left, or done by hand", () => {
  const moved = (["own", "timed", "state", "member"] as const).flatMap((how) => tablesThat(how).map(([table]) => table as string));
  const keyed = rawly(join(freshFolder(), MAIN_FILE), (sql) =>
    tablesOf(sql).filter((table) => sql.all(`pragma foreign_key_list(${table})`).some((key) => key["table"] === "devices")),
  );
  expect(keyed.filter((table) => !moved.includes(table))).toEqual([]);
  expect(moved.filter((table) => !keyed.includes(table))).toEqual(["looks"]);
});
