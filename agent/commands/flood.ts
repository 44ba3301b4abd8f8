/** Sums repeated refusals: one audit row per reason and period, with a count of those that had none of their own. */

import { type Ms, SECOND } from "../../protocols/core/time.ts";
import type { RejectCode } from "./answer.ts";

/** Length of the period. */
export const FLOOD_PERIOD_MS: Ms = 10 * SECOND;

export interface FloodSum {
  /** @returns how many the row to write now stands for; `undefined` where this one is only summed */
  note(code: RejectCode, nowMs: Ms): number | undefined;
  /** Takes out the sums whose period is over. */
  due(nowMs: Ms): readonly { readonly code: RejectCode; readonly count: number }[];
}

/** Bounded by the list of codes. */
export function floodSum(): FloodSum {
  const seen = new Map<RejectCode, { rowAtMs: Ms; summed: number }>();
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
      const out: { code: RejectCode; count: number }[] = [];
      for (const [code, entry] of seen) {
        if (nowMs < entry.rowAtMs + FLOOD_PERIOD_MS) continue;
        if (entry.summed > 0) out.push({ code, count: entry.summed });
        seen.delete(code);
      }
      return out;
    },
  };
}
