/**
 * Is it there? `online → suspect → offline`, one step per missed ask. Pure.
 */

export type Availability = "online" | "suspect" | "offline" | "unknown";

/** Missed asks in a row that make a device offline; one lost answer makes it only suspect. */
export const MISSES_TO_OFFLINE = 3;

/** The state after an ask, from the number of misses in a row including this one (0 when it answered). */
export function availabilityAfter(before: Availability, misses: number): Availability {
  if (misses === 0) return "online";
  // After a restart the count begins anew; what was offline is so until it answers.
  if (before === "offline") return "offline";
  if (before === "unknown") return misses >= MISSES_TO_OFFLINE ? "offline" : "unknown";
  return misses >= MISSES_TO_OFFLINE ? "offline" : "suspect";
}
