/** Rows of a device in every table that names one, and everything that two files hold, to compare before and after. */
import { join } from "node:path";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { HISTORY_FILE, MAIN_FILE } from "../../store/open.ts";
import type { Sql } from "../../store/sql.ts";
import type { Store } from "../../store/store.ts";
import { device, deviceId, macOf, rawly, T0 } from "./temporary.ts";

export const KEEPS = deviceId(1);
export const OTHER = deviceId(2);

type Values = Readonly<Record<string, string | number | null | Buffer>>;

export function insertRow(sql: Sql, table: string, row: Values): void {
  const names = Object.keys(row);
  sql.run(`insert into ${table} (${names.join(", ")}) values (${names.map((name) => `@${name}`).join(", ")})`, row);
}

/** Of device 1 or 2. Some of it has the key, or the moment, of what the other one has. Tables that an earlier schema lacks are passed over. */
export function fill(sql: Sql, number: 1 | 2): void {
  const there = tablesOf(sql);
  const insert = (to: Sql, table: string, row: Values): void => {
    if (there.includes(table)) insertRow(to, table, row);
  };
  const id = deviceId(number);
  const at = T0 + number;
  const own = (table: string, row: Values): void => insert(sql, table, { device: id, ...row });
  for (const source of ["device", number === 1 ? "sip" : "dhcp"])
    own("facts", { field: "model", source, value: `by ${number}`, rank: 1, at_ms: at, evidence: "[]" });
  own("sightings", { source: "sip", at_ms: at, facts: "{}", evidence: "[]" });
  // Before they had a table of their own.
  const plan = there.includes("plans") ? {} : { plan: "{}" };
  insert(sql, "campaigns", { id: `c-${number}`, state: "{}", plan_hash: "h", ...plan, revision: 1, created_at_ms: T0 });
  insert(sql, "plans", { campaign: `c-${number}`, plan: "{}" });
  const task = { campaign: `c-${number}`, wave: 1, state: "{}", at: "succeeded", attempts: 1, is_final: 1, at_risk: 0, revision: 1 };
  own("tasks", { id: `t-${number}`, ...task, since_ms: at });
  for (const [kind, until] of [
    ["offline", null],
    [`k${number}`, null],
    ["over", T0 + 50],
  ] as const)
    own("conditions", { kind, severity: "error", cause_class: "network", since_ms: at, until_ms: until, evidence: "[]" });
  own("coverage", { state: number === 1 ? "covered" : "lapsed", since_ms: at, doc: "{}" });
  own("coverage_history", { state: number === 1 ? "covered" : "lapsed", at_ms: at, doc: "{}" });
  for (const days of [30, 30 + number]) own("coverage_notices", { until_day: "2027-01-01", days, at_ms: at });
  own("registrations", { key: `r-${number}`, state: "listed", at_ms: at });
  for (const moment of [T0, T0 + 1, T0 + 100 * number])
    own("availability_changes", { at_ms: moment, was: "online", became: number === 1 ? "offline" : "suspect" });
  own("device_flaps", { penalty: 1_000 * number, at_ms: at, count: number });
  for (const rule of ["hot", `rule-${number}`])
    own("rule_memory", { rule, bad: 1, since_ms: T0 - number, most: number, before: 3 - number, from_ms: at });
  for (const [role, name] of [
    ["sip", `pbx-${number}`],
    ["sip", "pbx"],
    [number === 1 ? "dhcp" : "app", "x"],
  ] as const)
    own("services", { role, name, at_ms: at });
  insert(sql, "config_texts", { hash: `h-${number}`, body: Buffer.alloc(0), settings: 1 });
  for (const [source, since] of [
    ["values", T0],
    ["values", T0 + 1],
    ["values", T0 + 10 * number],
    ["backup", T0],
  ] as const)
    own("config_versions", { source, since_ms: since, until_ms: since, hash: `h-${number}`, cause: '{"kind":"first"}' });
  own("config_reads", { next_ms: T0 + 10 * number, read_ms: at, tried_ms: at, failures: number, why: `why ${number}` });
  own("looks", { at_ms: at, outcome: number === 1 ? "answers" : "silent" });
  own("conflict_devices", { conflict: `x-${number}` });
  own("conflict_devices", { conflict: "x-both" });
  own("ticket_devices", { key: `key-${number}`, generation: 1 });
  own("ticket_devices", { key: "key-both", generation: 1 });
  const span = { from_ms: T0, until_ms: T0 + 1, reason: "r", actor: "tom" };
  insert(sql, "maintenances", { scope_kind: "device", scope: id, ...span });
  insert(sql, "maintenances", { scope_kind: "room", scope: "301", ...span });
  insert(sql, "decisions", { id: `s-${number}`, kind: "split", keeps: id, other: deviceId(9), at_ms: T0, actor: "tom", kept: "{}" });
}

/** What both are in. */
export function fillCommon(sql: Sql): void {
  const side = (id: DeviceId) => ({ device: id, claims: "S", source: "sip", atMs: T0, evidence: "" });
  for (const [id, sides] of [
    ["x-1", [side(KEEPS)]],
    ["x-2", [side(OTHER)]],
    ["x-both", [side(KEEPS), side(OTHER)]],
  ] as const)
    insertRow(sql, "conflicts", { id, kind: "serial", value: id, sides: JSON.stringify(sides), since_ms: T0, seen_ms: T0 });
  for (const key of ["key-1", "key-2", "key-both"])
    insertRow(sql, "tickets", {
      key,
      generation: 1,
      version: 1,
      delivered_version: 1,
      doc: "{}",
      state: "open",
      created_at_ms: T0,
      tries: 0,
    });
}

/** The two devices, and all of it. */
export function fillBoth(store: Store, folder: string): void {
  for (const number of [1, 2] as const) store.devices.save(device(number, { adopted: number === 1, firstSeenMs: T0 - number }));
  store.places.fromSettings({ mac: macOf(2), name: "Desk", duties: [] }, T0);
  rawly(join(folder, MAIN_FILE), (sql) => {
    fillCommon(sql);
    for (const number of [1, 2] as const) fill(sql, number);
  });
  for (const number of [1, 2]) store.history.append([{ device: deviceId(number), atMs: T0 + number, reading: { uptimeSeconds: number } }]);
}

export function tablesOf(sql: Sql): readonly string[] {
  return sql
    .all("select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\' order by name")
    .map(({ name }) => String(name));
}

/** Every row of the main file, by table, each as text. */
export function everything(folder: string): Readonly<Record<string, readonly string[]>> {
  return rawly(join(folder, MAIN_FILE), (sql) =>
    Object.fromEntries(
      tablesOf(sql).map((table) => [
        table,
        sql
          .all(`select * from ${table}`)
          .map((row) => JSON.stringify(row))
          .sort(),
      ]),
    ),
  );
}

/** Devices by reference. */
export function refsIn(folder: string): readonly string[] {
  return rawly(join(folder, HISTORY_FILE), (sql) => sql.all("select device from refs order by ref").map((row) => String(row["device"])));
}
