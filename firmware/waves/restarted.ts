/** Has a device started anew since a moment? Its uptime tells, as finely as it is told. Pure. */
import { DAY, HOUR, MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import type { TimedLook } from "./situation.ts";

/** Answers and rows are written a little later than what they tell of. A guess. */
const APART_MS: Ms = 10 * SECOND;
/** Clocks run apart by up to so much of the time that passes: 100 ppm, several times what a quartz does. A guess. */
const DRIFT_RATIO = 1 / 10_000;

/** False too where it does not tell its uptime, or where what it tells may be as old as that moment. */
export function hasRestarted({ uptimeSeconds, askedMs }: Pick<TimedLook, "uptimeSeconds" | "askedMs">, sinceMs: Ms): boolean {
  if (uptimeSeconds === undefined) return false;
  const passedMs = askedMs - sinceMs;
  const upMs = uptimeSeconds * SECOND;
  return upMs + grainOf(upMs) < passedMs - APART_MS - passedMs * DRIFT_RATIO;
}

/** Rooms tell it in whole minutes; in whole hours after days is a guess. Source: protocols/video.md (`uptime get`: `1 Hour, 10 Minutes`). */
function grainOf(upMs: Ms): Ms {
  if (upMs >= DAY && upMs % HOUR === 0) return HOUR;
  return upMs % MINUTE === 0 ? MINUTE : 0;
}
