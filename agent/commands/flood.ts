/** Sums repeated refusals: one audit row per reason and period, with a count of those that had none of their own. */
import {          SECOND } from "../../protocols/core/time.ts";

/** Length of the period. */
export const FLOOD_PERIOD_MS     = 10 * SECOND;

/** Bounded by the list of codes. */
export function floodSum()           {
  const seen = new Map                                             ();
  return {
    note(code, nowMs) {
      const entry = seen.get(code);
      // A clock that went backwards must not silence the audit.
      if (entry !== undefined && nowMs >= entry.rowAtMs && nowMs < entry.rowAtMs + FLOOD_PERIOD_MS) {
        entry.summed++;
        return undefined;
      }
      seen.set(code, { rowAtMs: nowMs, summed: 0 });
      return 1 + (entry?.summed ?? 0);
    },
    due(nowMs) {
      const out                                        = [];
      for (const [code, entry] of seen) {
        if (nowMs < entry.rowAtMs + FLOOD_PERIOD_MS) continue;
        if (entry.summed > 0) out.push({ code, count: entry.summed });
        seen.delete(code);
      }
      return out;
    },
  };
}

