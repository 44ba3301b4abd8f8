/**
 * An end to servers that send a byte now and then: how much came in the time that was spent waiting for it. Pure.
 */
import { MINUTE, type Ms } from "../../protocols/core/time.ts";

/** Time spent waiting for bytes, and what came in it, since the window began. Our own cap holds us back elsewhere: that does not count. */
export interface Trickle {
  readonly waitedMs: Ms;
  readonly bytes: number;
}

export const NO_TRICKLE: Trickle = { waitedMs: 0, bytes: 0 };
export const TRICKLE_WINDOW_MS: Ms = MINUTE;
/** One kilobyte a second: an eighth of a line with 64 kbit/s, and a 70 MB image within a day. Judgement. */
export const TRICKLE_BYTES = 60_000;

/** The window after one more wait; `undefined` when a whole window brought too little. */
export function stepTrickle(before: Trickle, waitedMs: Ms, bytes: number): Trickle | undefined {
  // A clock that went back is no reason to be patient for ever, nor one to give up.
  const after = { waitedMs: before.waitedMs + Math.max(0, waitedMs), bytes: before.bytes + bytes };
  if (after.bytes >= TRICKLE_BYTES) return NO_TRICKLE;
  return after.waitedMs >= TRICKLE_WINDOW_MS ? undefined : after;
}
