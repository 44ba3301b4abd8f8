/**
 * Devices that were lost, or ended unwell, keep their place at risk until they were seen well: they are looked at again, at once where
 * anything heard of them, and else at a slow pace. For as long as it takes: a campaign that has ended keeps their places too.
 */
import { isDue, returnOf } from "../../firmware/waves/late.ts";
import type { DriveDevices, DriveStore } from "../../firmware/waves/ports.ts";
import { stepTask } from "../../firmware/waves/task.ts";
import { legOf } from "../../firmware/waves/task-state.ts";
import type { TaskId } from "../../protocols/core/ids.ts";
import type { Clock, Ms } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import type { TaskRow } from "../../store/tasks.ts";
import { tryLoad } from "./under-way.ts";

export interface ReturnWatchIo {
  readonly store: Pick<Store, "campaigns" | "tasks" | "attempts">;
  readonly rows: Pick<DriveStore, "applyTask" | "seenMs">;
  readonly look: DriveDevices["look"];
  readonly clock: Clock;
  /** A place is free. */
  readonly wake: () => void;
}

export interface ReturnWatch {
  /** One pass; a few looks at most. */
  turn(signal: AbortSignal): Promise<void>;
}

/** Looks of one pass, one after the other. Those that were heard of go first: the others cost a time-out each. */
const LOOKS_MAX = 5;

export function createReturnWatch({ store, rows, look, clock, wake }: ReturnWatchIo): ReturnWatch {
  /** Only a pace: after a restart each is looked at once more. */
  const lookedMs = new Map<TaskId, Ms>();

  const due = (): readonly TaskRow[] => {
    const nowMs = clock.nowMs();
    const unproven = store.tasks.unproven();
    const ids = new Set(unproven.map(({ id }) => id));
    for (const id of lookedMs.keys()) if (!ids.has(id)) lookedMs.delete(id);
    const known = unproven.map((task) => ({ task, looked: lookedMs.get(task.id) ?? 0, seen: rows.seenMs(task.device) ?? 0 }));
    return known
      .filter(({ task, seen }) => isDue({ lookedMs: lookedMs.get(task.id), seenMs: seen }, nowMs))
      .toSorted((a, b) => Number(b.seen > b.looked) - Number(a.seen > a.looked) || a.looked - b.looked)
      .map(({ task }) => task)
      .slice(0, LOOKS_MAX);
  };

  const lookAt = async (task: TaskRow, signal: AbortSignal): Promise<void> => {
    // Before all else: whatever comes of this one, the others have their turn.
    const askedMs = clock.nowMs();
    lookedMs.set(task.id, askedMs);
    const campaign = tryLoad(task.campaign, store.campaigns);
    if (campaign === undefined || typeof campaign === "string") return;
    const planned = campaign.plan.tasks.find(({ id }) => id === task.id);
    if (planned === undefined) return;
    const seen = await look(task.device, signal);
    const atMs = clock.nowMs();
    // Once more: what the look itself brought to the inventory is no news.
    lookedMs.set(task.id, atMs);
    const last = store.attempts.ofTask(task.id).at(-1);
    const leg = Math.min(legOf(task.state, 0), planned.legs.length - 1);
    const event = returnOf({ ...seen, askedMs }, { planned, leg, baseline: last?.baseline, signs: last ?? {} });
    const step = event === undefined ? undefined : stepTask(task.state, event, campaign.plan.policy, atMs);
    if (event === undefined || step === undefined || "ignored" in step) return;
    // A person may have written it off while it was asked; then the row has moved on, and nothing is written.
    if (rows.applyTask({ row: task, planned, event, next: step.next, atMs })) wake();
  };

  return {
    async turn(signal) {
      for (const task of due()) {
        if (signal.aborted) return;
        await lookAt(task, signal);
      }
    },
  };
}
