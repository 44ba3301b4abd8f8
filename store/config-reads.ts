/** When each device's settings were read, when they are due again, and why they could not be. */
import type { FamilyId } from "../protocols/core/device.ts";
import type { CampaignId, DeviceId, TaskId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import { decoder, maybeText, maybeWhole, present, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface ConfigRead {
  readonly device: DeviceId;
  readonly nextMs: Ms;
  /** Last success. */
  readonly readMs?: Ms;
  readonly triedMs?: Ms;
  /** In a row. */
  readonly failures: number;
  /** Of the last failure. */
  readonly why?: string;
  readonly wantedFor?: string;
}

export interface Wanted {
  readonly atMs: Ms;
  readonly why: string;
  /** Not for those that were read since then. */
  readonly unlessReadSinceMs?: Ms;
}

export interface ConfigReads {
  lastRead(device: DeviceId): ConfigRead | undefined;
  /** Takes the place of what was known; what was wanted is settled. */
  saveRead(read: ConfigRead): void;
  /** Brings the next reading forward to `atMs`, never back; devices that are gone are passed over. */
  want(devices: readonly DeviceId[], wanted: Wanted): void;
  /** Whoever is wanted, then the longest due: adopted, in service, of these families, with no update under way. */
  due(nowMs: Ms, families: readonly FamilyId[], limit: number): readonly DeviceId[];
  /** The same of those that were never asked nor wanted. Looks at every device: not for each turn. */
  unread(families: readonly FamilyId[], limit: number): readonly DeviceId[];
  /** Work of campaigns that sent this device a command, oldest first. */
  touched(device: DeviceId): readonly Touched[];
}

/** From the intent of its first command to the task's end; without an end while it goes on. */
export interface Touched {
  readonly campaign: CampaignId;
  readonly task: TaskId;
  readonly fromMs: Ms;
  readonly untilMs?: Ms;
}

/** While one of these lasts the device is left alone; a `reserved` one has not been sent anything. */
const UNDER_WAY = ["commanded", "applying", "rebooting", "verifying", "unknown"] as const;

/** Of the device `d`. */
const MAY_BE_ASKED = `d.adopted = 1 and d.ignored_at_ms is null and d.retired_at_ms is null and d.address is not null
  and d.availability = 'online' and d.family in (select value from json_each(@families))
  and not exists (select 1 from tasks t where t.device = d.id and t.at in (select value from json_each(@underWay)))`;
const askable = (families: readonly FamilyId[]) => ({ families: toJson(families), underWay: toJson(UNDER_WAY) });
const idOf = (row: Row): DeviceId => text(row, "device") as DeviceId;

const readRow = decoder(
  "config_reads",
  "device",
  (row: Row): ConfigRead =>
    present({
      device: text(row, "device") as DeviceId,
      nextMs: whole(row, "next_ms"),
      readMs: maybeWhole(row, "read_ms"),
      triedMs: maybeWhole(row, "tried_ms"),
      failures: whole(row, "failures"),
      why: maybeText(row, "why"),
      wantedFor: maybeText(row, "wanted_for"),
    }),
);

const readTouched = decoder(
  "attempts",
  "task",
  (row: Row): Touched =>
    present({
      campaign: text(row, "campaign") as CampaignId,
      task: text(row, "task") as TaskId,
      fromMs: whole(row, "from_ms"),
      untilMs: maybeWhole(row, "until_ms"),
    }),
);

export function configReadsIn(sql: Sql): ConfigReads {
  return {
    lastRead(device) {
      const row = sql.one("select * from config_reads where device = @device", { device });
      return row === undefined ? undefined : readRow(row);
    },
    saveRead({ device, nextMs, readMs, triedMs, failures, why, wantedFor }) {
      sql.run(
        `insert or replace into config_reads (device, next_ms, read_ms, tried_ms, failures, why, wanted_for)
          values (@device, @nextMs, @readMs, @triedMs, @failures, @why, @wantedFor)`,
        {
          device,
          nextMs,
          failures,
          readMs: readMs ?? null,
          triedMs: triedMs ?? null,
          why: why ?? null,
          wantedFor: wantedFor ?? null,
        },
      );
    },
    want(devices, { atMs, why, unlessReadSinceMs }) {
      sql.run(
        `insert into config_reads (device, next_ms, failures, wanted_for)
          select d.id, @atMs, 0, @why from json_each(@devices) w join devices d on d.id = w.value where true
          on conflict (device) do update set next_ms = min(next_ms, excluded.next_ms), wanted_for = excluded.wanted_for, failures = 0
            where @since is null or coalesce(read_ms, -1) < @since`,
        { devices: toJson(devices), atMs, why, since: unlessReadSinceMs ?? null },
      );
    },
    due: (nowMs, families, limit) =>
      sql
        .all(
          `select r.device from config_reads r indexed by config_reads_due cross join devices d on d.id = r.device
            where r.next_ms <= @nowMs and ${MAY_BE_ASKED} order by r.wanted_for is null, r.next_ms, r.device limit @limit`,
          { ...askable(families), nowMs, limit },
        )
        .map(idOf),
    unread: (families, limit) =>
      sql
        .all(
          `select d.id as device from devices d
            where not exists (select 1 from config_reads r where r.device = d.id) and ${MAY_BE_ASKED} order by d.id limit @limit`,
          { ...askable(families), limit },
        )
        .map(idOf),
    touched: (device) =>
      sql
        .all(
          `select t.campaign, t.id as task, min(a.intended_at_ms) as from_ms, case t.is_final when 1 then t.since_ms end as until_ms
            from tasks t join attempts a on a.task = t.id where t.device = @device and a.intended_at_ms is not null
            group by t.id order by from_ms`,
          { device },
        )
        .map(readTouched),
  };
}
