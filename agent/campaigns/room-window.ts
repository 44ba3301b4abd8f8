/**
 * The window of a campaign as a room's own settings say it: from now to the end of what the site allows. Pure.
 */
import type { Calendar } from "../../firmware/waves/policy.ts";
import { windowAt } from "../../firmware/waves/window.ts";
import { HOUR, type Ms } from "../../protocols/core/time.ts";
import type { UpdateOrder } from "../../protocols/families/family.ts";

/** A room that has not asked by then is told anew: none is left with a window of a whole day. Judgement. */
const LONGEST_HOURS = 12;

/**
 * In the room's local time where it tells its offset, else in the site's. Whole hours, and at least one: a room's own window may end
 * after the site's, but what it would fetch is there only as long as its attempt.
 */
export function roomWindow(calendar: Calendar, nowMs: Ms, timeOffsetMs: Ms | undefined): UpdateOrder["window"] {
  const state = windowAt(calendar, nowMs);
  const leftHours = "openUntilMs" in state ? Math.floor((state.openUntilMs - nowMs) / HOUR) : 1;
  const atMs = Math.floor(nowMs) + (timeOffsetMs ?? 0);
  const local = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeOffsetMs === undefined ? calendar.zone : "UTC");
  return {
    start: local.toPlainTime().toString({ smallestUnit: "minute", roundingMode: "floor" }),
    hours: Math.min(LONGEST_HOURS, Math.max(1, leftHours)),
  };
}
