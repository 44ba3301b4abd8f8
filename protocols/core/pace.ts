/**
 * Pacing by tokens: so many things a second, evenly, with no burst after a pause.
 */
import type { Clock } from "./time.ts";

export interface Pace {
  /** Waits until something may go, then says how many may go now: 1 to `most`. Rejects with the signal's reason when aborted. */
  take(most: number, signal: AbortSignal): Promise<number>;
}

/** Tokens saved up during a late timer: enough for a timer that fires 20 ms late, not enough to flood a receiver. */
const BURST_SECONDS = 0.02;

/**
 * @param perSecond  things per real second, whatever the clock's speed: it paces wires, not policy
 */
export function createPace(clock: Clock, perSecond: number): Pace {
  const long = 1_000_000;
  /** Clock milliseconds in a real one. */
  const factor = long / clock.toRealMs(long);
  const most = Math.max(1, perSecond * BURST_SECONDS);
  let tokens = 1;
  let lastMs = clock.nowMs();
  const refill = (): void => {
    const nowMs = clock.nowMs();
    // A wall clock set back must not stop the flow: it only costs the time that is lost.
    tokens = Math.min(most, tokens + (Math.max(0, nowMs - lastMs) / factor / 1000) * perSecond);
    lastMs = nowMs;
  };
  return {
    async take(wanted, signal) {
      signal.throwIfAborted();
      refill();
      while (tokens < 1) {
        await clock.sleep(factor * Math.max(1, ((1 - tokens) / perSecond) * 1000), signal);
        refill();
      }
      const given = Math.min(wanted, Math.floor(tokens));
      tokens -= given;
      return given;
    },
  };
}
