/** How much a desk is asked: calls per minute, pauses it asked for, and a breaker. In memory: after a restart it starts anew. */
import { MINUTE,          SECOND } from "../../protocols/core/time.ts";

/** Failures in a row after which the desk is left alone for a while. */
const BREAK_AFTER = 5;
const BREAK_MIN_MS     = 30 * SECOND;
const BREAK_MAX_MS     = 15 * MINUTE;

export function throttle(callsPerMinute        )           {
  let calls       = [];
  let failures = 0;
  let pausedUntilMs     = 0;
  let lastWorkedAtMs                ;
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

function breakMs(failures        )     {
  return Math.min(BREAK_MAX_MS, BREAK_MIN_MS * 2 ** (failures - BREAK_AFTER));
}

