/**
 * Whom a turn moves: everybody who is touched, and of those that wait only so many that the turn stays short; the next one goes on with
 * the others.
 */
import type { CampaignId } from "../../protocols/core/ids.ts";
import type { TaskRow } from "./ports.ts";
import { isAtRisk } from "./task-state.ts";

/** Of those that wait: a row written costs some 20 times what an answer does that changes nothing. */
const WRITTEN_MAX = 50;
const ASKED_MAX = 200;

export interface TurnTasks {
  /**
   * @param mayWait true where a task that nobody has touched need not be asked now
   * @param ask moves one as far as it goes without waiting
   * @returns true where some are left for the next turn
   */
  move(campaign: CampaignId, tasks: readonly TaskRow[], mayWait: (task: TaskRow) => boolean, ask: (task: TaskRow) => void): boolean;
  /** Tells of a row that was written. */
  written(): void;
}

export function createTurnTasks(): TurnTasks {
  /** Where the next turn goes on among those that wait. */
  const from = new Map<CampaignId, number>();
  let rows = 0;
  return {
    written: () => void rows++,
    move(campaign, tasks, mayWait, ask) {
      const waiting: TaskRow[] = [];
      for (const task of tasks) {
        if (isAtRisk(task.state)) ask(task);
        else if (!mayWait(task)) waiting.push(task);
      }
      rows = 0;
      const start = Math.min(from.get(campaign) ?? 0, waiting.length);
      const inTurn = [...waiting.slice(start), ...waiting.slice(0, start)];
      let asked = 0;
      for (const task of inTurn) {
        if (asked >= ASKED_MAX || rows >= WRITTEN_MAX) break;
        ask(task);
        asked++;
      }
      from.set(campaign, asked < inTurn.length ? (start + asked) % inTurn.length : 0);
      return asked < inTurn.length;
    },
  };
}
