/** How a task that ended badly is told, and what gives its slot back. */
import { showFault } from "../../protocols/core/fault.ts";
import { isoOf } from "../../protocols/core/time.ts";
import { isAtRisk, type TaskState } from "./task-state.ts";

export function endedWords(state: TaskState & { at: "failed" | "lost" }): string {
  if (state.at === "failed") return `${state.cause}: ${showFault(state.fault)}`;
  const { lastSign, seenWell } = state;
  return seenWell === undefined ? lastSign : `${lastSign}; seen well again on ${seenWell.version} at ${isoOf(seenWell.atMs)}`;
}

/** Who or what ends that it counts as at risk; absent where it does not. */
export function riskEndedBy(state: TaskState & { at: "failed" | "lost" }): { endedBy?: string } {
  return isAtRisk(state) ? { endedBy: "a look that shows it well again, or a person who writes it off" } : {};
}
