import { type Budget, overBudget } from "./budget.ts";
import type { Fault, Transport } from "./fault.ts";

/** Did the caller end it by a time limit of its own, rather than by stopping the work? */
function timedOut(signal: AbortSignal): boolean {
  return signal.reason instanceof DOMException && signal.reason.name === "TimeoutError";
}

/**
 * The fault of an ask that was cut off.
 *
 * @param ask.parent  the caller's signal: its stop is `cancelled`, its own time limit counts as silence
 * @param ask.heard   true where anything had been received: a trickle is over budget, silence is `unreachable`
 */
export function faultOfAbort(via: Transport, ask: { parent: AbortSignal; budget: Budget; heard: boolean }): Fault {
  if (ask.parent.aborted && !timedOut(ask.parent)) return { kind: "cancelled", by: "shutdown" };
  if (ask.heard) return overBudget(via, "time", ask.budget.timeMs);
  return { kind: "unreachable", via, detail: "silent until the time limit" };
}
