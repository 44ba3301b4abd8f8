/** What it takes to go back. Pure. */
import type { Edge } from "../release.ts";
import type { PlannedTask } from "./shape.ts";

export type Reversibility = Edge["reversibility"];

const RANK: Readonly<Record<Reversibility, number>> = { in_place: 0, needs_reset: 1, one_way: 2 };

/** Of a task: that of its hardest step. */
export function reversibilityOf({ legs }: Pick<PlannedTask, "legs">): Reversibility {
  const steps = legs.map(({ edge }) => edge.reversibility);
  return steps.reduce((hardest, one) => (RANK[one] > RANK[hardest] ? one : hardest));
}

/** How many tasks can go back how. */
export function tallyReversibility(tasks: readonly Pick<PlannedTask, "legs">[]): Readonly<Record<Reversibility, number>> {
  const counts: Record<Reversibility, number> = { in_place: 0, needs_reset: 0, one_way: 0 };
  for (const task of tasks) counts[reversibilityOf(task)]++;
  return counts;
}
