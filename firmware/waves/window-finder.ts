/** A site's openings asked for many times over, forth and back in time. Pure. */
import type { Ms } from "../../protocols/core/time.ts";
import type { Calendar } from "./policy.ts";
import { type Opening, openingAround } from "./window.ts";

export interface WindowFinder {
  /** The earliest start at or after a moment from which the site stays open for so long. */
  openFrom(atMs: Ms, needMs: Ms): Ms;
  /** The opening that is on, else the next one; `undefined` where none opens any more. */
  around(atMs: Ms): Opening | undefined;
}

/** Windows asked for one start; a step that fits none of them is laid out at the last opening looked at, half a year ahead or more. */
const WINDOWS_TRIED = 400;

/**
 * Remembers each opening it has looked for, and the least need that fits none, so that a plan that can never start is not looked
 * for again task by task.
 */
export function windowFinder(calendar: Calendar): WindowFinder {
  /** `sinceMs`: from when on it is the answer. */
  const known: { sinceMs: Ms; readonly opening: Opening }[] = [];
  let last = 0;
  let fitsNoneMs = Number.POSITIVE_INFINITY;
  let farMs = Number.NEGATIVE_INFINITY;
  const around = (atMs: Ms): Opening | undefined => {
    const holds = (at: number): boolean => {
      const one = known[at];
      return one !== undefined && one.sinceMs <= atMs && atMs < one.opening.toMs;
    };
    if (holds(last)) return known[last]?.opening;
    const found = known.findIndex((_, at) => holds(at));
    if (found >= 0) {
      last = found;
      return known[found]?.opening;
    }
    const opening = openingAround(calendar, atMs);
    if (opening === undefined) return undefined;
    const same = known.find((one) => one.opening.toMs === opening.toMs && one.opening.fromMs === opening.fromMs);
    if (same === undefined) last = known.push({ sinceMs: atMs, opening }) - 1;
    else same.sinceMs = Math.min(same.sinceMs, atMs);
    return opening;
  };
  return {
    around,
    openFrom(atMs, needMs) {
      if (needMs >= fitsNoneMs) return Math.max(atMs, farMs);
      let openingMs = atMs;
      let startMs = atMs;
      for (let tries = 0; tries < WINDOWS_TRIED; tries++) {
        const opening = around(startMs);
        if (opening === undefined) break;
        startMs = Math.max(startMs, opening.fromMs);
        if (startMs + needMs <= opening.toMs) return startMs;
        openingMs = startMs;
        startMs = opening.toMs;
      }
      fitsNoneMs = needMs;
      farMs = openingMs;
      return farMs;
    },
  };
}
