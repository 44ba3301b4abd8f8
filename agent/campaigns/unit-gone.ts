/**
 * A unit that a person has swapped or retired is gone: what waits for it, and what keeps a place at risk for it, ends in that
 * person's name. What is in hand is not: it may be flashing, and is watched to its end first.
 */
import { isFinalCampaign } from "../../firmware/waves/campaign-state.ts";
import type { DriveStore } from "../../firmware/waves/ports.ts";
import { stepTask } from "../../firmware/waves/task.ts";
import { isAtRisk, isFinal, type TaskEvent } from "../../firmware/waves/task-state.ts";
import { Bug } from "../../protocols/core/fault.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import type { TaskRow } from "../../store/tasks.ts";

export interface UnitGone {
  readonly device: DeviceId;
  readonly by: string;
  readonly why: string;
  readonly atMs: Ms;
}

/** Those that end with it: lost or failed ones that are at risk, then those that wait. */
export function tasksThatEnd(device: DeviceId, { tasks, campaigns }: Pick<Store, "tasks" | "campaigns">): readonly TaskRow[] {
  const waiting = campaigns.list().flatMap(({ id, state }) => {
    // What waits in a campaign that has ended waits for nothing.
    if (isFinalCampaign(state)) return [];
    const open = tasks.ofCampaign(id).find((task) => task.device === device && !isFinal(task.state) && !isAtRisk(task.state));
    return open === undefined ? [] : [open];
  });
  return [...tasks.unproven().filter((task) => task.device === device), ...waiting];
}

/** Inside the transaction of the person's decision. */
export function endTasksOf(
  { device, by, why, atMs }: UnitGone,
  { store, drive }: { readonly store: Pick<Store, "tasks" | "campaigns">; readonly drive: Pick<DriveStore, "applyTask"> },
): void {
  for (const row of tasksThatEnd(device, store)) {
    const campaign = store.campaigns.load(row.campaign);
    const planned = campaign?.plan.tasks.find(({ id }) => id === row.id);
    if (campaign === undefined || planned === undefined) throw new Bug(`task ${row.id} is in no plan`);
    const event: TaskEvent = { kind: isFinal(row.state) ? "writtenOffByPerson" : "skippedByPerson", by, why };
    const step = stepTask(row.state, event, campaign.plan.policy, atMs);
    if ("ignored" in step) throw new Bug(`task ${row.id} is ${row.state.at} and does not end`);
    if (!drive.applyTask({ row, planned, event, next: step.next, atMs })) throw new Bug(`task ${row.id} changed inside a transaction`);
  }
}
