import { join } from "node:path";
import { expect, test } from "vitest";
import { giveBackStates, put, settleStates, statesOf } from "../../store/merge-states.ts";
import { MAIN_FILE } from "../../store/open.ts";
import type { Sql } from "../../store/sql.ts";
import { fillBoth, insertRow, KEEPS, OTHER } from "./every-table.ts";
import { device, rawly, storeIn, T0, temporaryFolder } from "./temporary.ts";

const BOTH = { keeps: KEEPS, other: OTHER };

/** The file of two devices, with something in every table or with nothing. */
function within<T>(how: "filled" | "empty", act: (sql: Sql) => T): T {
  const folder = temporaryFolder();
  const store = storeIn(folder);
  if (how === "filled") fillBoth(store, folder);
  else for (const number of [1, 2]) store.devices.save(device(number));
  return rawly(join(folder, MAIN_FILE), act);
}

test("settleStates(): the newer word is left, whosever it was", () => {
  const left = within("filled", (sql) => {
    settleStates(sql, BOTH);
    return ["coverage", "device_flaps", "looks"].map((table) => sql.all(`select device from ${table}`).map((row) => row["device"]));
  });
  expect(left).toEqual([[OTHER], [OTHER], [OTHER]]);
});

test("settleStates(): of each role of services what the one that stays says, whole", () => {
  const left = within("filled", (sql) => {
    settleStates(sql, BOTH);
    return sql.all("select device, role, name from services order by role, name").map((row) => Object.values(row).join(" "));
  });
  expect(left).toEqual([`${OTHER} app x`, `${KEEPS} dhcp x`, `${KEEPS} sip pbx`, `${KEEPS} sip pbx-1`]);
});

test("settleStates(): of one moment the one that stays", () => {
  const left = within("empty", (sql) => {
    for (const one of [KEEPS, OTHER]) {
      insertRow(sql, "services", { device: one, role: "sip", name: one, at_ms: T0 });
      insertRow(sql, "looks", { device: one, outcome: "silent", at_ms: T0 });
    }
    settleStates(sql, BOTH);
    return ["services", "looks"].map((table) => sql.all(`select device from ${table}`).map((row) => row["device"]));
  });
  expect(left).toEqual([[KEEPS], [KEEPS]]);
});

test("settleStates(): read is what was read of either, due the earlier, failures are those of the last try", () => {
  const left = within("empty", (sql) => {
    insertRow(sql, "config_reads", { device: KEEPS, next_ms: 50, read_ms: 40, tried_ms: 40, failures: 0, why: null, wanted_for: null });
    insertRow(sql, "config_reads", {
      device: OTHER,
      next_ms: 20,
      read_ms: null,
      tried_ms: 45,
      failures: 3,
      why: "silent",
      wanted_for: "x",
    });
    settleStates(sql, BOTH);
    return sql.all("select * from config_reads");
  });
  expect(left).toEqual([{ device: KEEPS, next_ms: 20, read_ms: 40, tried_ms: 45, failures: 3, why: "silent", wanted_for: "x" }]);
});

const memory = (bad: number | null, since: number | null, most: number | null = null, before: number | null = null, from = most) => ({
  ...{ bad, since_ms: since, most, before },
  from_ms: from,
});

test.each([
  ["both bad: since the earlier", memory(1, 20), memory(1, 10), memory(1, 10)],
  ["both good: since the earlier", memory(0, 10), memory(0, 20), memory(0, 10)],
  ["one bad, one good: the later word", memory(0, 10), memory(1, 20), memory(1, 20)],
  ["the later word is ours", memory(0, 30), memory(1, 20), memory(0, 30)],
  ["nothing runs on ours", memory(null, null, 5), memory(1, 20), memory(1, 20, 5)],
  ["nothing runs on theirs", memory(1, 20), memory(null, null, 5), memory(1, 20, 5)],
  ["the most of both", memory(1, 10, 5, 7, 100), memory(1, 10, 6, null, 90), memory(1, 10, 6, 7, 100)],
])("settleStates(): of a rule's memory: %s", (_what, ours, theirs, is) => {
  const left = within("empty", (sql) => {
    insertRow(sql, "rule_memory", { device: KEEPS, rule: "hot", ...ours });
    insertRow(sql, "rule_memory", { device: OTHER, rule: "hot", ...theirs });
    settleStates(sql, BOTH);
    return sql.all("select * from rule_memory");
  });
  expect(left).toEqual([{ device: KEEPS, rule: "hot", ...is }]);
});

test("giveBackStates(): what was said of the one that stays since is its own; of what nobody spoke it has its own word again", () => {
  const [before, after] = within("filled", (sql) => {
    const keeps = statesOf(sql, KEEPS);
    const other = statesOf(sql, OTHER);
    settleStates(sql, BOTH);
    for (const table of Object.keys(keeps)) sql.run(`update ${table} set device = @keeps where device = @other`, BOTH);
    const merged = statesOf(sql, KEEPS);
    sql.run("update rule_memory set bad = 0, since_ms = 999 where device = @keeps and rule = 'hot'", { keeps: KEEPS });
    const kept = Object.fromEntries(
      Object.keys(keeps).map((table) => [table, { keeps: keeps[table] ?? [], other: other[table] ?? [], merged: merged[table] ?? [] }]),
    );
    giveBackStates(sql, BOTH, kept);
    return [
      [keeps, other],
      [statesOf(sql, KEEPS), statesOf(sql, OTHER)],
    ];
  });
  const [own, theirs] = before ?? [];
  const spoken = own?.["rule_memory"]?.map((row) => (row["rule"] === "hot" ? { ...row, ...after?.[0]?.["rule_memory"]?.[0] } : row));
  expect(after).toEqual([{ ...own, rule_memory: spoken }, theirs]);
  expect(spoken?.[0]).toMatchObject({ rule: "hot", bad: 0, since_ms: 999 });
});

test("put(): columns that a later schema took away are left out, those it added have their defaults", () => {
  const found = within("empty", (sql) => {
    put(sql, "config_reads", { device: KEEPS, next_ms: 1, gone: 3 });
    return sql.all("select * from config_reads");
  });
  expect(found).toMatchObject([{ device: KEEPS, next_ms: 1, failures: 0 }]);
});
