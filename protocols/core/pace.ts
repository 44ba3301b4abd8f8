/**
 * Pacing by tokens: so many things a second, evenly, with no burst after a pause.
 */
import type { Clock } from "./time.ts";

export interface Pace {
  /** Waits until something may go, then says how many may go now: 1 to `most`. Rejects with the signal's reason when aborted. */
  take(most: number, signal: AbortSignal): Promise<number>;
  /** Takes that many whatever is there; what is owed delays the next `take`. For things that cost more than one, after a `take(1)`. */
  charge(count: number): void;
  /** From now on. */
  setRate(perSecond: number): void;
}

/** Tokens saved up during a late timer: enough for a timer that fires 20 ms late, not enough to flood a receiver. */
const BURST_SECONDS = 0.02;

/**
 * @param perSecond  things per real second, whatever the clock's speed: it paces wires, not policy; `Infinity` for no limit
 */
export function createPace(clock: Clock, perSecond: number): Pace {
  const long = 1_000_000;
  /** Clock milliseconds in a real one. */
  const factor = long / clock.toRealMs(long);
  let rate = perSecond;
  let tokens = 1;
  let lastMs = clock.nowMs();
  const refill = (): void => {
    const nowMs = clock.nowMs();
    // A wall clock set back must not stop the flow: it only costs the time that is lost.
    const earned = (Math.max(0, nowMs - lastMs) / factor / 1000) * rate;
    tokens = Math.min(Math.max(1, rate * BURST_SECONDS), tokens + earned);
    lastMs = nowMs;
  };
  return {
    async take(wanted, signal) {
      signal.throwIfAborted();
      if (rate === Number.POSITIVE_INFINITY) {
        return wanted;
      }
      refill();
      while (tokens < 1) {
        await clock.sleep(factor * Math.max(1, ((1 - tokens) / rate) * 1000), signal);
        refill();
      }
      const given = Math.min(wanted, Math.floor(tokens));
      tokens -= given;
      return given;
    },
    charge(count) {
      tokens -= count;
    },
    setRate(next) {
      if (rate !== Number.POSITIVE_INFINITY) refill();
      rate = next;
    },
  };
}
