/**
 * What the account may still ask: known from the answers, kept until the points are filled up again.
 * Source: protocols/lens-and-portal.md 3.
 */
import type { Clock, Ms } from "../core/time.ts";
import type { Cost } from "./answer.ts";
import type { LensQuery } from "./query.ts";

export interface Spending {
  /** How long this question has to wait; 0 where it may go now. */
  waitMs(query: LensQuery<unknown>): Ms;
  /** What a question has cost; the next one like it is taken to cost the same. */
  note(query: LensQuery<unknown>, cost: Cost): void;
  /** Lens has asked for silence. */
  hold(lengthMs: Ms): void;
}

export function createSpending(clock: Clock): Spending {
  const costs = new Map<string, number>();
  let points: { readonly remaining: number; readonly half: number; readonly resetAtMs: Ms } | undefined;
  let quietUntilMs: Ms = 0;
  return {
    waitMs(query) {
      const nowMs = clock.nowMs();
      const quietMs = Math.max(0, quietUntilMs - nowMs);
      if (query.open === true || points === undefined) return quietMs;
      const least = Math.max(costs.get(query.name) ?? 1, query.modest === true ? points.half : 0);
      return Math.max(quietMs, points.remaining < least ? points.resetAtMs - nowMs : 0);
    },
    note(query, { ofThis, used, remaining, resetAfterMs }) {
      points = { remaining, half: (used + remaining) / 2, resetAtMs: clock.nowMs() + resetAfterMs };
      costs.set(query.name, ofThis);
    },
    hold(lengthMs) {
      quietUntilMs = clock.nowMs() + lengthMs;
    },
  };
}
