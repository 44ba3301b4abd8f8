/**
 * Where one device of a campaign stands, and what can happen to it.
 *
 * Every attempt passes `reserved` (a slot of the at-risk budget is taken) and `commanded` (the intent is on disk
 * before anything is sent). Whatever was touched when the agent went down becomes `unknown` at the next start, and an
 * unknown task is looked at before anything else happens to it.
 */

import type { InUse } from "../../protocols/core/device.ts";
import type { Fault } from "../../protocols/core/fault.ts";
import type { CampaignId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { Version } from "../../protocols/core/version.ts";

/** Why a task waits, since when, until when or by whom it ends. */
export interface Hold {
  readonly code:
    | "window"
    | "start"
    | "quietHours"
    | "meeting"
    | "budget"
    | "domain"
    | "down"
    | "image"
    | "wave"
    | "paused"
    | "offline"
    | "catalogue"
    | "backup"
    | "killed";
  readonly why: string;
  /** Earliest end, where one is known. */
  readonly untilMs?: Ms;
  /** Who or what ends it. */
  readonly endedBy: string;
}

/** A device in use is waited for until then. */
export interface Deferral {
  readonly sinceMs: Ms;
  readonly deadlineMs: Ms;
  /** Which one it is, where it is not the first. */
  readonly number?: number;
}

/** What a look of ours showed of a device after its task had ended badly: every check passed. */
export interface SeenWell {
  readonly atMs: Ms;
  readonly version: Version;
}

/** One try at one device. The token names it everywhere: command, offer, image address, reservation. */
export interface Attempt {
  /** Counts over all legs of the task. */
  readonly number: number;
  readonly token: string;
  /** The leg it tries; 0 is the first. */
  readonly leg: number;
}

export type TaskState =
  | { readonly at: "planned" }
  /** `leg`: the one that comes next; those before it are done. */
  | { readonly at: "staged"; readonly tries: number; readonly leg: number }
  | {
      readonly at: "held";
      readonly reasons: readonly Hold[];
      readonly sinceMs: Ms;
      readonly tries: number;
      readonly leg: number;
      /** It was in use before; `windowClosed`: the opening in which it was waited for is over. */
      readonly deferral?: Deferral & { readonly windowClosed: boolean };
    }
  | (Deferral & {
      readonly at: "deferred";
      readonly inUse: InUse;
      readonly nextLookMs: Ms;
      readonly tries: number;
      readonly leg: number;
    })
  /** It did not answer when it had its turn: its wave goes on without it, and it follows when it is back. */
  | {
      readonly at: "armed";
      readonly why: string;
      readonly sinceMs: Ms;
      readonly deadlineMs: Ms;
      readonly tries: number;
      readonly leg: number;
    }
  | { readonly at: "reserved"; readonly attempt: Attempt; readonly deadlineMs: Ms }
  /** On disk before it is sent; `accepted` once the device said yes. */
  | {
      readonly at: "commanded";
      readonly attempt: Attempt;
      readonly accepted: boolean;
      readonly waitsFor?: InUse;
      readonly commandedAtMs: Ms;
      readonly deadlineMs: Ms;
    }
  /** The image is on its way to the device. */
  | { readonly at: "applying"; readonly attempt: Attempt; readonly deadlineMs: Ms }
  /** The image is there; the device flashes and restarts. */
  | { readonly at: "rebooting"; readonly attempt: Attempt; readonly deadlineMs: Ms }
  /** It answers on the target version; lines and parts are still coming up. `relapses`: soaks in which it was not well. */
  | { readonly at: "verifying"; readonly attempt: Attempt; readonly deadlineMs: Ms; readonly relapses?: number }
  | { readonly at: "soaking"; readonly attempt: Attempt; readonly untilMs: Ms; readonly relapses?: number }
  /** Touched, and we were not there to see: looked at before anything is sent. */
  | { readonly at: "unknown"; readonly attempt: Attempt; readonly was: TouchedAt; readonly deadlineMs: Ms }
  | { readonly at: "failedRetryable"; readonly attempt: Attempt; readonly fault: Fault; readonly nextAtMs: Ms }
  | { readonly at: "succeeded"; readonly how: "updated" | "alreadyCurrent" }
  /** `byPolicy`: no person left it out, the plan itself did. */
  | { readonly at: "skipped"; readonly why: string; readonly by: string; readonly leg: number; readonly byPolicy?: true }
  | { readonly at: "refused"; readonly why: string; readonly leg: number }
  /** Never commanded here: the campaign `by`, made from this one's plan, has taken it over. */
  | { readonly at: "replaced"; readonly by: CampaignId; readonly leg: number }
  | {
      readonly at: "failed";
      readonly cause: FailureCause;
      readonly fault: Fault;
      readonly seenHealthy: boolean;
      readonly leg: number;
      /** Of one whose own wave had passed: the wave under way when it failed, or was no longer well; 0 where none was. */
      readonly duringWave?: number;
    }
  | {
      readonly at: "lost";
      readonly sinceMs: Ms;
      readonly lastSign: string;
      readonly leg: number;
      readonly duringWave?: number;
      /** It came back: its wave lost it all the same, and it is at risk no more. */
      readonly seenWell?: SeenWell;
    }
  /** A rollback has the device in hand: its own task says how far. `unproven`: we may have broken it before. */
  | { readonly at: "reverting"; readonly rollback: CampaignId; readonly unproven: boolean; readonly leg: number }
  /** Back on what it ran before this task, and well there. */
  | { readonly at: "reverted"; readonly rollback: CampaignId; readonly leg: number }
  | { readonly at: "revertFailed"; readonly rollback: CampaignId; readonly why: string; readonly unproven: boolean; readonly leg: number };

export type TaskAt = TaskState["at"];
export type TouchedAt = "reserved" | "commanded" | "applying" | "rebooting" | "verifying" | "soaking" | "unknown" | "failedRetryable";

/** The signature under which failures are grouped into one cause. */
export type FailureCause =
  | "neverReacted"
  | "imageRefused"
  | "fellBack"
  | "otherVersion"
  | "registrationLost"
  | "partsLost"
  | "unsteady"
  | "commandRefused"
  | "busyTooLong"
  | "healthWorse"
  | "fellBackLater";

export type TaskEvent =
  | { readonly kind: "imageStaged" }
  | { readonly kind: "holdsFound"; readonly reasons: readonly Hold[] }
  /** `nextOpeningMs`: when it has its next chance; absent where no window opens any more. */
  | { readonly kind: "foundBusy"; readonly inUse: InUse; readonly nextOpeningMs?: Ms }
  /** It does not answer, and the policy arms it. */
  | { readonly kind: "foundOffline"; readonly why: string }
  /** An armed device stayed away until its deadline. */
  | { readonly kind: "stayedAway"; readonly why: string }
  | { readonly kind: "foundCurrent" }
  /** It runs what an earlier leg leads to: `leg` comes next. */
  | { readonly kind: "foundAhead"; readonly leg: number }
  | { readonly kind: "foundUnfit"; readonly why: string }
  /** Looked idle, and the slot was taken in the same transaction. */
  | { readonly kind: "reserved"; readonly token: string }
  | { readonly kind: "commandIntended"; readonly reactMs: Ms }
  | { readonly kind: "commandAccepted" }
  | { readonly kind: "commandFaulted"; readonly fault: Fault; readonly certain: boolean; readonly duringWave?: number }
  /** Accepted, and somebody uses it now: the device waits by itself. */
  | { readonly kind: "waitsForUser"; readonly inUse: InUse; readonly reactMs: Ms }
  | { readonly kind: "imageRequested"; readonly applyMs: Ms }
  /** The image is with the device whole, or the device went silent after the command: it flashes and restarts. */
  | { readonly kind: "wentDown"; readonly rebootMs: Ms }
  | { readonly kind: "answered"; readonly version: Version; readonly verifyMs: Ms }
  | { readonly kind: "checksPassed" }
  /** As `checksPassed`, on a leg that others follow. */
  | { readonly kind: "legDone" }
  | { readonly kind: "soakPassed" }
  /** `duringWave`, here and of the others: the wave under way, where its own has passed. */
  | {
      readonly kind: "failed";
      readonly cause: FailureCause;
      readonly fault: Fault;
      readonly seenHealthy: boolean;
      readonly retry: boolean;
      readonly duringWave?: number;
    }
  | { readonly kind: "silent"; readonly lastSign: string; readonly duringWave?: number }
  /** It had succeeded, and is not well any more. `duringWave`: the one under way; 0 where none is. */
  | {
      readonly kind: "foundFallen";
      readonly cause: "fellBackLater" | "healthWorse";
      readonly fault: Fault;
      readonly seenHealthy: boolean;
      readonly lastLeg: number;
      readonly duringWave: number;
    }
  /** It was lost, or ended unwell, and a look of ours shows it well: on a version of its way, or as it was before. */
  | { readonly kind: "foundWell"; readonly version: Version }
  /** The look after a restart shows that no command of this attempt was ever on its way: the attempt does not count. */
  | { readonly kind: "neverCommanded" }
  | { readonly kind: "agentRestarted"; readonly resolveMs: Ms }
  /** A plan that was made from this one has started as the campaign `by`. */
  | { readonly kind: "replaced"; readonly by: CampaignId }
  /** Left out before it was touched. */
  | { readonly kind: "skippedByPerson"; readonly by: string; readonly why: string }
  /** It failed or was lost, and its place at risk is free in the name of a person. */
  | { readonly kind: "writtenOffByPerson"; readonly by: string; readonly why: string }
  /** `tries`: attempts that were made of it. */
  | { readonly kind: "retriedByPerson"; readonly by: string; readonly tries: number }
  /** A rollback took the device's slot. `leg`: the one it is at or ended at, one past the last where it succeeded. */
  | { readonly kind: "revertStarted"; readonly rollback: CampaignId; readonly leg: number }
  | { readonly kind: "revertDone"; readonly rollback: CampaignId }
  /** `unproven`: nobody has seen it healthy since this task, and the rollback's own does not answer for it. */
  | { readonly kind: "revertFailed"; readonly rollback: CampaignId; readonly why: string; readonly unproven: boolean };

export type Step = { readonly next: TaskState } | { readonly ignored: TaskEvent };

/** Attempts already spent on a task in this state. */
export function attemptsSpent(state: TaskState): number {
  if ("attempt" in state) return state.attempt.number;
  return "tries" in state ? state.tries : 0;
}

/** The leg it is at or ended at; of a task that succeeded, one past the last. */
export function legOf(state: TaskState, legs: number): number {
  switch (state.at) {
    case "planned":
      return 0;
    case "succeeded":
      return legs;
    default:
      return "attempt" in state ? state.attempt.leg : state.leg;
  }
}

/** Its campaign moves it no more. What a rollback takes back is moved by the task of that. */
export function isFinal(state: TaskState): boolean {
  switch (state.at) {
    case "succeeded":
    case "skipped":
    case "refused":
    case "replaced":
    case "failed":
    case "lost":
    case "reverting":
    case "reverted":
    case "revertFailed":
      return true;
    default:
      return false;
  }
}

/** Counts against the at-risk budget: we may have broken it and have not seen it healthy since. */
export function isAtRisk(state: TaskState): boolean {
  switch (state.at) {
    case "reserved":
    case "commanded":
    case "applying":
    case "rebooting":
    case "verifying":
    case "soaking":
    case "unknown":
      return true;
    case "lost":
      return state.seenWell === undefined;
    case "failed":
      return !state.seenHealthy;
    case "reverting":
    case "revertFailed":
      return state.unproven;
    default:
      return false;
  }
}

/** It waits, and nothing was ever sent to it. */
export function isUntouched(state: TaskState): boolean {
  switch (state.at) {
    case "planned":
      return true;
    case "staged":
    case "held":
    case "deferred":
    case "armed":
      return state.tries === 0;
    default:
      return false;
  }
}
