/**
 * How things stand, where two devices become one: of what both say one word is left. Nothing is averaged: the newer word, or
 * of what runs on the one that tells of the whole time.
 */
import type { DeviceId } from "../protocols/core/ids.ts";
import { tablesThat } from "./device-tables.ts";
import type { Sql, SqlValue } from "./sql.ts";

export interface Both {
  readonly keeps: DeviceId;
  readonly other: DeviceId;
}

/** Rows as SQLite gives them, which JSON keeps whole: no column of these tables is a blob. */
export type Plain = { readonly [column: string]: Exclude<SqlValue, Buffer | bigint> };

/** Before: the rows of each. After: what the one had then; where it still has that, nobody spoke since. */
export interface KeptState {
  readonly keeps: readonly Plain[];
  readonly other: readonly Plain[];
  readonly merged: readonly Plain[];
}

/** Of two rows of a group the weaker one goes; `k` is of the one that stays, `o` of the other. @returns when `o` is the better */
const BETTER = {
  facts: "(o.at_ms, o.value, o.evidence) > (k.at_ms, k.value, k.evidence)",
  // The last word of its history, which holds the words of both.
  coverage: "o.since_ms > k.since_ms",
  coverage_notices: "false",
  device_flaps: "(o.at_ms, o.penalty) > (k.at_ms, k.penalty)",
  looks: "o.at_ms > k.at_ms",
} as const;
const SAME_GROUP = {
  facts: "o.field = k.field and o.source = k.source",
  coverage: "true",
  coverage_notices: "o.until_day = k.until_day and o.days = k.days",
  device_flaps: "true",
  looks: "true",
} as const satisfies { readonly [table in keyof typeof BETTER]: string };

/** What is read and wanted of either is read and wanted of the one; failures are those of the last try. */
const JOIN_READS = `update config_reads as k set next_ms = min(k.next_ms, o.next_ms),
    read_ms = nullif(max(coalesce(k.read_ms, -1), coalesce(o.read_ms, -1)), -1),
    tried_ms = nullif(max(coalesce(k.tried_ms, -1), coalesce(o.tried_ms, -1)), -1),
    failures = case when coalesce(o.tried_ms, -1) > coalesce(k.tried_ms, -1) then o.failures else k.failures end,
    why = case when coalesce(o.tried_ms, -1) > coalesce(k.tried_ms, -1) then o.why else k.why end,
    wanted_for = coalesce(k.wanted_for, o.wanted_for)
  from config_reads as o where k.device = @keeps and o.device = @other`;

/** Both bad, or both good: the earlier one tells of the whole time. Else the later word. The usual is the most of both. */
const OLDER_OR_NEWER = `o.since_ms is not null and (k.since_ms is null
  or (o.bad = k.bad and o.since_ms < k.since_ms) or (o.bad <> k.bad and o.since_ms > k.since_ms))`;
const JOIN_MEMORY = `update rule_memory as k set
    bad = case when ${OLDER_OR_NEWER} then o.bad else k.bad end,
    since_ms = case when ${OLDER_OR_NEWER} then o.since_ms else k.since_ms end,
    most = case when k.from_ms is null then o.most when o.from_ms is null then k.most else max(k.most, o.most) end,
    before = case when k.from_ms is null then o.before when o.from_ms is null then k.before
      else coalesce(max(k.before, o.before), k.before, o.before) end,
    from_ms = case when k.from_ms is null then o.from_ms when o.from_ms is null then k.from_ms else max(k.from_ms, o.from_ms) end
  from rule_memory as o where k.device = @keeps and o.device = @other and o.rule = k.rule`;

/** Of each role what the one that stays says: it goes on to be asked, and its time is that of its last news, not of its last word. */
const OTHERS_SERVICES = `delete from services as o where o.device = @other
  and exists (select 1 from services as k where k.device = @keeps and k.role = o.role)`;

/** One row of each group is left, with whichever of the two it was; they change hands later. */
export function settleStates(sql: Sql, { keeps, other }: Both): void {
  const ids = { keeps, other };
  for (const table of Object.keys(BETTER) as (keyof typeof BETTER)[]) {
    const [group, better] = [SAME_GROUP[table], BETTER[table]];
    sql.run(
      `delete from ${table} as k where k.device = @keeps and exists (select 1 from ${table} as o where o.device = @other and ${group} and ${better})`,
      ids,
    );
    sql.run(
      `delete from ${table} as o where o.device = @other and exists (select 1 from ${table} as k where k.device = @keeps and ${group})`,
      ids,
    );
  }
  sql.run(OTHERS_SERVICES, ids);
  sql.run(JOIN_READS, ids);
  sql.run("delete from config_reads where device = @other and exists (select 1 from config_reads where device = @keeps)", ids);
  sql.run(JOIN_MEMORY, ids);
  sql.run(
    "delete from rule_memory as o where o.device = @other and exists (select 1 from rule_memory as k where k.device = @keeps and k.rule = o.rule)",
    ids,
  );
}

/** Facts go back in a way of their own (`rejoin.ts`): what was seen since is told anew. */
const GIVEN_BACK = tablesThat("state").filter(([table]) => table !== "facts");

/** As they stand: before the two become one, and once more after. */
export function statesOf(sql: Sql, device: DeviceId): Readonly<Record<string, readonly Plain[]>> {
  return Object.fromEntries(
    GIVEN_BACK.map(([table, { group }]) => [
      table,
      sql
        .all(`select * from ${table} where device = @device ${group.length === 0 ? "" : `order by ${group.join(", ")}`}`, { device })
        .map((row) => ({ ...row }) as Plain),
    ]),
  );
}

/**
 * The other gets its own back. So does the one that stayed, group by group, where nothing was said of it since; what was said
 * since is its own.
 */
export function giveBackStates(sql: Sql, { keeps, other }: Both, kept: Readonly<Record<string, KeptState>>): void {
  const now = statesOf(sql, keeps);
  for (const [table, { group }] of GIVEN_BACK) {
    const { keeps: before = [], other: theirs = [], merged = [] } = kept[table] ?? {};
    const groupOf = (row: Plain): string => JSON.stringify(group.map((column) => row[column]));
    const grouped = (rows: readonly Plain[]): Map<string, Plain[]> => Map.groupBy(rows, groupOf);
    const [was, then, is] = [grouped(before), grouped(merged), grouped(now[table] ?? [])];
    for (const [name, rows] of then) {
      if (wordsOf(rows) !== wordsOf(is.get(name) ?? [])) continue;
      for (const row of rows) take(sql, table, { ...partOf(row, group), device: keeps });
      for (const row of was.get(name) ?? []) put(sql, table, { ...row, device: keeps }, "insert or ignore");
    }
    for (const row of theirs) put(sql, table, { ...row, device: other }, "insert or ignore");
  }
}

/** Of which device does not matter: it may have got another name since. Columns that were added since are not in the older one. */
const wordsOf = (rows: readonly Plain[]): string =>
  rows
    .map(({ device: _device, ...row }) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))))
    .sort()
    .join();

const partOf = (row: Plain, columns: readonly string[]): Plain =>
  Object.fromEntries(columns.map((column) => [column, row[column] ?? null]));

function take(sql: Sql, table: string, key: Plain): void {
  const where = Object.keys(key).map((column) => `${column} = @${column}`);
  sql.run(`delete from ${table} where ${where.join(" and ")}`, key);
}

/** Columns that a later schema added are left to their defaults; those it took away are left out. */
export function put(sql: Sql, table: string, row: Plain, how: "insert" | "insert or ignore" = "insert"): void {
  const columns = new Set(sql.all(`pragma table_info(${table})`).map((each) => String(each["name"])));
  const names = Object.keys(row).filter((name) => columns.has(name));
  sql.run(
    `${how} into ${table} (${names.join(", ")}) values (${names.map((name) => `@${name}`).join(", ")})`,
    Object.fromEntries(names.map((name) => [name, row[name] ?? null])),
  );
}
