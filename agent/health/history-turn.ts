/**
 * Keeps history small and whole: sums days up, keeps readings around changes. The history thread reads and counts; here its
 * answers are written, a bounded piece at a time, so that catching up after days away delays nobody.
 */
import type { Clock } from "../../protocols/core/time.ts";
import type { History } from "../../store/history/readings.ts";
import type { Thread } from "../threads/channel.ts";
import type { HistoryRequests } from "../threads/requests.ts";

export interface HistoryTurnIo {
  readonly history: Pick<History, "rollUps" | "changes">;
  readonly thread: Pick<Thread<HistoryRequests>, "ask">;
  readonly clock: Clock;
}

/** Steps of a turn: 2,000 devices, some seconds of the history thread. A turn a minute sums up a day of 10,000 in five. */
const STEPS_MAX = 20;

/** @returns what was done */
export async function historyTurn(io: HistoryTurnIo, signal: AbortSignal): Promise<{ readonly rolled: number; readonly kept: number }> {
  const kept = await keepRecordings(io, signal);
  let rolled = 0;
  while (rolled < STEPS_MAX && !signal.aborted) {
    const step = io.history.rollUps.next(io.clock.nowMs());
    if (step === undefined) break;
    if (!io.history.rollUps.put(await io.thread.ask("roll", step, signal))) break; // somebody else is at it
    rolled++;
  }
  return { rolled, kept };
}

/** Rounds of a turn, 20 changes each: a campaign over a large site leaves thousands in an hour. */
const ROUNDS_MAX = 25;

async function keepRecordings({ history, thread, clock }: HistoryTurnIo, signal: AbortSignal): Promise<number> {
  let kept = 0;
  for (let round = 0; round < ROUNDS_MAX && !signal.aborted; round++) {
    const { recordings, surplus } = await thread.ask("recordings", { nowMs: clock.nowMs() }, signal);
    for (const { closes, ...recording } of recordings) history.changes.keep(recording, closes);
    if (surplus.length > 0) history.changes.forget(surplus);
    if (recordings.length === 0 && surplus.length === 0) break;
    kept += recordings.length;
  }
  return kept;
}
