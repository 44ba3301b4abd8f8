/** Settings of rooms that an attempt changes for its time, as they were: what has to be given back survives a restart. */

import type { DeviceId, TaskId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import type { KeptSetting } from "../protocols/families/family.ts";
import { decoder, json, listOf, shape, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

export interface UpdateSettingsRow {
  /** Of the attempt. */
  readonly token: string;
  readonly device: DeviceId;
  readonly task: TaskId;
  readonly settings: readonly KeptSetting[];
  readonly atMs: Ms;
  /** How often it could not be given back, and not before when it is tried again. */
  readonly tries: number;
  readonly nextAtMs: Ms;
}

export interface UpdateSettings {
  /**
   * Before anything is set. What an earlier attempt has not given back yet is what the device had of its own: it takes the place of
   * the values that were found.
   */
  keep(row: Pick<UpdateSettingsRow, "token" | "device" | "task" | "settings" | "atMs">): void;
  /** Oldest first. */
  ofDevice(device: DeviceId): readonly UpdateSettingsRow[];
  /** Oldest first. */
  all(): readonly UpdateSettingsRow[];
  /** It could not be given back. */
  postpone(device: DeviceId, nextAtMs: Ms): void;
  /** It was given back. */
  drop(device: DeviceId): void;
}

const settingsCheck = listOf(shape<KeptSetting>({ name: "string", before: "string", set: "string" }));

const readRow = decoder(
  "update_settings",
  "token",
  (row: Row): UpdateSettingsRow => ({
    token: text(row, "token"),
    device: text(row, "device") as DeviceId,
    task: text(row, "task") as TaskId,
    settings: json(row, "settings", settingsCheck),
    atMs: whole(row, "at_ms"),
    tries: whole(row, "tries"),
    nextAtMs: whole(row, "next_at_ms"),
  }),
);

export function updateSettingsIn(sql: Sql): UpdateSettings {
  const ofDevice = (device: DeviceId): UpdateSettingsRow[] =>
    sql.all("select * from update_settings where device = @device order by at_ms, token", { device }).map(readRow);
  const drop = (device: DeviceId): void => void sql.run("delete from update_settings where device = @device", { device });
  return {
    keep: ({ token, device, task, settings, atMs }) =>
      sql.transaction(() => {
        const kept = keptOf([...ofDevice(device).map((row) => row.settings), settings]);
        drop(device);
        sql.run(
          `insert into update_settings (token, device, task, settings, at_ms, tries, next_at_ms)
            values (@token, @device, @task, @settings, @atMs, 0, @atMs)`,
          { token, device, task, settings: toJson(kept), atMs },
        );
      }),
    ofDevice,
    all: () => sql.all("select * from update_settings order by at_ms, token").map(readRow),
    postpone: (device, nextAtMs) =>
      void sql.run("update update_settings set tries = tries + 1, next_at_ms = @nextAtMs where device = @device", { device, nextAtMs }),
    drop,
  };
}

/** Of several attempts one after the other: each setting as it was before the first, and as the last has set it. Pure. */
export function keptOf(attempts: readonly (readonly KeptSetting[])[]): readonly KeptSetting[] {
  const byName = new Map<string, KeptSetting>();
  for (const { name, before, set } of attempts.flat()) byName.set(name, { name, before: byName.get(name)?.before ?? before, set });
  return [...byName.values()];
}
