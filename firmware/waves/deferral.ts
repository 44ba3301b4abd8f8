/**
 * How long a device that is in use is waited for, and what follows. Pure.
 *
 * A deferral lasts for the policy's time or to the end of the opening of the window, and there are so many of them: whoever is
 * always in use ends all the same.
 */
import { type Ms, showDuration } from "../../protocols/core/time.ts";
import type { WavePolicy } from "./policy.ts";
import { attemptsSpent, type Deferral, type Hold, legOf, type TaskEvent, type TaskState } from "./task-state.ts";

/** Whose name stands where no person left a device out. */
export const BY_POLICY = "the policy of the plan";

const numberOf = ({ number = 1 }: Deferral): number => number;

function deferralOf(state: TaskState): (Deferral & { readonly windowClosed: boolean }) | undefined {
  if (state.at === "held") return state.deferral;
  if (state.at !== "deferred") return undefined;
  const { sinceMs, deadlineMs, number } = state;
  return { sinceMs, deadlineMs, windowClosed: false, ...(number === undefined ? {} : { number }) };
}

/** Held, with what is known of its use: the window that closes ends a deferral, other reasons leave it running. */
export function heldFor(state: TaskState, reasons: readonly Hold[], nowMs: Ms): TaskState {
  const deferral = deferralOf(state);
  const windowClosed = deferral?.windowClosed === true || reasons.some(({ code }) => code === "window");
  return {
    ...{ at: "held", reasons, sinceMs: state.at === "held" ? state.sinceMs : nowMs },
    ...{ tries: attemptsSpent(state), leg: legOf(state, Number.POSITIVE_INFINITY) },
    ...(deferral === undefined ? {} : { deferral: { ...deferral, windowClosed } }),
  };
}

/** What becomes of an untouched device that is found in use. */
export function afterBusy(state: TaskState, event: TaskEvent & { kind: "foundBusy" }, policy: WavePolicy, nowMs: Ms): TaskState {
  const { inUse, nextOpeningMs } = event;
  const waits = (deferral: Deferral, nextLookMs: Ms): TaskState => ({
    ...{ at: "deferred", inUse, nextLookMs, sinceMs: deferral.sinceMs, deadlineMs: deferral.deadlineMs },
    ...(numberOf(deferral) === 1 ? {} : { number: numberOf(deferral) }),
    ...{ tries: attemptsSpent(state), leg: legOf(state, Number.POSITIVE_INFINITY) },
  });
  const lookAgainMs = nowMs + policy.lookAgain;
  const running = deferralOf(state);
  if (running === undefined) return waits({ sinceMs: nowMs, deadlineMs: nowMs + policy.deferral }, lookAgainMs);
  if (nowMs < running.deadlineMs && !running.windowClosed) return waits(running, lookAgainMs);
  const isLast = numberOf(running) >= policy.deferralsMax;
  const following = (fromMs: Ms): Deferral => ({
    sinceMs: running.sinceMs,
    deadlineMs: fromMs + policy.deferral,
    number: numberOf(running) + 1,
  });
  // The opening ended before its time was up, or it was held over its end: it has its time again.
  if (state.at === "held" && !isLast) return waits(following(nowMs), lookAgainMs);
  if (state.at === "deferred" && policy.afterDeferral === "nextWindow" && nextOpeningMs !== undefined && !isLast)
    return waits(following(nextOpeningMs), nextOpeningMs);
  return ended(state, event, numberOf(running), policy);
}

function ended(state: TaskState, { inUse }: TaskEvent & { kind: "foundBusy" }, times: number, policy: WavePolicy): TaskState {
  const leg = legOf(state, Number.POSITIVE_INFINITY);
  const use = inUse.state === "idle" ? "in use" : inUse.reason;
  if (policy.afterDeferral === "fail")
    return {
      at: "failed",
      cause: "busyTooLong",
      fault: { kind: "stalled", waitedFor: `the device to become idle (${use})` },
      seenHealthy: true,
      leg,
    };
  const waited = `${times === 1 ? "" : `${times} times `}up to ${showDuration(policy.deferral)}`;
  return { at: "skipped", why: `it was in use whenever it was looked at, ${waited}: ${use}`, by: BY_POLICY, leg, byPolicy: true };
}
