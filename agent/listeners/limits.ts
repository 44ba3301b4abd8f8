/**
 * How much is listened to: per sender and overall. Pure but for what it remembers; a flood costs a look at a table.
 */
import { MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";

export type Heard = "taken" | "again" | "tooMany";

export interface Limits {
  /** One message of that sender, now. Only what is `taken` goes on. */
  take(sender: string, nowMs: Ms): Heard;
}

/** One reason per sender in this time: a talkative phone is asked no more often than a rooms' interval, and a flood of one says nothing new. */
export const PER_SENDER_MS: Ms = 30 * SECOND;
/** Messages taken in a second from all senders, in bursts of as many: a site of 10,000 that loses a switch sends a hundred. */
export const OVERALL_PER_SECOND = 100;
/** Senders remembered; whoever forges more makes us forget the oldest. */
const SENDERS_MAX = 20_000;

export function createLimits(): Limits {
  const lastMs = new Map<string, Ms>();
  let tokens = OVERALL_PER_SECOND;
  let filledMs: Ms | undefined;
  return {
    take(sender, nowMs) {
      const before = lastMs.get(sender);
      if (before !== undefined && nowMs - before < PER_SENDER_MS && nowMs >= before) return "again";
      const passedMs = Math.max(0, nowMs - (filledMs ?? nowMs));
      tokens = Math.min(OVERALL_PER_SECOND, tokens + (passedMs / SECOND) * OVERALL_PER_SECOND);
      filledMs = nowMs;
      if (tokens < 1) return "tooMany";
      tokens--;
      lastMs.delete(sender);
      lastMs.set(sender, nowMs);
      if (lastMs.size > SENDERS_MAX) forget(lastMs, nowMs);
      return "taken";
    },
  };
}

/** Those heard long ago first; where nobody is, the oldest. */
function forget(lastMs: Map<string, Ms>, nowMs: Ms): void {
  for (const [sender, atMs] of lastMs) {
    if (nowMs - atMs < MINUTE && lastMs.size <= SENDERS_MAX) return;
    lastMs.delete(sender);
  }
}
