/** Every state of a task and every event that can happen to it. */
import { stepTask } from "../../../firmware/waves/task.ts";
import type { TaskEvent, TaskState } from "../../../firmware/waves/task-state.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import { policy } from "./builders.ts";

export const attempt = { number: 1, token: "t1", leg: 0 };
export const fault = { kind: "stalled", waitedFor: "it" } as const;
export const busy = { state: "busy", reason: "in a call" } as const;
export const hold = { code: "window", why: "closed", endedBy: "the window opening" } as const;

export const BACK = "c-back0001" as CampaignId;
export const OTHER = "c-2" as CampaignId;

export const STATES: readonly TaskState[] = [
  { at: "planned" },
  { at: "staged", tries: 0, leg: 0 },
  { at: "staged", tries: 1, leg: 1 },
  { at: "held", reasons: [hold], sinceMs: 0, tries: 1, leg: 0 },
  { at: "deferred", inUse: busy, sinceMs: 0, nextLookMs: 1, deadlineMs: 1_000, tries: 0, leg: 0 },
  { at: "held", reasons: [hold], sinceMs: 0, tries: 0, leg: 0, deferral: { sinceMs: 0, deadlineMs: 1_000, windowClosed: true } },
  { at: "deferred", inUse: busy, sinceMs: 0, nextLookMs: 1, deadlineMs: 5, tries: 1, leg: 0, number: 3 },
  { at: "armed", why: "silent", sinceMs: 0, deadlineMs: 1_000, tries: 0, leg: 0 },
  { at: "armed", why: "silent", sinceMs: 0, deadlineMs: 1_000, tries: 1, leg: 0 },
  { at: "reserved", attempt, deadlineMs: 60_000 },
  { at: "commanded", attempt, accepted: false, commandedAtMs: 0, deadlineMs: 1 },
  { at: "applying", attempt, deadlineMs: 1 },
  { at: "rebooting", attempt, deadlineMs: 1 },
  { at: "verifying", attempt, deadlineMs: 1 },
  { at: "verifying", attempt: { number: 2, token: "t2", leg: 1 }, deadlineMs: 1 },
  { at: "soaking", attempt, untilMs: 1 },
  { at: "unknown", attempt, was: "reserved", deadlineMs: 1 },
  { at: "unknown", attempt, was: "commanded", deadlineMs: 1 },
  { at: "unknown", attempt, was: "applying", deadlineMs: 1 },
  { at: "unknown", attempt, was: "rebooting", deadlineMs: 1 },
  { at: "failedRetryable", attempt, fault, nextAtMs: 1 },
  { at: "succeeded", how: "updated" },
  { at: "skipped", why: "no", by: "j", leg: 0 },
  { at: "refused", why: "unfit", leg: 0 },
  { at: "replaced", by: OTHER, leg: 0 },
  { at: "failed", cause: "fellBack", fault, seenHealthy: true, leg: 0 },
  { at: "failed", cause: "neverReacted", fault, seenHealthy: false, leg: 0 },
  { at: "lost", sinceMs: 0, lastSign: "rebooting", leg: 0 },
  { at: "lost", sinceMs: 0, lastSign: "rebooting", leg: 0, seenWell: { atMs: 5, version: "6.4.6" } },
  { at: "succeeded", how: "alreadyCurrent" },
  { at: "reverting", rollback: BACK, unproven: false, leg: 1 },
  { at: "reverting", rollback: BACK, unproven: true, leg: 0 },
  { at: "reverted", rollback: BACK, leg: 1 },
  { at: "revertFailed", rollback: BACK, why: "lost", unproven: false, leg: 1 },
  { at: "revertFailed", rollback: BACK, why: "refused", unproven: true, leg: 0 },
];

export const EVENTS: readonly TaskEvent[] = [
  { kind: "imageStaged" },
  { kind: "holdsFound", reasons: [hold] },
  { kind: "foundBusy", inUse: busy },
  { kind: "foundBusy", inUse: busy, nextOpeningMs: 100_000 },
  { kind: "foundOffline", why: "silent" },
  { kind: "stayedAway", why: "it did not come back" },
  { kind: "foundCurrent" },
  { kind: "foundAhead", leg: 1 },
  { kind: "foundUnfit", why: "other part number" },
  { kind: "reserved", token: "t2" },
  { kind: "commandIntended", reactMs: 1_000 },
  { kind: "commandAccepted" },
  { kind: "commandFaulted", fault, certain: true },
  { kind: "commandFaulted", fault, certain: false },
  { kind: "commandFaulted", fault: { kind: "cancelled", by: "operator" }, certain: true },
  { kind: "waitsForUser", inUse: busy, reactMs: 1_000 },
  { kind: "imageRequested", applyMs: 1_000 },
  { kind: "wentDown", rebootMs: 1_000 },
  { kind: "answered", version: "6.4.8", verifyMs: 1_000 },
  { kind: "checksPassed" },
  { kind: "legDone" },
  { kind: "soakPassed" },
  { kind: "failed", cause: "fellBack", fault, seenHealthy: true, retry: true },
  { kind: "failed", cause: "neverReacted", fault, seenHealthy: false, retry: true },
  { kind: "failed", cause: "fellBack", fault, seenHealthy: true, retry: false },
  { kind: "silent", lastSign: "rebooting" },
  { kind: "silent", lastSign: "rebooting", duringWave: 3 },
  { kind: "failed", cause: "fellBack", fault, seenHealthy: true, retry: false, duringWave: 3 },
  { kind: "foundFallen", cause: "fellBackLater", fault, seenHealthy: true, lastLeg: 0, duringWave: 2 },
  { kind: "foundFallen", cause: "healthWorse", fault, seenHealthy: false, lastLeg: 0, duringWave: 0 },
  { kind: "foundWell", version: "6.4.8" },
  { kind: "neverCommanded" },
  { kind: "agentRestarted", resolveMs: 1_000 },
  { kind: "replaced", by: OTHER },
  { kind: "skippedByPerson", by: "j", why: "broken" },
  { kind: "writtenOffByPerson", by: "j", why: "broken" },
  { kind: "retriedByPerson", by: "j", tries: 2 },
  { kind: "revertStarted", rollback: BACK, leg: 99 },
  { kind: "revertDone", rollback: BACK },
  { kind: "revertFailed", rollback: BACK, why: "lost", unproven: true },
  { kind: "revertDone", rollback: "c-other001" as CampaignId },
];
export const isRevert = ({ kind }: TaskEvent): boolean => kind === "revertStarted" || kind === "revertDone" || kind === "revertFailed";

export const POLICY = policy({ attemptsMax: 2 });
export const pairs = STATES.flatMap((state) => EVENTS.map((event) => ({ state, event })));
export const next = (state: TaskState, event: TaskEvent, nowMs = 10): TaskState => {
  const step = stepTask(state, event, POLICY, nowMs);
  return "next" in step ? step.next : state;
};

export const commanded = (number: number, leg: number): TaskState => ({
  ...{ at: "commanded", attempt: { number, token: `t${number}`, leg }, accepted: true, commandedAtMs: 0, deadlineMs: 1 },
});

/** It may be flashing; after a restart nobody knows yet whether that is over. */
export const mayFlash = (state: TaskState): boolean => ["applying", "rebooting"].includes(state.at === "unknown" ? state.was : state.at);
