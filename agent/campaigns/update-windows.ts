/**
 * Keeps with each task what its device was like around the update: the flight recorder's readings, before and after, and how
 * often it started anew since. Once when the task has ended, and once more a day later, when the other side is whole.
 */

import type { WindowSide } from "../../firmware/waves/report-input.ts";
import { type Clock, DAY, type Ms } from "../../protocols/core/time.ts";
import type { ChangeRow } from "../../store/history/changes.ts";
import type { Store } from "../../store/store.ts";
import type { UpdateWindow } from "../../store/task-windows.ts";
import type { BeforeAfter, Side } from "../health/before-after.ts";
import { AROUND_MS, SETTLE_MS } from "../health/recorder.ts";
import { type Thread, ThreadGone } from "../threads/channel.ts";
import type { HistoryRequests } from "../threads/requests.ts";
import { touchedAt } from "./touched.ts";

export interface UpdateWindowsIo {
  readonly store: Pick<Store, "tasks" | "attempts" | "taskWindows">;
  readonly history: Pick<Thread<HistoryRequests>, "ask">;
  readonly clock: Clock;
}

/** Of one pass: each is one question to the history thread. */
const WINDOWS_MAX = 20;
/** Readings of an update that ended longer ago may be gone; what has no window by then gets none. */
const LOOK_BACK_MS: Ms = 3 * DAY;
/** The last changes of a device among which its update is: restarts may have come after it. */
const CHANGES_LOOKED_AT = 10;

export async function keepUpdateWindows({ store, history, clock }: UpdateWindowsIo, signal: AbortSignal): Promise<void> {
  const nowMs = clock.nowMs();
  try {
    for (const id of store.taskWindows.due({ sinceMs: nowMs - LOOK_BACK_MS, nowMs, aroundMs: AROUND_MS }, WINDOWS_MAX)) {
      const task = store.tasks.load(id);
      const touched = task === undefined ? undefined : touchedAt(task, store);
      if (task === undefined || touched === undefined) continue;
      const changes = await history.ask("changes", { deviceId: task.device, limit: CHANGES_LOOKED_AT }, signal);
      store.taskWindows.save(id, windowOf(changes, touched.touchedAtMs) ?? nothingSeen(touched.touchedAtMs, task.sinceMs), nowMs);
    }
  } catch (error) {
    // The thread is started anew; the next pass asks it again.
    if (!(error instanceof ThreadGone)) throw error;
  }
}

type Recorded = { readonly change: ChangeRow; readonly around: BeforeAfter };

/** The update of a device that was taken in hand at this moment, from its last changes, newest first. Pure. */
export function windowOf(changes: readonly Recorded[], touchedAtMs: Ms): UpdateWindow | undefined {
  const update = changes.findLast(({ change }) => change.kind === "update" && change.lastMs >= touchedAtMs);
  if (update === undefined) return undefined;
  const { change, around } = update;
  const after = changes.filter((one) => one.change.kind === "restart" && one.change.lastMs > change.lastMs + SETTLE_MS);
  return {
    fromMs: touchedAtMs,
    toMs: change.lastMs,
    detail: change.detail,
    before: sideOf(around.before, around, "before"),
    after: sideOf(around.after, around, "after"),
    restartsSince: after.reduce((sum, one) => sum + one.change.times, 0),
  };
}

/** Counters of packets are told a second, which a reading does not mean. */
function sideOf({ asked, answered }: Side, { readings }: BeforeAfter, side: "before" | "after"): WindowSide {
  const values = readings.filter(({ unit }) => unit === "value").map((one) => [one.reading, one[side]] as const);
  return { asked, answered, reading: Object.fromEntries(values.filter(([, value]) => value !== undefined)) };
}

/** It never showed another version. */
function nothingSeen(fromMs: Ms, toMs: Ms): UpdateWindow {
  const nothing = { asked: 0, answered: 0, reading: {} };
  return { fromMs, toMs, detail: "no other version was seen", before: nothing, after: nothing, restartsSince: 0 };
}
