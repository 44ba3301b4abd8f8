/**
 * Where one device of a campaign stands, and what can happen to it.
 *
 * Every attempt passes `reserved` (a slot of the at-risk budget is taken) and `commanded` (the intent is on disk
 * before anything is sent). Whatever was touched when the agent went down becomes `unknown` at the next start, and an
 * unknown task is looked at before anything else happens to it.
 */

/** Why a task waits, since when, until when or by whom it ends. */

/** One try at one device. The token names it everywhere: command, offer, image address, reservation. */

/** The signature under which failures are grouped into one cause. */

/** Attempts already spent on a task in this state. */
export function attemptsSpent(state           )         {
  if ("attempt" in state) return state.attempt.number;
  return "tries" in state ? state.tries : 0;
}

export function isFinal(state           )          {
  switch (state.at) {
    case "succeeded":
    case "skipped":
    case "refused":
    case "failed":
    case "lost":
      return true;
    default:
      return false;
  }
}

/** Counts against the at-risk budget: we may have broken it and have not seen it healthy since. */
export function isAtRisk(state           )          {
  switch (state.at) {
    case "reserved":
    case "commanded":
    case "applying":
    case "rebooting":
    case "verifying":
    case "soaking":
    case "unknown":
    case "lost":
      return true;
    case "failed":
      return !state.seenHealthy;
    default:
      return false;
  }
}

/** The device may be flashing: it is watched to the end, never abandoned half way, and never commanded. */
export function isMidFlash(state           )          {
  // After a restart nobody knows yet whether the flash is over.
  const at = state.at === "unknown" ? state.was : state.at;
  return at === "applying" || at === "rebooting";
}

//# sourceURL=file:///work/main/firmware/waves/task-state.ts