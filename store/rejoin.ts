/**
 * A merge that can be undone: what was the other device's is written down before its rows move, and given back by that list.
 */
import { Bug } from "../protocols/core/fault.ts";
import type { DeviceId, Mac } from "../protocols/core/ids.ts";
import type { History } from "./history/readings.ts";
import { mergeDevice } from "./merge.ts";
import { type JsonObject, text, whole } from "./row.ts";
import type { Row, Sql, SqlValue } from "./sql.ts";

/** Rows as SQLite gives them, which JSON keeps whole: no column of these tables is a blob. */
type Plain = { readonly [column: string]: Exclude<SqlValue, Buffer | bigint> };

interface Kept {
  readonly device: Plain;
  readonly facts: { readonly keeps: readonly Plain[]; readonly other: readonly Plain[] };
  readonly coverage: {
    readonly rows: readonly Plain[];
    readonly notices: readonly Plain[];
    readonly history: readonly number[];
    readonly registrations: readonly string[];
  };
  /** Keys of the rows that were the other's. */
  readonly sightings: readonly number[];
  readonly conditions: readonly number[];
  readonly tasks: readonly string[];
  readonly tickets: readonly { readonly key: string; readonly generation: number; readonly both: boolean }[];
  readonly readings: readonly number[];
  /** Earlier decisions that kept the other, or split it off. */
  readonly decisions: { readonly keeps: readonly string[]; readonly other: readonly string[] };
  /** The last sighting before the merge: later ones are told apart by what they state. */
  readonly lastSighting: number;
  readonly adopted: number;
  readonly firstSeenMs: number;
  /** The other's MAC, where its place went over. */
  readonly placeOf?: string;
}

export interface Rejoin {
  /** What stands in the way: work under way, or two tasks that would become one. */
  obstacle(keeps: DeviceId, other: DeviceId): string | undefined;
  /** @returns what `undo` needs, or `undefined` with nothing changed where `obstacle` names one */
  merge(keeps: DeviceId, other: DeviceId): JsonObject | undefined;
  /** Gives everything back. @returns the last sighting before the merge; later ones are still with `keeps` */
  undo(keeps: DeviceId, other: DeviceId, kept: JsonObject): number;
}

export function rejoinIn(sql: Sql, history: Pick<History, "join" | "giveBack">): Rejoin {
  const obstacle: Rejoin["obstacle"] = (keeps, other) => {
    for (const device of [keeps, other]) {
      if (sql.one("select 1 as found from tasks where device = @device and is_final = 0", { device }) !== undefined)
        return `${device} is part of a campaign that has not ended: halt it or wait for its end`;
      if (sql.one("select 1 as found from reservations where device = @device", { device }) !== undefined)
        return `${device} holds an at-risk slot: wait for its update to end, or write it off`;
    }
    const twice = sql.one(
      "select a.campaign as campaign from tasks a join tasks b on a.campaign = b.campaign where a.device = @keeps and b.device = @other",
      { keeps, other },
    );
    return twice === undefined
      ? undefined
      : `campaign ${String(twice["campaign"])} updated both, and its record would no longer tell: they stay two`;
  };
  return {
    obstacle,
    merge: (keeps, other) =>
      sql.transaction(() => {
        if (obstacle(keeps, other) !== undefined) return undefined;
        const before = writeDown(sql, keeps, other);
        const placeOf = movePlace(sql, other, keeps);
        if (!mergeDevice(sql, other, keeps)) return undefined;
        const readings = history.join(other, keeps);
        return { ...before, readings, ...(placeOf === undefined ? {} : { placeOf }) };
      }),
    undo: (keeps, other, raw) =>
      sql.transaction(() => {
        const kept = raw as unknown as Kept; // written by `merge` alone
        if (sql.one("select 1 as found from devices where id = @other", { other }) !== undefined)
          throw new Bug(`Device ${other} is there although it was merged`);
        insert(sql, "devices", kept.device);
        giveBackFacts(sql, keeps, kept);
        const give = (table: string, key: string, values: readonly (string | number)[]): void => {
          for (const value of values)
            sql.run(`update ${table} set device = @other where ${key} = @value and device = @keeps`, { other, keeps, value });
        };
        give("sightings", "seq", kept.sightings);
        give("conditions", "id", kept.conditions);
        give("tasks", "id", kept.tasks);
        giveBackCoverage(sql, give, kept);
        giveBackTickets(sql, { keeps, other }, kept);
        for (const id of kept.decisions.keeps) sql.run("update decisions set keeps = @other where id = @id", { id, other });
        for (const id of kept.decisions.other) sql.run("update decisions set other = @other where id = @id", { id, other });
        if (kept.placeOf !== undefined)
          sql.run("update places set mac = @placeOf where mac = (select mac from devices where id = @keeps)", {
            placeOf: kept.placeOf,
            keeps,
          });
        sql.run("update devices set adopted = @adopted, first_seen_ms = @firstSeenMs where id = @keeps", {
          keeps,
          adopted: kept.adopted,
          firstSeenMs: kept.firstSeenMs,
        });
        history.giveBack(kept.readings, other);
        return kept.lastSighting;
      }),
  };
}

function writeDown(sql: Sql, keeps: DeviceId, other: DeviceId): Omit<Kept, "readings" | "placeOf"> & JsonObject {
  const plain = (query: string): Plain[] => sql.all(query, { keeps, other }).map((row) => ({ ...row }) as Plain);
  const numbers = (query: string, column: string): number[] => sql.all(query, { other }).map((row) => whole(row, column));
  const texts = (query: string): string[] => sql.all(query, { other }).map((row) => text(row, "id"));
  const [device] = plain("select * from devices where id = @other");
  const [own] = plain("select adopted, first_seen_ms from devices where id = @keeps");
  if (device === undefined || own === undefined) throw new Bug(`Cannot merge ${other} into ${keeps}: one of them is unknown`);
  return {
    device,
    facts: { keeps: plain("select * from facts where device = @keeps"), other: plain("select * from facts where device = @other") },
    coverage: {
      rows: plain("select * from coverage where device = @other"),
      notices: plain("select * from coverage_notices where device = @other"),
      history: numbers("select seq from coverage_history where device = @other order by seq", "seq"),
      registrations: sql.all("select key from registrations where device = @other order by key", { other }).map((row) => text(row, "key")),
    },
    sightings: numbers("select seq from sightings where device = @other order by seq", "seq"),
    conditions: numbers("select id from conditions where device = @other order by id", "id"),
    tasks: texts("select id from tasks where device = @other order by id"),
    tickets: sql
      .all(
        `select o.key as key, o.generation as generation, exists (select 1 from ticket_devices k where k.device = @keeps
          and k.key = o.key and k.generation = o.generation) as both from ticket_devices o where o.device = @other`,
        { keeps, other },
      )
      .map((row) => ({ key: text(row, "key"), generation: whole(row, "generation"), both: row["both"] === 1 })),
    decisions: {
      keeps: texts("select id from decisions where keeps = @other order by seq"),
      other: texts("select id from decisions where other = @other and kind = 'split' order by seq"),
    },
    lastSighting: whole(sql.one("select coalesce(max(seq), 0) as seq from sightings") ?? {}, "seq"),
    adopted: own["adopted"] as number,
    firstSeenMs: own["first_seen_ms"] as number,
  };
}

/** The other's place goes over where the one that stays has none. @returns the MAC it was tied to */
function movePlace(sql: Sql, other: DeviceId, keeps: DeviceId): Mac | undefined {
  const macOf = (id: DeviceId): string | undefined => {
    const mac = sql.one("select mac from devices where id = @id", { id })?.["mac"];
    return typeof mac === "string" ? mac : undefined;
  };
  const [from, to] = [macOf(other), macOf(keeps)];
  if (from === undefined || to === undefined) return undefined;
  if (sql.one("select 1 as found from places where mac = @to", { to }) !== undefined) return undefined;
  return sql.run("update places set mac = @to where mac = @from", { from, to }).changes > 0 ? (from as Mac) : undefined;
}

function giveBackFacts(sql: Sql, keeps: DeviceId, { facts }: Kept): void {
  sql.run("delete from facts where device = @keeps", { keeps });
  for (const row of [...facts.keeps, ...facts.other]) insert(sql, "facts", row);
}

/** What is judged anew anyway is given back too: a notice must not be told a second time. */
function giveBackCoverage(sql: Sql, give: (table: string, key: string, values: readonly (string | number)[]) => void, kept: Kept): void {
  const { rows, notices, history, registrations } = kept.coverage;
  give("coverage_history", "seq", history);
  give("registrations", "key", registrations);
  for (const row of rows) insert(sql, "coverage", row);
  for (const row of notices) insert(sql, "coverage_notices", row);
}

function giveBackTickets(sql: Sql, { keeps, other }: { readonly keeps: DeviceId; readonly other: DeviceId }, { tickets }: Kept): void {
  for (const { key, generation, both } of tickets) {
    const known = sql.one("select 1 as found from tickets where key = @key and generation = @generation", { key, generation });
    if (known === undefined) continue;
    sql.run("insert or ignore into ticket_devices (key, generation, device) values (@key, @generation, @other)", {
      key,
      generation,
      other,
    });
    if (!both)
      sql.run("delete from ticket_devices where key = @key and generation = @generation and device = @keeps", { key, generation, keeps });
  }
}

/** Columns that a later schema added are left to their defaults; those it took away are left out. */
function insert(sql: Sql, table: "devices" | "facts" | "coverage" | "coverage_notices", row: Plain | Row): void {
  const columns = new Set(sql.all(`pragma table_info(${table})`).map((each) => String(each["name"])));
  const names = Object.keys(row).filter((name) => columns.has(name));
  sql.run(
    `insert into ${table} (${names.join(", ")}) values (${names.map((name) => `@${name}`).join(", ")})`,
    Object.fromEntries(names.map((name) => [name, row[name] ?? null])),
  );
}
