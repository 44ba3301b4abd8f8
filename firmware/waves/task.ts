/**
 * One device's way through a campaign. `stepTask` is the only code that changes a task's state, and it is pure.
 */
import { unreachable } from "../../protocols/core/fault.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { afterBusy, BY_POLICY, heldFor } from "./deferral.ts";
import type { WavePolicy } from "./policy.ts";
import { noRetryWords, retryWaitMs } from "./retry.ts";
import { mayRevert } from "./reversibility.ts";

import {
  type Attempt,
  attemptsSpent,
  isAtRisk,
  isFinal,
  isUntouched,
  legOf,
  type Step,
  type TaskEvent,
  type TaskState,
} from "./task-state.ts";

/** The only place a task changes state. Pure: the caller supplies `nowMs` and stores the answer. */
export function stepTask(state: TaskState, event: TaskEvent, policy: WavePolicy, nowMs: Ms): Step {
  const ignored: Step = { ignored: event };
  if (event.kind === "skippedByPerson") return afterSkip(state, event);
  if (event.kind === "writtenOffByPerson") return afterWriteOff(state, event);
  if (event.kind === "retriedByPerson") return afterRetry(state, event);
  if (event.kind === "foundFallen") return afterFall(state, event);
  if (event.kind === "foundWell") return afterReturn(state, event, nowMs);
  if (event.kind === "revertStarted" || event.kind === "revertDone" || event.kind === "revertFailed") return afterRevert(state, event);
  if (isFinal(state)) return ignored;
  if (event.kind === "replaced") return afterReplacement(state, event);
  if (event.kind === "agentRestarted") return afterRestart(state, event, nowMs);
  switch (state.at) {
    case "planned":
      return event.kind === "imageStaged" ? { next: { at: "staged", tries: 0, leg: 0 } } : beforeTouch(state, event, policy, nowMs);
    case "staged":
    case "held":
    case "deferred":
    case "armed":
    case "failedRetryable":
      return beforeTouch(state, event, policy, nowMs);
    case "reserved":
      return whileReserved(state, event, policy, nowMs);
    case "commanded":
      return whileCommanded(state, event, policy, nowMs);
    case "applying":
    case "rebooting":
    case "verifying":
    case "unknown":
      return whileAway(state, event, policy, nowMs);
    case "soaking":
      if (event.kind === "soakPassed") return { next: { at: "succeeded", how: "updated" } };
      // Worse than before, but on the right version: the checks get their time again, then the soak starts anew.
      if (event.kind === "answered") return { next: { ...verifying(state.attempt, event, nowMs), relapses: (state.relapses ?? 0) + 1 } };
      if (event.kind === "failed") return afterFailure(state.attempt, { ...event, retry: false }, policy, nowMs);
      if (event.kind === "silent") return { next: lost(state.attempt, event, nowMs) };
      return ignored;
    case "succeeded":
    case "skipped":
    case "refused":
    case "replaced":
    case "failed":
    case "lost":
    case "reverting":
    case "reverted":
    case "revertFailed":
      return ignored;
    default:
      return unreachable(state);
  }
}

function beforeTouch(state: TaskState, event: TaskEvent, policy: WavePolicy, nowMs: Ms): Step {
  const tries = attemptsSpent(state);
  const leg = legOf(state, Number.POSITIVE_INFINITY);
  switch (event.kind) {
    case "imageStaged":
      return state.at === "held" ? { next: { at: "staged", tries, leg } } : { ignored: event };
    case "holdsFound":
      return { next: heldFor(state, event.reasons, nowMs) };
    case "foundBusy":
      // One that is armed keeps its own end, and its wave does not wait for it.
      return state.at === "armed" ? { ignored: event } : { next: afterBusy(state, event, policy, nowMs) };
    case "foundOffline":
      if (state.at === "armed") return { ignored: event };
      return { next: { at: "armed", why: event.why, sinceMs: nowMs, deadlineMs: nowMs + policy.armedFor, tries, leg } };
    case "stayedAway":
      return state.at === "armed" ? { next: { at: "skipped", why: event.why, by: BY_POLICY, leg, byPolicy: true } } : { ignored: event };
    case "foundCurrent":
      // One that was commanded before is no success until it has been watched.
      return tries === 0 ? { next: { at: "succeeded", how: "alreadyCurrent" } } : { ignored: event };
    case "foundAhead":
      return event.leg > leg ? { next: { at: "staged", tries, leg: event.leg } } : { ignored: event };
    case "foundUnfit":
      return { next: { at: "refused", why: event.why, leg } };
    case "reserved":
      // Long enough for one look and one write; a reservation that stays longer belongs to a stopped agent.
      return { next: { at: "reserved", attempt: { number: tries + 1, token: event.token, leg }, deadlineMs: nowMs + 60_000 } };
    case "failed":
      return { next: { at: "failed", cause: event.cause, fault: event.fault, seenHealthy: event.seenHealthy, leg, ...duringOf(event) } };
    default:
      return { ignored: event };
  }
}

/** Nothing was sent yet: what speaks against the command now gives the attempt back. */
function whileReserved(state: TaskState & { at: "reserved" }, event: TaskEvent, policy: WavePolicy, nowMs: Ms): Step {
  switch (event.kind) {
    case "commandIntended":
      return {
        next: { at: "commanded", attempt: state.attempt, accepted: false, commandedAtMs: nowMs, deadlineMs: nowMs + event.reactMs },
      };
    case "holdsFound":
    case "foundBusy":
    case "foundOffline":
    case "foundCurrent":
    case "foundAhead":
    case "foundUnfit":
      return beforeTouch(givenBack(state.attempt), event, policy, nowMs);
    case "answered":
      // An earlier attempt bore fruit after it was given up; this one sends nothing, and watches.
      return state.attempt.number > 1 ? { next: verifying(state.attempt, event, nowMs) } : { ignored: event };
    case "failed":
      return afterFailure(state.attempt, event, policy, nowMs);
    default:
      return { ignored: event };
  }
}

function whileCommanded(state: TaskState & { at: "commanded" }, event: TaskEvent, policy: WavePolicy, nowMs: Ms): Step {
  switch (event.kind) {
    case "commandAccepted":
      return { next: { ...state, accepted: true } };
    case "commandFaulted":
      // A person stopped the campaign before anything was sent: the attempt does not count.
      if (event.certain && event.fault.kind === "cancelled") return { next: givenBack(state.attempt) };
      // Only a certain refusal ends the attempt; a lost answer may hide a device that obeys.
      return event.certain
        ? afterFailure(
            state.attempt,
            { kind: "failed", cause: "commandRefused", fault: event.fault, seenHealthy: true, retry: true, ...duringOf(event) },
            policy,
            nowMs,
          )
        : { ignored: event };
    case "waitsForUser":
      return { next: { ...state, waitsFor: event.inUse, deadlineMs: nowMs + event.reactMs } };
    default:
      return whileAway(state, event, policy, nowMs);
  }
}

type Away = TaskState & { at: "commanded" | "applying" | "rebooting" | "verifying" | "unknown" };

function whileAway(state: Away, event: TaskEvent, policy: WavePolicy, nowMs: Ms): Step {
  const { attempt } = state;
  switch (event.kind) {
    case "imageRequested":
      return state.at === "commanded" || state.at === "unknown"
        ? { next: { at: "applying", attempt, deadlineMs: nowMs + event.applyMs } }
        : { ignored: event };
    case "waitsForUser":
      return state.at === "verifying" ? { ignored: event } : { next: { ...state, deadlineMs: nowMs + event.reactMs } };
    case "wentDown":
      return state.at === "verifying" ? { ignored: event } : { next: { at: "rebooting", attempt, deadlineMs: nowMs + event.rebootMs } };
    case "answered":
      return state.at === "verifying" ? { ignored: event } : { next: verifying(attempt, event, nowMs) };
    case "checksPassed": {
      if (state.at !== "verifying") return { ignored: event };
      const { relapses } = state;
      return { next: { at: "soaking", attempt, untilMs: nowMs + policy.soak, ...(relapses === undefined ? {} : { relapses }) } };
    }
    case "legDone":
      return state.at === "verifying" ? { next: { at: "staged", tries: attempt.number, leg: attempt.leg + 1 } } : { ignored: event };
    case "neverCommanded":
      return state.at === "unknown" && state.was === "reserved" ? { next: givenBack(attempt) } : { ignored: event };
    case "failed":
      return afterFailure(attempt, event, policy, nowMs);
    case "silent":
      return { next: lost(attempt, event, nowMs) };
    default:
      return { ignored: event };
  }
}

const verifying = (attempt: Attempt, { verifyMs }: TaskEvent & { kind: "answered" }, nowMs: Ms): TaskState & { at: "verifying" } => ({
  at: "verifying",
  attempt,
  deadlineMs: nowMs + verifyMs,
});

function afterFailure(attempt: Attempt, event: TaskEvent & { kind: "failed" }, policy: WavePolicy, nowMs: Ms): Step {
  // One more for each leg before this one.
  const waitMs = event.retry && event.seenHealthy ? retryWaitMs(attempt, event.fault, policy) : undefined;
  if (waitMs !== undefined && attempt.number < policy.attemptsMax + attempt.leg) {
    return { next: { at: "failedRetryable", attempt, fault: event.fault, nextAtMs: nowMs + waitMs } };
  }
  const { cause, fault, seenHealthy } = event;
  return { next: { at: "failed", cause, fault, seenHealthy, leg: attempt.leg, ...duringOf(event) } };
}

function lost({ leg }: Attempt, event: TaskEvent & { kind: "silent" }, sinceMs: Ms): TaskState {
  return { at: "lost", sinceMs, lastSign: event.lastSign, leg, ...duringOf(event) };
}

const duringOf = ({ duringWave }: { readonly duringWave?: number }): { duringWave?: number } =>
  duringWave === undefined ? {} : { duringWave };

/** Nothing was sent: the attempt does not count. */
const givenBack = ({ number, leg }: Attempt): TaskState => ({ at: "staged", tries: number - 1, leg });

/** Untouched tasks simply start over; touched ones are unknown until looked at. A soak is time, so it starts again after the look. */
function afterRestart(state: TaskState, event: TaskEvent & { kind: "agentRestarted" }, nowMs: Ms): Step {
  switch (state.at) {
    case "reserved":
    case "commanded":
    case "applying":
    case "rebooting":
    case "verifying":
    case "soaking":
      return { next: { at: "unknown", attempt: state.attempt, was: state.at, deadlineMs: nowMs + event.resolveMs } };
    case "unknown":
      return { next: { ...state, deadlineMs: nowMs + event.resolveMs } };
    default:
      return { ignored: event };
  }
}

/** What ran well was not proven after all. One that was current before us is none of ours. */
function afterFall(state: TaskState, event: TaskEvent & { kind: "foundFallen" }): Step {
  if (state.at !== "succeeded" || state.how !== "updated") return { ignored: event };
  const { cause, fault, seenHealthy, lastLeg, duringWave } = event;
  return { next: { at: "failed", cause, fault, seenHealthy, leg: lastLeg, duringWave } };
}

/** I7: its slot is free. Its wave lost it or saw it fail all the same: what was judged stays, and it is no success (I16). */
function afterReturn(state: TaskState, event: TaskEvent & { kind: "foundWell" }, nowMs: Ms): Step {
  if (state.at === "lost" && state.seenWell === undefined) return { next: { ...state, seenWell: { atMs: nowMs, version: event.version } } };
  if (state.at === "failed" && !state.seenHealthy) return { next: { ...state, seenHealthy: true } };
  return { ignored: event };
}

/** One more attempt, on the leg it ended at. I7: only of a device that counts as healthy, so that no slot is given back. */
function afterRetry(state: TaskState, event: TaskEvent & { kind: "retriedByPerson" }): Step {
  if ((state.at !== "failed" && state.at !== "lost") || noRetryWords(state) !== undefined) return { ignored: event };
  return { next: { at: "staged", tries: event.tries, leg: state.leg } };
}

/**
 * Only whoever was never commanded is another's: one that was may still obey, and is no success until it has been watched by those
 * who commanded it (I16).
 */
function afterReplacement(state: TaskState, event: TaskEvent & { kind: "replaced" }): Step {
  return isUntouched(state) ? { next: { at: "replaced", by: event.by, leg: legOf(state, 0) } } : { ignored: event };
}

/** I7: a device that was touched keeps its place at risk; a skip is for those that were not. */
function afterSkip(state: TaskState, event: TaskEvent & { kind: "skippedByPerson" }): Step {
  if (isAtRisk(state) || (isFinal(state) && state.at !== "refused")) return { ignored: event };
  return { next: { at: "skipped", why: event.why, by: event.by, leg: legOf(state, 0) } };
}

function afterWriteOff(state: TaskState, event: TaskEvent & { kind: "writtenOffByPerson" }): Step {
  if (state.at !== "failed" && state.at !== "lost" && state.at !== "refused" && state.at !== "revertFailed") return { ignored: event };
  return { next: { at: "skipped", why: event.why, by: event.by, leg: state.leg } };
}

type RevertEvent = TaskEvent & { kind: "revertStarted" | "revertDone" | "revertFailed" };

/** What a rollback makes of it. I7: at risk before is at risk until the device is back, or the rollback says otherwise of it. */
function afterRevert(state: TaskState, event: RevertEvent): Step {
  const { rollback } = event;
  if (event.kind === "revertStarted") {
    if (!mayRevert(state)) return { ignored: event };
    return { next: { at: "reverting", rollback, unproven: isAtRisk(state), leg: event.leg } };
  }
  const isIts = (state.at === "reverting" || state.at === "reverted") && state.rollback === rollback;
  if (!isIts) return { ignored: event };
  const { leg } = state;
  if (event.kind === "revertFailed") return { next: { at: "revertFailed", rollback, why: event.why, unproven: event.unproven, leg } };
  return state.at === "reverted" ? { ignored: event } : { next: { at: "reverted", rollback, leg } };
}
