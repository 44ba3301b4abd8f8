/** What judging health must not forget over a restart: comings and goings, running times of rules, what is usual for a device. */
import type { DeviceId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import type { Availability } from "./devices.ts";
import { decoder, maybeWhole, oneOf, present, text, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface AvailabilityChange {
  readonly device: DeviceId;
  readonly atMs: Ms;
  readonly was: Availability;
  readonly became: Availability;
}

export interface FlapsRow {
  readonly penalty: number;
  readonly atMs: Ms;
  readonly count: number;
}

export interface RuleMemoryRow {
  readonly rule: string;
  /** The rule's running time: absent where none runs. */
  readonly state?: { readonly bad: boolean; readonly sinceMs: Ms };
  /** The most the device had since `fromMs`, and in the span before. */
  readonly usual?: { readonly most: number; readonly before?: number; readonly fromMs: Ms };
}

export interface Health {
  /** All that is remembered of one device. */
  ofDevice(device: DeviceId): { readonly flaps?: FlapsRow; readonly rules: readonly RuleMemoryRow[] };
  /** Writes what is remembered; a row without state and usual value goes. A device that is gone is passed over. */
  remember(rows: readonly (RuleMemoryRow & { readonly device: DeviceId })[]): void;
  /** `undefined` where it is calm. */
  saveFlaps(device: DeviceId, flaps: FlapsRow | undefined): void;
  /** A second change of one moment takes the place of the first. */
  noteChange(change: AvailabilityChange): void;
  /** `fromMs` ≤ time < `toMs`, oldest first, at most `limit`. */
  changes(span: { readonly fromMs: Ms; readonly toMs: Ms; readonly device?: DeviceId }, limit: number): readonly AvailabilityChange[];
  /** Who answers nobody now, with the last sign of life. */
  down(): readonly { readonly device: DeviceId; readonly sinceMs: Ms }[];
  /** Forgets at most `limit` changes before this. @returns how many */
  pruneChanges(beforeMs: Ms, limit: number): number;
}

const AVAILABILITIES = { online: true, suspect: true, offline: true, unknown: true } satisfies { [at in Availability]: true };

const readChange = decoder(
  "availability_changes",
  "device",
  (row: Row): AvailabilityChange => ({
    device: text(row, "device") as DeviceId,
    atMs: whole(row, "at_ms"),
    was: oneOf<Availability>(row, "was", AVAILABILITIES),
    became: oneOf<Availability>(row, "became", AVAILABILITIES),
  }),
);

const readFlaps = decoder(
  "device_flaps",
  "device",
  (row: Row): FlapsRow => ({
    penalty: number(row, "penalty"),
    atMs: whole(row, "at_ms"),
    count: whole(row, "count"),
  }),
);

const readMemory = decoder("rule_memory", "rule", (row: Row): RuleMemoryRow => {
  const [bad, sinceMs, fromMs] = [maybeWhole(row, "bad"), maybeWhole(row, "since_ms"), maybeWhole(row, "from_ms")];
  const before = row["before"] === null ? undefined : number(row, "before");
  return present({
    rule: text(row, "rule"),
    state: bad === undefined || sinceMs === undefined ? undefined : { bad: bad === 1, sinceMs },
    usual: fromMs === undefined ? undefined : present({ most: number(row, "most"), before, fromMs }),
  });
});

function number(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== "number") throw new Error(`${column}: expected a number, found ${typeof value}`);
  return value;
}

export function healthIn(sql: Sql): Health {
  return {
    ofDevice(device) {
      const row = sql.one("select * from device_flaps where device = @device", { device });
      const rules = sql.all("select * from rule_memory where device = @device", { device }).map(readMemory);
      return row === undefined ? { rules } : { flaps: readFlaps(row), rules };
    },
    remember: (rows) =>
      sql.transaction(() => {
        for (const { device, rule, state, usual } of rows) {
          if (state === undefined && usual === undefined) {
            sql.run("delete from rule_memory where device = @device and rule = @rule", { device, rule });
            continue;
          }
          sql.run(
            `insert into rule_memory (device, rule, bad, since_ms, most, before, from_ms)
              select @device, @rule, @bad, @sinceMs, @most, @before, @fromMs where exists (select 1 from devices where id = @device)
              on conflict (device, rule) do update set bad = excluded.bad, since_ms = excluded.since_ms, most = excluded.most,
                before = excluded.before, from_ms = excluded.from_ms`,
            { device, rule, bad: state?.bad, sinceMs: state?.sinceMs, most: usual?.most, before: usual?.before, fromMs: usual?.fromMs },
          );
        }
      }),
    saveFlaps(device, flaps) {
      if (flaps === undefined) sql.run("delete from device_flaps where device = @device", { device });
      else
        sql.run(
          `insert into device_flaps (device, penalty, at_ms, count) values (@device, @penalty, @atMs, @count)
            on conflict (device) do update set penalty = excluded.penalty, at_ms = excluded.at_ms, count = excluded.count`,
          { device, ...flaps },
        );
    },
    noteChange: (change) =>
      void sql.run(
        `insert into availability_changes (device, at_ms, was, became) values (@device, @atMs, @was, @became)
          on conflict (device, at_ms) do update set became = excluded.became`,
        { ...change },
      ),
    changes: ({ fromMs, toMs, device }, limit) =>
      sql
        .all(
          device === undefined
            ? "select * from availability_changes where at_ms >= @fromMs and at_ms < @toMs order by at_ms, device limit @limit"
            : "select * from availability_changes where device = @device and at_ms >= @fromMs and at_ms < @toMs order by at_ms limit @limit",
          device === undefined ? { fromMs, toMs, limit } : { fromMs, toMs, limit, device },
        )
        .map(readChange),
    down: () =>
      sql
        .all("select id, last_seen_ms from devices indexed by devices_offline where availability = 'offline' order by id")
        .map((row) => ({ device: text(row, "id") as DeviceId, sinceMs: whole(row, "last_seen_ms") })),
    pruneChanges: (beforeMs, limit) =>
      sql.run(
        `delete from availability_changes where (device, at_ms) in
          (select device, at_ms from availability_changes where at_ms < @beforeMs order by at_ms limit @limit)`,
        { beforeMs, limit },
      ).changes,
  };
}
