/** What a device was like around its update, by task: kept when the readings themselves are gone. */
import type { WindowSide } from "../firmware/waves/report-input.ts";
import type { CampaignId, DeviceId, TaskId } from "../protocols/core/ids.ts";
import type { Ms } from "../protocols/core/time.ts";
import { decoder, json, shape, text, toJson, whole } from "./row.ts";
import type { Row, Sql } from "./sql.ts";

/** Medians of the readings on either side of the update; the minutes in which it settles are left out. */
export interface UpdateWindow {
  /** From the first to the last sign of the update. */
  readonly fromMs: Ms;
  readonly toMs: Ms;
  /** What changed, for people. */
  readonly detail: string;
  readonly before: WindowSide;
  readonly after: WindowSide;
  /** Times it started anew after the update was over. */
  readonly restartsSince: number;
}

export interface DeviceUpdate {
  readonly campaign: CampaignId;
  readonly wave: number;
  /** How its task ended, and when. */
  readonly at: string;
  readonly endedMs: Ms;
  readonly window: UpdateWindow;
}

export interface TaskWindows {
  /** In place of an earlier one. */
  save(task: TaskId, window: UpdateWindow, atMs: Ms): void;
  load(task: TaskId): UpdateWindow | undefined;
  /** The newest updates of a device. */
  ofDevice(device: DeviceId, limit: number): readonly DeviceUpdate[];
  /**
   * Tasks that touched their device and ended since `sinceMs`, without a window; or with one from before the day after their end,
   * where that is over. Oldest first.
   */
  due(span: { readonly sinceMs: Ms; readonly nowMs: Ms; readonly aroundMs: Ms }, limit: number): readonly TaskId[];
}

const windowCheck = shape<UpdateWindow>({ fromMs: "number", toMs: "number", before: "object", after: "object", restartsSince: "number" });
const readWindow = decoder("task_windows", "task", (row: Row): UpdateWindow => json(row, "around", windowCheck));

export function taskWindowsIn(sql: Sql): TaskWindows {
  return {
    save: (task, window, atMs) =>
      void sql.run(
        `insert into task_windows (task, at_ms, around) values (@task, @atMs, @around)
          on conflict (task) do update set at_ms = excluded.at_ms, around = excluded.around`,
        { task, atMs, around: toJson(window) },
      ),
    load(task) {
      const row = sql.one("select task, around from task_windows where task = @task", { task });
      return row === undefined ? undefined : readWindow(row);
    },
    ofDevice: (device, limit) =>
      sql
        .all(
          `select w.task as task, w.around as around, t.campaign as campaign, t.wave as wave, t.at as at, t.since_ms as since_ms
            from tasks t join task_windows w on w.task = t.id where t.device = @device order by t.since_ms desc, t.id limit @limit`,
          { device, limit },
        )
        .map((row) => ({
          campaign: text(row, "campaign") as CampaignId,
          wave: whole(row, "wave"),
          at: text(row, "at"),
          endedMs: whole(row, "since_ms"),
          window: readWindow(row),
        })),
    due: ({ sinceMs, nowMs, aroundMs }, limit) =>
      sql
        .all(
          `select t.id as id from tasks t left join task_windows w on w.task = t.id
            where t.is_final = 1 and t.attempts > 0 and t.since_ms > @sinceMs
              and (w.task is null or (w.at_ms < t.since_ms + @aroundMs and t.since_ms + @aroundMs <= @nowMs))
            order by t.since_ms, t.id limit @limit`,
          { sinceMs, nowMs, aroundMs, limit },
        )
        .map((row) => text(row, "id") as TaskId),
  };
}
