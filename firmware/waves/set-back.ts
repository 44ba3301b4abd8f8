/**
 * Clocks that are set back: noticed within one life of the agent, and over all of them by the latest time ever noted.
 */
import type { Clock, Ms } from "../../protocols/core/time.ts";
import type { PlaceTimes } from "./time-holds.ts";

export interface LatestTime extends PlaceTimes {
  /** Reads what was noted; once per turn, as it is a row. */
  refresh(): void;
}

/** What this clock shows counts at once, not only when it is noted the next time. */
export function neverBack(times: PlaceTimes, clock: Clock): LatestTime {
  let highestMs = 0;
  let notedMs = 0;
  const seen = (atMs: Ms): Ms => {
    highestMs = Math.max(highestMs, atMs);
    return highestMs;
  };
  return {
    usage: (device) => times.usage(device),
    calendar: (room) => times.calendar(room),
    highestMs: () => seen(clock.nowMs()),
    refresh() {
      const nowNotedMs = times.highestMs();
      // What is noted falls only where a person has accepted the clock as it is: what was seen before counts no more. 0 is no note.
      if (nowNotedMs > 0 && nowNotedMs < notedMs) highestMs = 0;
      notedMs = nowNotedMs;
      seen(nowNotedMs);
    },
  };
}

/** The same clock; tells when it shows less than it showed before. */
export function watchedClock(clock: Clock, onBack: () => void): Clock {
  let shownMs = clock.nowMs();
  const nowMs = (): Ms => {
    const atMs = clock.nowMs();
    if (atMs < shownMs) onBack();
    shownMs = atMs;
    return atMs;
  };
  return { nowMs, sleep: (lengthMs, signal) => clock.sleep(lengthMs, signal), toRealMs: (lengthMs) => clock.toRealMs(lengthMs) };
}
