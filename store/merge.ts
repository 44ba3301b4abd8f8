/**
 * Two rows that prove to be one device: moves every reference from the old id to the new one.
 */
import type { DeviceId } from "../protocols/core/ids.ts";
import type { Sql } from "./sql.ts";

/** Every table with a column that names a device. A test compares this with the schema's foreign keys. */
export const DEVICE_REFERENCES = [
  ...["facts", "sightings", "tasks", "reservations", "conditions", "ticket_devices", "conflict_devices"],
  ...["coverage", "coverage_history", "coverage_notices", "registrations"],
  ...["availability_changes", "device_flaps", "rule_memory", "services", "config_versions", "config_reads"],
] as const;

/** @returns `false`, with nothing changed, where the old id is unknown or the two cannot be one without losing a task or reservation */
export function mergeDevice(sql: Sql, oldId: DeviceId, newId: DeviceId): boolean {
  return sql.transaction(() => {
    const ids = { oldId, newId };
    const known = sql.all("select id from devices where id in (@oldId, @newId)", ids).map((row) => row["id"]);
    if (!known.includes(oldId) || oldId === newId) return false;
    if (!known.includes(newId)) {
      // Foreign keys carry the new id to every reference.
      sql.run("update devices set id = @newId where id = @oldId", ids);
      carryDecisions(sql, ids);
      return true;
    }
    if (wouldLose(sql, ids)) return false;
    carryDecisions(sql, ids);
    keepTheBetter(sql, ids);
    endTwins(sql, ids);
    for (const table of DEVICE_REFERENCES) sql.run(`update or ignore ${table} set device = @newId where device = @oldId`, ids);
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

/** Both in one campaign, both with unfinished tasks, or both holding a slot: only a person can say what that means. */
function wouldLose(sql: Sql, ids: Ids): boolean {
  return (
    sql.one("select 1 as found from tasks a join tasks b on a.campaign = b.campaign where a.device = @oldId and b.device = @newId", ids) !==
      undefined ||
    sql.one(
      "select 1 as found from tasks a join tasks b on a.is_final = 0 and b.is_final = 0 where a.device = @oldId and b.device = @newId",
      ids,
    ) !== undefined ||
    sql.one("select 1 as found from reservations a join reservations b where a.device = @oldId and b.device = @newId", ids) !== undefined
  );
}

/** What a person said of the old name is said of the new one. */
function carryDecisions(sql: Sql, ids: Ids): void {
  sql.run("update decisions set keeps = @newId where keeps = @oldId", ids);
  sql.run("update decisions set other = @newId where other = @oldId and kind = 'split'", ids);
}

/** Where both have an open condition of one kind, the later one ends as it began: the earlier one tells of the whole time. */
function endTwins(sql: Sql, ids: Ids): void {
  sql.run(
    `update conditions set until_ms = since_ms where until_ms is null and device in (@oldId, @newId) and exists
      (select 1 from conditions as o where o.until_ms is null and o.device in (@oldId, @newId) and o.kind = conditions.kind
        and (o.since_ms, o.id) < (conditions.since_ms, conditions.id))`,
    ids,
  );
}

/** Where both have a row of the same key, the weaker one goes before the other takes its place. */
function keepTheBetter(sql: Sql, ids: Ids): void {
  sql.run(
    `delete from facts where device = @newId and exists (select 1 from facts as o
      where o.device = @oldId and o.field = facts.field and o.source = facts.source
        and (o.at_ms, o.value, o.evidence) > (facts.at_ms, facts.value, facts.evidence))`,
    ids,
  );
}
