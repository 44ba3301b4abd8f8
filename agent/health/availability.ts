/**
 * Is it there? `online → suspect → offline`, one step per missed ask; and how much it comes and goes. Pure.
 */
import type { Ms } from "../../protocols/core/time.ts";
import type { WhenOf } from "./rules-schema.ts";

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

/** Did it go away just now? One that was never reached did not. */
export function wentAway(before: Availability, after: Availability): boolean {
  return after === "offline" && (before === "online" || before === "suspect");
}

/** What a device's coming and going weighs, as of `atMs`; it halves with time. */
export interface Flaps {
  readonly penalty: number;
  readonly atMs: Ms;
  /** Times away since it was last calm. */
  readonly count: number;
}

export type FlapLimits = Omit<WhenOf<"flapping">, "kind">;

/** Penalty for one time away. Source: RFC 2439, where a withdrawn route costs 1 and limits are in its multiples. */
const AWAY = 1_000;
/** Below this share of the lower limit nothing is left to remember. Source: RFC 2439, whose routers forget at half the reuse threshold. */
const FORGOTTEN = 0.5;

/** What the penalty has come down to by now. */
export function penaltyAt({ penalty, atMs }: Flaps, nowMs: Ms, { halfLife }: FlapLimits): number {
  return penalty * 2 ** (-Math.max(0, nowMs - atMs) / halfLife);
}

/** It went away once more. `most` bounds how long calm takes: log2(most / close) half-lives. */
export function flapsAfter(before: Flaps | undefined, nowMs: Ms, limits: FlapLimits): Flaps {
  const left = before === undefined ? 0 : penaltyAt(before, nowMs, limits);
  const isNew = before === undefined || left < limits.close * FORGOTTEN;
  return { penalty: Math.min(limits.most, left + AWAY), atMs: nowMs, count: isNew ? 1 : before.count + 1 };
}

/** Above the upper limit it flaps, below the lower one it is calm; between them it stays what it was. */
export function flapping(flaps: Flaps | undefined, nowMs: Ms, limits: FlapLimits): "bad" | "good" | "between" {
  const left = flaps === undefined ? 0 : penaltyAt(flaps, nowMs, limits);
  if (left >= limits.open) return "bad";
  return left < limits.close ? "good" : "between";
}
