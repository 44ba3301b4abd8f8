/** States, looks and situations to ask `nextMove` with. */
import { expect } from "vitest";
import type { Move } from "../../../firmware/waves/move.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import type { Situation, TimedLook } from "../../../firmware/waves/situation.ts";
import type { Hold, TaskState } from "../../../firmware/waves/task-state.ts";
import type { DeviceFacts, InUse } from "../../../protocols/core/device.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { candidate, NOW, planInput, policy } from "./builders.ts";

export const PLANNED = makePlan(planInput([candidate(1, { registeredLines: 2 })])).tasks[0] as PlannedTask;
export const OLD = PLANNED.legs[0].from;
export const NEW = PLANNED.legs[0].to;
export const LATER = NOW + MINUTE;
export const POLICY = policy({ lostAfter: "10m" });
export const pace = { reactMs: 3 * MINUTE, applyMs: 15 * MINUTE, verifyMs: 6 * MINUTE };
export const attempt = { number: 1, token: "token-01", leg: 0 };
export const fault = { kind: "stalled", waitedFor: "it" } as const;
export const busy: InUse = { state: "busy", reason: "in a call" };
export const unsure: InUse = { state: "unknown", reason: "it does not say" };
export const closed: Hold = { code: "window", why: "the window is closed", untilMs: NOW + MINUTE, endedBy: "the window opening" };
export const meeting: Hold = { code: "meeting", why: "a meeting is on in Matterhorn", endedBy: "the meeting's end" };
export const busyHour: Hold = { code: "quietHours", why: "its place is usually in use about now", endedBy: "the quiet hours of its place" };
export const turn: Hold = { code: "start", why: "the starts of its wave are spread", endedBy: "its own moment" };
export const paused: Hold = { code: "paused", why: "paused by doe", endedBy: "a person" };
export const budget: Hold = { code: "budget", why: "the limit", endedBy: "another device" };

type Seen = TimedLook;
export function seen(version: string | undefined, more: Partial<Seen> & { facts?: DeviceFacts } = {}): Seen {
  const { facts, ...rest } = more;
  return {
    facts: { mac: PLANNED.mac, managedBy: "none", ...(version === undefined ? {} : { running: { application: version } }), ...facts },
    inUse: { state: "idle" },
    lines: { registered: 2, configured: 2 },
    faults: version === undefined ? [{ kind: "unreachable", via: "https" }] : [],
    ...{ askedMs: rest.atMs ?? NOW, atMs: NOW },
    ...rest,
  };
}
export function now(change: Partial<Situation> = {}): Situation {
  return { planned: PLANNED, leg: 0, policy: POLICY, pace, imageStaged: true, holds: [], signs: {}, nowMs: NOW, ...change };
}
export const silent = seen(undefined);

/** A case: what it shows, the state, what differs from `now()`, the move. */
export type Case = readonly [what: string, state: TaskState, situation: Partial<Situation>, move: unknown];
export const LOOK: Move = { do: "look" };
export const NOTHING: Move = { do: "nothing" };
export const stepOf = (event: object) => ({ do: "step", event: expect.objectContaining(event) });

export const staged: TaskState = { at: "staged", tries: 0, leg: 0 };
export const heldBy = (...reasons: Hold[]): TaskState => ({ at: "held", reasons, sinceMs: 0, tries: 0, leg: 0 });
export const deferred: TaskState = { at: "deferred", inUse: busy, sinceMs: 0, nextLookMs: NOW, deadlineMs: NOW + MINUTE, tries: 0, leg: 0 };
export const armed: TaskState = { at: "armed", why: "silent", sinceMs: 0, deadlineMs: LATER, tries: 0, leg: 0 };
export const retryable: TaskState = { at: "failedRetryable", attempt, fault, nextAtMs: NOW };
export const reserved: TaskState = { at: "reserved", attempt, deadlineMs: NOW + MINUTE };
export const commandedAt = (deadlineMs: number): TaskState => ({ at: "commanded", attempt, accepted: true, commandedAtMs: 0, deadlineMs });
export const applyingAt = (deadlineMs: number): TaskState => ({ at: "applying", attempt, deadlineMs });
export const rebootingAt = (deadlineMs: number): TaskState => ({ at: "rebooting", attempt, deadlineMs });
export const verifyingAt = (deadlineMs: number): TaskState => ({ at: "verifying", attempt, deadlineMs });
export const soakingTo = (untilMs: number): TaskState => ({ at: "soaking", attempt, untilMs });
export const unknownWas = (was: (TaskState & { at: "unknown" })["was"], deadlineMs = NOW + MINUTE): TaskState => ({
  at: "unknown",
  attempt,
  was,
  deadlineMs,
});
