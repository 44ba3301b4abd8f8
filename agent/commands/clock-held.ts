/**
 * Does a time server hold the system's clock? Asked of the files that systemd-timesyncd keeps. Other time services say so over
 * sockets of their own, and where none runs nobody says anything: then it is not known, and nothing is claimed.
 */
import { lstatSync } from "node:fs";
import { join } from "node:path";
import { HOUR, isoOf, MINUTE, type Ms } from "../../protocols/core/time.ts";

/** `why`: in words, for whoever is refused or asks. */
export type ClockHeld =
  | { readonly is: "yes"; readonly answeredMs: Ms }
  | { readonly is: "no"; readonly why: string }
  | { readonly is: "unknown"; readonly why: string };

/** There while the service runs. Source: systemd-timesyncd.service(8), "Files". */
export const TIMESYNC_FOLDER = "/run/systemd/timesync";
/** Touched on each successful synchronisation, since systemd 239. Source: systemd-timesyncd.service(8), "Files". */
const ANSWERED = "synchronized";
/** Three of the longest waits between two questions, some 34 min where nobody sets another. Source: timesyncd.conf(5), PollIntervalMaxSec. */
const ANSWERS_WITHIN_MS: Ms = 2 * HOUR;
/** The clock is slewed between two answers; further ahead means that it was set back since. */
const AHEAD_MS: Ms = MINUTE;

export function clockHeld(nowMs: Ms, folder = TIMESYNC_FOLDER): ClockHeld {
  if (timeOf(folder) === undefined) return { is: "unknown", why: "systemd-timesyncd does not run here, and others are not asked" };
  const answeredMs = timeOf(join(folder, ANSWERED));
  if (answeredMs === "unreadable") return { is: "unknown", why: "what systemd-timesyncd keeps cannot be read" };
  if (answeredMs === undefined) return { is: "no", why: "systemd-timesyncd runs, and no time server has answered it yet" };
  const answered = isoOf(answeredMs);
  if (answeredMs > nowMs + AHEAD_MS)
    return { is: "no", why: `a time server answered at ${answered}, which is still to come by this clock` };
  if (answeredMs < nowMs - ANSWERS_WITHIN_MS) return { is: "unknown", why: `the last answer of a time server came at ${answered}` };
  return { is: "yes", answeredMs };
}

/** When it was last changed; `undefined` where there is no such file. */
function timeOf(path: string): Ms | "unreadable" | undefined {
  try {
    const seen = lstatSync(path, { throwIfNoEntry: false });
    return seen === undefined ? undefined : Math.round(seen.mtimeMs);
  } catch {
    return "unreadable";
  }
}
