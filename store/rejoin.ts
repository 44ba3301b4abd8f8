/**
 * A merge that can be undone: what was the other device's is written down before its rows move, and given back by that list.
 */
import { Bug } from "../protocols/core/fault.ts";
import type { DeviceId, Mac } from "../protocols/core/ids.ts";
import { tablesThat } from "./device-tables.ts";
import type { History } from "./history/readings.ts";
import { mergeDevice, openConflicts, twins } from "./merge.ts";
import { giveBackStates, type KeptState, type Plain, put, statesOf } from "./merge-states.ts";
import { giveBackTimes, type TimedRow, timedRows } from "./merge-times.ts";
import { type JsonObject, text, whole } from "./row.ts";
import type { Sql } from "./sql.ts";
import { IS_OPEN } from "./tasks.ts";

interface Kept {
  readonly device: Plain;
  readonly facts: { readonly keeps: readonly Plain[]; readonly other: readonly Plain[] };
  /** Keys of the rows that were the other's, by table. */
  readonly own: Readonly<Record<string, readonly (string | number)[]>>;
  readonly timed: Readonly<Record<string, readonly TimedRow[]>>;
  readonly states: Readonly<Record<string, KeptState>>;
  /** By table: what it was a member of; `both` were. */
  readonly members: Readonly<Record<string, readonly { readonly of: Plain; readonly both: boolean }[]>>;
  /** Conditions that ended for another's sake. */
  readonly twins: readonly { readonly id: number; readonly goesOn: number }[];
  /** Open ones, with their sides as they were written. */
  readonly conflicts: ReturnType<typeof openConflicts>;
  readonly maintenances: readonly number[];
  readonly readings: readonly number[];
  /** Earlier decisions that kept the other, or split it off. */
  readonly decisions: { readonly keeps: readonly string[]; readonly other: readonly string[] };
  /** The last sighting before the merge: later ones are told apart by what they state. */
  readonly lastSighting: number;
  readonly firstSeenMs: number;
  /** Whose care it is in: before, and after; a person may decide on it since. */
  readonly standing: { readonly was: Plain; readonly is: Plain };
  /** The other's MAC, where its place went over. */
  readonly placeOf?: string;
}

/** As it was written down before the tables of health, settings and services were there. */
interface OlderKept extends Pick<Kept, "device" | "facts" | "readings" | "decisions" | "lastSighting" | "firstSeenMs" | "placeOf"> {
  readonly coverage: {
    readonly rows: readonly Plain[];
    readonly notices: readonly Plain[];
    readonly history: readonly number[];
    readonly registrations: readonly string[];
  };
  readonly sightings: readonly number[];
  readonly conditions: readonly number[];
  readonly tasks: readonly string[];
  readonly tickets: readonly { readonly key: string; readonly generation: number; readonly both: boolean }[];
  readonly adopted: number;
}

export interface Rejoin {
  /** What stands in the way: work under way, or two tasks that would become one. */
  obstacle(keeps: DeviceId, other: DeviceId): string | undefined;
  /** @returns what `undo` needs, or `undefined` with nothing changed where `obstacle` names one */
  merge(keeps: DeviceId, other: DeviceId): JsonObject | undefined;
  /** Gives everything back. @returns the last sighting before the merge; later ones are still with `keeps` */
  undo(keeps: DeviceId, other: DeviceId, kept: JsonObject): number;
}

const OPEN = `select 1 as found from tasks t join campaigns c on c.id = t.campaign where t.device = @device and ${IS_OPEN}`;

export function rejoinIn(sql: Sql, history: Pick<History, "join" | "giveBack">): Rejoin {
  const obstacle: Rejoin["obstacle"] = (keeps, other) => {
    for (const device of [keeps, other]) {
      if (sql.one(OPEN, { device }) !== undefined) return `${device} is part of a campaign that has not ended: halt it or wait for its end`;
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
        const after = whatBecame(sql, keeps, before);
        const kept: Kept = { ...before, ...after, readings: history.join(other, keeps), ...(placeOf === undefined ? {} : { placeOf }) };
        return kept as unknown as JsonObject; // plain data, read again by `undo`
      }),
    undo: (keeps, other, raw) =>
      sql.transaction(() => {
        const kept = presentForm(raw as unknown as Kept | OlderKept); // written by `merge` alone
        if (sql.one("select 1 as found from devices where id = @other", { other }) !== undefined)
          throw new Bug(`Device ${other} is there although it was merged`);
        put(sql, "devices", { ...kept.device, id: other });
        const both = { keeps, other };
        giveBackFacts(sql, both, kept);
        for (const [table, { key }] of tablesThat("own"))
          for (const value of kept.own[table] ?? [])
            sql.run(`update ${table} set device = @other where ${key} = @value and device = @keeps`, { ...both, value });
        giveBackTimes(sql, both, kept.timed);
        giveBackStates(sql, both, kept.states);
        giveBackMembers(sql, both, kept);
        giveBackNames(sql, both, kept);
        goOn(sql, kept);
        history.giveBack(kept.readings, other);
        return kept.lastSighting;
      }),
  };
}

type Before = Omit<Kept, "readings" | "placeOf" | "states" | "standing"> & {
  readonly states: { readonly keeps: ReturnType<typeof statesOf>; readonly other: ReturnType<typeof statesOf> };
  readonly standing: Plain;
};

const STANDING = "select adopted, ignored_at_ms, decided_by from devices where id = @id";

function writeDown(sql: Sql, keeps: DeviceId, other: DeviceId): Before {
  const plain = (query: string): Plain[] => sql.all(query, { keeps, other }).map((row) => ({ ...row }) as Plain);
  const texts = (query: string): string[] => sql.all(query, { other }).map((row) => text(row, "id"));
  const [device] = plain("select * from devices where id = @other");
  const [own] = plain("select first_seen_ms from devices where id = @keeps");
  if (device === undefined || own === undefined) throw new Bug(`Cannot merge ${other} into ${keeps}: one of them is unknown`);
  return {
    device,
    facts: { keeps: plain("select * from facts where device = @keeps"), other: plain("select * from facts where device = @other") },
    own: Object.fromEntries(
      tablesThat("own").map(([table, { key }]) => [
        table,
        plain(`select ${key} as key from ${table} where device = @other order by ${key}`).map((row) => row["key"] as string | number),
      ]),
    ),
    timed: timedRows(sql, { keeps, other }),
    states: { keeps: statesOf(sql, keeps), other: statesOf(sql, other) },
    members: Object.fromEntries(
      tablesThat("member").map(([table, { of }]) => {
        const same = of.map((column) => `k.${column} = o.${column}`).join(" and ");
        const rows = plain(
          `select ${of.map((column) => `o.${column}`).join(", ")},
            exists (select 1 from ${table} k where k.device = @keeps and ${same}) as keeps_too from ${table} o where o.device = @other`,
        );
        return [table, rows.map(({ keeps_too: both, ...row }) => ({ of: row, both: both === 1 }))];
      }),
    ),
    twins: twins(sql, { keeps, other }),
    conflicts: openConflicts(sql, other),
    maintenances: sql
      .all("select id from maintenances where scope_kind = 'device' and scope = @other order by id", { other })
      .map((row) => whole(row, "id")),
    decisions: {
      keeps: texts("select id from decisions where keeps = @other order by seq"),
      other: texts("select id from decisions where other = @other and kind = 'split' order by seq"),
    },
    lastSighting: whole(sql.one("select coalesce(max(seq), 0) as seq from sightings") ?? {}, "seq"),
    firstSeenMs: own["first_seen_ms"] as number,
    standing: { ...sql.one(STANDING, { id: keeps }) } as Plain,
  };
}

/** What the one that stays has now: where it still has that on undo, nobody spoke since. */
function whatBecame(sql: Sql, keeps: DeviceId, { states, standing }: Before): Pick<Kept, "states" | "standing"> {
  const merged = statesOf(sql, keeps);
  return {
    states: Object.fromEntries(
      Object.keys(merged).map((table) => [
        table,
        { keeps: states.keeps[table] ?? [], other: states.other[table] ?? [], merged: merged[table] ?? [] },
      ]),
    ),
    standing: { was: standing, is: { ...sql.one(STANDING, { id: keeps }) } as Plain },
  };
}

function presentForm(kept: Kept | OlderKept): Kept {
  if ("own" in kept) return kept;
  const { coverage, sightings, conditions, tasks, tickets, adopted, ...rest } = kept;
  const theirs = (rows: readonly Plain[]): KeptState => ({ keeps: [], other: rows, merged: [] });
  return {
    ...rest,
    own: { sightings, conditions, tasks, coverage_history: coverage.history, registrations: coverage.registrations },
    timed: {},
    states: { coverage: theirs(coverage.rows), coverage_notices: theirs(coverage.notices) },
    members: { ticket_devices: tickets.map(({ both, ...of }) => ({ of, both })) },
    ...{ twins: [], conflicts: [], maintenances: [] },
    standing: { was: { adopted }, is: {} },
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

interface Both {
  readonly keeps: DeviceId;
  readonly other: DeviceId;
}

/** The one that stays may have got another name since. */
function giveBackFacts(sql: Sql, { keeps, other }: Both, { facts }: Kept): void {
  sql.run("delete from facts where device = @keeps", { keeps });
  for (const row of facts.keeps) put(sql, "facts", { ...row, device: keeps });
  for (const row of facts.other) put(sql, "facts", { ...row, device: other });
}

/** Of what it was a member of, where that is still there. */
function giveBackMembers(sql: Sql, { keeps, other }: Both, { members }: Kept): void {
  for (const [table, { of }] of tablesThat("member")) {
    const where = of.map((column) => `${column} = @${column}`).join(" and ");
    for (const { of: key, both } of members[table] ?? []) {
      const params = { ...key, keeps, other };
      const known = sql.one(`select 1 as found from ${table} where ${where} and device = @keeps`, params);
      if (known === undefined) continue;
      sql.run(
        `insert or ignore into ${table} (${of.join(", ")}, device) values (${of.map((column) => `@${column}`).join(", ")}, @other)`,
        params,
      );
      if (!both) sql.run(`delete from ${table} where ${where} and device = @keeps`, params);
    }
  }
}

function giveBackNames(sql: Sql, { keeps, other }: Both, kept: Kept): void {
  for (const id of kept.decisions.keeps) sql.run("update decisions set keeps = @other where id = @id", { id, other });
  for (const id of kept.decisions.other) sql.run("update decisions set other = @other where id = @id", { id, other });
  for (const id of kept.maintenances)
    sql.run("update maintenances set scope = @other where id = @id and scope = @keeps", { id, keeps, other });
  for (const { id, sides } of kept.conflicts) giveBackSides(sql, other, { id, was: JSON.parse(sides) as Sides });
  if (kept.placeOf !== undefined)
    sql.run("update places set mac = @placeOf where mac = (select mac from devices where id = @keeps)", { placeOf: kept.placeOf, keeps });
  sql.run("update devices set first_seen_ms = @firstSeenMs where id = @keeps", { keeps, firstSeenMs: kept.firstSeenMs });
  const { was, is } = kept.standing;
  const now = sql.one(STANDING, { id: keeps }) ?? {};
  if (Object.keys(is).some((column) => is[column] !== now[column])) return;
  const columns = Object.keys(was).map((column) => `${column} = @${column}`);
  sql.run(`update devices set ${columns.join(", ")} where id = @keeps`, { ...was, keeps });
}

type Sides = readonly { readonly device: string }[];

/** Sides that were looked at anew since stay as they are. */
function giveBackSides(sql: Sql, other: DeviceId, { id, was }: { readonly id: string; readonly was: Sides }): void {
  const row = sql.one("select sides from conflicts where id = @id", { id });
  if (row === undefined) return;
  const now = JSON.parse(text(row, "sides")) as Sides;
  const words = (sides: Sides): string => JSON.stringify(sides.map((side) => ({ ...side, device: "" })));
  if (words(now) !== words(was)) return;
  const back = now.map((side, index) => (was[index]?.device === other ? { ...side, device: other } : side));
  sql.run("update conflicts set sides = @sides where id = @id", { id, sides: JSON.stringify(back) });
}

/** A condition that ended as it began goes on as the one does that told of both, or ended with it. */
function goOn(sql: Sql, { twins: ended }: Kept): void {
  for (const { id, goesOn } of ended)
    sql.run(
      `update conditions set until_ms = max(since_ms, o.until_ms) from (select id as o_id, until_ms from conditions where id = @goesOn) as o
        where conditions.id = @id and conditions.until_ms = conditions.since_ms`,
      { id, goesOn },
    );
}
