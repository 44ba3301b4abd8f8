/**
 * A campaign's view that fits a message, however many devices it has: of tasks those that somebody may have to do something about
 * come first, and what is left out is counted. Pure.
 */
import type { TaskState } from "../../firmware/waves/task-state.ts";
import { fitting } from "./plan-summary.ts";
import type { TaskView } from "./task-view.ts";
import type { CampaignView } from "./view.ts";

/** Of the devices that are left out of a plan at most this part of what is left of the answer. */
const HELD_BACK_PART = 0.25;

/** Failures first, then what is under way, what waits, and what has nothing to say. */
const RANK: Readonly<Record<TaskState["at"], number>> = {
  ...{ failed: 0, lost: 0, revertFailed: 0, refused: 1 },
  ...{ reserved: 2, commanded: 2, applying: 2, rebooting: 2, verifying: 2, soaking: 2, unknown: 2, failedRetryable: 2, reverting: 2 },
  ...{ deferred: 3, armed: 3, held: 4, staged: 5, planned: 6, skipped: 7, replaced: 7, reverted: 7, succeeded: 8 },
};

/** @param bytesMax of the view as JSON; what it has beside its devices is never cut */
export function fitView(view: CampaignView, bytesMax: number): CampaignView {
  if (bytesOf(view) <= bytesMax) return view;
  const room = bytesMax - bytesOf({ ...view, tasks: [], heldBack: [] });
  const heldBack = fitting(view.heldBack, room * HELD_BACK_PART);
  const byRank = view.tasks.toSorted((a: TaskView, b: TaskView) => RANK[a.at] - RANK[b.at]);
  const tasks = fitting(byRank, room - bytesOf(heldBack));
  return {
    ...{ ...view, tasks, heldBack },
    ...(tasks.length === view.tasks.length ? {} : { tasksLeft: view.tasks.length - tasks.length }),
    ...(heldBack.length === view.heldBack.length ? {} : { heldBackLeft: view.heldBack.length - heldBack.length }),
  };
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));
