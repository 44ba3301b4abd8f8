/**
 * Which attempts that failed without harm are made again, by themselves or for a person, and after which wait. Pure.
 */
import { createHash } from "node:crypto";
import type { Fault } from "../../protocols/core/fault.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { HOUR, type Ms } from "../../protocols/core/time.ts";
import type { WavePolicy } from "./policy.ts";
import type { Attempt, FailureCause, TaskState } from "./task-state.ts";

export interface RetryRule {
  /** The policy's wait times this, after the first attempt. */
  readonly firstTimes: number;
  /** Each further wait is so many times the one before it. */
  readonly growth: number;
}

/** `never`: the same again would do harm, or end alike. */
const BY_FAULT: Readonly<Record<Fault["kind"], RetryRule | "never">> = {
  unreachable: { firstTimes: 1, growth: 2 },
  busy: { firstTimes: 1, growth: 1 },
  stalled: { firstTimes: 1, growth: 2 },
  overBudget: { firstTimes: 1, growth: 2 },
  /** It said no for now, in words of its own. */
  refused: { firstTimes: 1, growth: 2 },
  garbled: { firstTimes: 2, growth: 2 },
  /** What it says itself; see `waitMs`. */
  lockedOut: { firstTimes: 2, growth: 2 },
  cancelled: { firstTimes: 1, growth: 1 },
  /** A log-in that was turned away locks the owner out when it is tried on. */
  denied: "never",
  off: "never",
  impostor: "never",
  mismatch: "never",
};

/** No wait is longer, whatever it grew to. */
export const RETRY_WAIT_MAX_MS: Ms = 6 * HOUR;
/** Devices that failed together do not come again together: each waits at least so much of its time. */
const JITTER_FROM = 0.8;

/** When the next attempt may begin; `undefined` where none is made by itself. The same attempt always has the same wait. */
export function retryWaitMs(attempt: Attempt, fault: Fault, policy: Pick<WavePolicy, "retryAfter">): Ms | undefined {
  const rule = BY_FAULT[fault.kind];
  if (rule === "never") return undefined;
  const grownMs = policy.retryAfter * rule.firstTimes * rule.growth ** Math.max(0, attempt.number - 1);
  const share = JITTER_FROM + (1 - JITTER_FROM) * seededRandom(seedOf(attempt.token)).next();
  const waitMs = Math.round(Math.min(grownMs, RETRY_WAIT_MAX_MS) * share);
  return fault.kind === "lockedOut" ? Math.max(waitMs, fault.retryAfterMs) : waitMs;
}

const seedOf = (token: string): number => createHash("sha256").update(`retry ${token}`).digest().readUInt32BE();

/** What a person may have tried again: the others would end alike, or nobody knows that the device is well. */
const BY_CAUSE: Readonly<Record<FailureCause, boolean>> = {
  neverReacted: true,
  commandRefused: true,
  busyTooLong: true,
  fellBack: true,
  fellBackLater: false,
  imageRefused: false,
  otherVersion: false,
  registrationLost: false,
  partsLost: false,
  unsteady: false,
  healthWorse: false,
};

/** Why a person's retry is not done, in words; `undefined` where it may be. */
export function noRetryWords(state: TaskState): string | undefined {
  switch (state.at) {
    case "failed":
      if (!state.seenHealthy) return "it has not been seen well since: repair it, or write it off";
      return BY_CAUSE[state.cause] ? undefined : `the same again would end alike (${state.cause}): it is for another plan`;
    case "refused":
      return "what was refused is never tried again in the same plan: make a new one";
    case "lost":
      return state.seenWell === undefined ? "it is lost: repair it, or write it off" : undefined;
    case "succeeded":
      return "it has succeeded";
    case "skipped":
      return "it was left out by a person: make a new plan";
    case "replaced":
      return `campaign ${state.by} has taken it over`;
    default:
      return "it has not failed";
  }
}
