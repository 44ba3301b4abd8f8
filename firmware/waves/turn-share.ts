/**
 * Whom a turn asks of those that wait. Thousands of a wave may wait for a few slots: each turn goes on where the last one
 * stopped, and no more devices are looked at than may be taken. Pure.
 */
import type { TaskRow } from "./ports.ts";

/** So many of those that wait are decided about in one turn: some milliseconds. Measured. */
const WAITING_PER_TURN = 200;

/** Beside those there is room for, so many more are looked at at once: some are in use, and a silent one delays nobody. */
const LOOKS_BESIDE = 20;

/** Nobody has touched them and nothing of theirs runs out; the others are asked at every turn. */
const PATIENT: ReadonlySet<TaskRow["state"]["at"]> = new Set(["planned", "staged", "held"]);

export interface TurnShare {
  readonly tasks: readonly TaskRow[];
  /** For the next turn. */
  readonly from: number;
}

/** All that cannot wait, in their order, and the next of those that can. */
export function shareOf(tasks: readonly TaskRow[], from: number, most: number = WAITING_PER_TURN): TurnShare {
  const patient = tasks.filter(({ state }) => PATIENT.has(state.at));
  if (patient.length <= most) return { tasks, from: 0 };
  const start = from % patient.length;
  const chosen = new Set([...patient.slice(start), ...patient.slice(0, start)].slice(0, most));
  return { tasks: tasks.filter((task) => !PATIENT.has(task.state.at) || chosen.has(task)), from: start + most };
}

/** May one more device be looked at that nobody has touched? */
export function mayLook({
  looking,
  atRisk,
  atRiskMax,
}: {
  readonly looking: number;
  readonly atRisk: number;
  readonly atRiskMax: number;
}): boolean {
  return looking < Math.max(0, atRiskMax - atRisk) + LOOKS_BESIDE;
}
