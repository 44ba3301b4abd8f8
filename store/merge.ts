/**
 * Two rows that prove to be one device: moves every reference from the old id to the new one.
 */
import type { DeviceId } from "../protocols/core/ids.ts";
import { tablesThat } from "./device-tables.ts";
import { settleStates } from "./merge-states.ts";
import { makeRoom } from "./merge-times.ts";
import { text, toJson, whole } from "./row.ts";
import type { Sql } from "./sql.ts";
import { IS_OPEN } from "./tasks.ts";

/** @returns `false`, with nothing changed, where the old id is unknown or the two cannot be one without losing a task or reservation */
export function mergeDevice(sql: Sql, oldId: DeviceId, newId: DeviceId): boolean {
  return sql.transaction(() => {
    const ids = { oldId, newId };
    const known = sql.all("select id from devices where id in (@oldId, @newId)", ids).map((row) => row["id"]);
    if (!known.includes(oldId) || oldId === newId) return false;
    const isNew = !known.includes(newId);
    if (!isNew && wouldLose(sql, ids)) return false;
    carryDecisions(sql, ids);
    carryConflicts(sql, ids);
    sql.run("update maintenances set scope = @newId where scope_kind = 'device' and scope = @oldId", ids);
    if (isNew) {
      // Foreign keys carry the new id to every other reference.
      sql.run("update devices set id = @newId where id = @oldId", ids);
      sql.run("update or replace looks set device = @newId where device = @oldId", ids);
      return true;
    }
    const both = { keeps: newId, other: oldId };
    for (const { id } of twins(sql, both)) sql.run("update conditions set until_ms = since_ms where id = @id", { id });
    settleStates(sql, both);
    makeRoom(sql, both);
    handOver(sql, ids);
    sql.run(
      `update devices set first_seen_ms = min(first_seen_ms, (select first_seen_ms from devices where id = @oldId)),
        last_seen_ms = max(last_seen_ms, (select last_seen_ms from devices where id = @oldId)),
        adopted = max(adopted, (select adopted from devices where id = @oldId)),
        ignored_at_ms = case when adopted = 1 or (select adopted from devices where id = @oldId) = 1 then null
          else coalesce(ignored_at_ms, (select ignored_at_ms from devices where id = @oldId)) end,
        decided_by = case when decided_by = 'person' or (select decided_by from devices where id = @oldId) = 'person' then 'person'
          else coalesce(decided_by, (select decided_by from devices where id = @oldId)) end where id = @newId`,
      ids,
    );
    sql.run("delete from devices where id = @oldId", ids);
    return true;
  });
}

interface Ids {
  readonly oldId: DeviceId;
  readonly newId: DeviceId;
  readonly [name: string]: string;
}

const OPEN = `select 1 as found from tasks t join campaigns c on c.id = t.campaign where ${IS_OPEN} and t.device =`;

/** Both in one campaign, both with tasks that may still move, or both holding a slot: only a person can say what that means. */
function wouldLose(sql: Sql, ids: Ids): boolean {
  return (
    sql.one("select 1 as found from tasks a join tasks b on a.campaign = b.campaign where a.device = @oldId and b.device = @newId", ids) !==
      undefined ||
    (sql.one(`${OPEN} @oldId`, ids) !== undefined && sql.one(`${OPEN} @newId`, ids) !== undefined) ||
    sql.one("select 1 as found from reservations a join reservations b where a.device = @oldId and b.device = @newId", ids) !== undefined
  );
}

/** What a person said of the old name is said of the new one. */
function carryDecisions(sql: Sql, ids: Ids): void {
  sql.run("update decisions set keeps = @newId where keeps = @oldId", ids);
  sql.run("update decisions set other = @newId where other = @oldId and kind = 'split'", ids);
}

/** Sides of a conflict that is open are shown to a person: by the name the device has. */
function carryConflicts(sql: Sql, { oldId, newId }: Ids): void {
  for (const { id, sides } of openConflicts(sql, oldId)) {
    const told = (JSON.parse(sides) as readonly { readonly device: string }[]).map((side) =>
      side.device === oldId ? { ...side, device: newId } : side,
    );
    sql.run("update conflicts set sides = @sides where id = @id", { id, sides: toJson(told) });
  }
}

/** With their sides as they are written. */
export function openConflicts(sql: Sql, device: DeviceId): readonly { readonly id: string; readonly sides: string }[] {
  return sql
    .all(
      `select c.id as id, c.sides as sides from conflicts c join conflict_devices d on d.conflict = c.id
        where d.device = @device and c.until_ms is null order by c.id`,
      { device },
    )
    .map((row) => ({ id: text(row, "id"), sides: text(row, "sides") }));
}

/**
 * Where both have an open condition of one kind, the later one ends as it began: the earlier one tells of the whole time.
 * @returns those that end, with the one that goes on
 */
export function twins(
  sql: Sql,
  ids: { readonly keeps: DeviceId; readonly other: DeviceId },
): readonly { readonly id: number; readonly goesOn: number }[] {
  return sql
    .all(
      `select id, goes_on from (select id, first_value(id) over (partition by kind order by since_ms, id) as goes_on from conditions
        where until_ms is null and device in (@keeps, @other)) where id <> goes_on order by id`,
      { ...ids },
    )
    .map((row) => ({ id: whole(row, "id"), goesOn: whole(row, "goes_on") }));
}

/** Each row that names the old one names the new one. Only a member of something may be named there already. */
function handOver(sql: Sql, ids: Ids): void {
  for (const how of ["own", "timed", "state"] as const)
    for (const [table] of tablesThat(how)) sql.run(`update ${table} set device = @newId where device = @oldId`, ids);
  for (const [table] of tablesThat("member")) sql.run(`update or ignore ${table} set device = @newId where device = @oldId`, ids);
}
