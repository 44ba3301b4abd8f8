/** How much a desk is asked: calls per minute, pauses it asked for, and a breaker. In memory: after a restart it starts anew. */
import { MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";

/** Failures in a row after which the desk is left alone for a while. */
const BREAK_AFTER = 5;
const BREAK_MIN_MS: Ms = 30 * SECOND;
const BREAK_MAX_MS: Ms = 15 * MINUTE;

/** Says when one desk may be asked. Every call that was taken ends with `worked`, `failed` or `pause`. */
export interface Throttle {
  /** May a call go out now? Counts it where it may. */
  take(nowMs: Ms): boolean;
  /** The desk answered. */
  worked(nowMs: Ms): void;
  /** No clear answer came; several in a row open the breaker. */
  failed(nowMs: Ms): void;
  /** The desk asked for a pause. */
  pause(untilMs: Ms): void;
  readonly pausedUntilMs: Ms;
  /** `undefined` until the desk has answered once. */
  readonly lastWorkedAtMs: Ms | undefined;
}

export function throttle(callsPerMinute: number): Throttle {
  let calls: Ms[] = [];
  let failures = 0;
  let pausedUntilMs: Ms = 0;
  let lastWorkedAtMs: Ms | undefined;
  return {
    take(nowMs) {
      if (nowMs < pausedUntilMs) return false;
      calls = calls.filter((atMs) => atMs > nowMs - MINUTE);
      if (calls.length >= callsPerMinute) return false;
      // After a break one call probes; the rest follow once it worked.
      if (failures >= BREAK_AFTER) pausedUntilMs = nowMs + breakMs(failures);
      calls.push(nowMs);
      return true;
    },
    worked(nowMs) {
      if (failures >= BREAK_AFTER) pausedUntilMs = nowMs;
      failures = 0;
      lastWorkedAtMs = nowMs;
    },
    failed(nowMs) {
      failures++;
      if (failures >= BREAK_AFTER) pausedUntilMs = Math.max(pausedUntilMs, nowMs + breakMs(failures));
    },
    pause(untilMs) {
      pausedUntilMs = Math.max(pausedUntilMs, untilMs);
    },
    get pausedUntilMs() {
      return pausedUntilMs;
    },
    get lastWorkedAtMs() {
      return lastWorkedAtMs;
    },
  };
}

function breakMs(failures: number): Ms {
  return Math.min(BREAK_MAX_MS, BREAK_MIN_MS * 2 ** (failures - BREAK_AFTER));
}
