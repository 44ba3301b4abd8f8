/** What it takes to go back. Pure. */
import type { Edge } from "../release.ts";
import type { PlannedTask } from "./shape.ts";
import type { TaskState } from "./task-state.ts";

export type Reversibility = Edge["reversibility"];

const RANK: Readonly<Record<Reversibility, number>> = { in_place: 0, needs_reset: 1, one_way: 2 };

export const worse = (a: Reversibility, b: Reversibility): Reversibility => (RANK[b] > RANK[a] ? b : a);

/** Of a task: that of its hardest step. */
export function reversibilityOf({ legs }: Pick<PlannedTask, "legs">): Reversibility {
  return legs.map(({ edge }) => edge.reversibility).reduce(worse);
}

/** How many tasks can go back how. */
export function tallyReversibility(tasks: readonly Pick<PlannedTask, "legs">[]): Readonly<Record<Reversibility, number>> {
  const counts: Record<Reversibility, number> = { in_place: 0, needs_reset: 0, one_way: 0 };
  for (const task of tasks) counts[reversibilityOf(task)]++;
  return counts;
}

/** May a rollback take the device in hand? Not while it may be flashing, and not what this task did not change. */
export function mayRevert(state: TaskState): boolean {
  switch (state.at) {
    case "verifying":
    case "soaking":
    case "skipped":
    case "refused":
    case "failed":
    case "lost":
    case "revertFailed":
      return true;
    case "succeeded":
      return state.how === "updated";
    default:
      return false;
  }
}
