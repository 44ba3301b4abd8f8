import type { ReleaseStanding } from "../../../../firmware/waves/freshness.ts";
import type { DeviceHealth, DeviceUse, GateInput, JudgedTask, SiteNow } from "../../../../firmware/waves/gates/gate.ts";
import type { TaskState } from "../../../../firmware/waves/task-state.ts";
import { taskIdOf } from "../../../../protocols/core/ids.ts";
import type { Reading } from "../../../../protocols/core/reading.ts";
import { DAY, MINUTE } from "../../../../protocols/core/time.ts";
import { CAMPAIGN, deviceOf, NOW, policy } from "../builders.ts";

export const UPDATED: TaskState = { at: "succeeded", how: "updated" };
export const CURRENT: TaskState = { at: "succeeded", how: "alreadyCurrent" };
export const FAILED: TaskState = {
  at: "failed",
  cause: "fellBack",
  fault: { kind: "stalled", waitedFor: "it" },
  seenHealthy: true,
  leg: 0,
};
export const LOST: TaskState = { at: "lost", sinceMs: NOW, lastSign: "rebooting", leg: 0 };
export const SKIPPED: TaskState = { at: "skipped", why: "broken", by: "doe", leg: 0 };
export const LEFT_OUT: TaskState = { at: "skipped", why: "it did not come back", by: "the policy of the plan", leg: 0, byPolicy: true };
export const ARMED: TaskState = { at: "armed", why: "silent", sinceMs: NOW, deadlineMs: NOW + DAY, tries: 0, leg: 0 };
export const REFUSED: TaskState = { at: "refused", why: "other part number", leg: 0 };
export const APPLYING: TaskState = { at: "applying", attempt: { number: 1, token: "t", leg: 0 }, deadlineMs: NOW + MINUTE };
export const SOAKING: TaskState = { at: "soaking", attempt: { number: 1, token: "t", leg: 0 }, untilMs: NOW + MINUTE };

export function judgedTask(number: number, state: TaskState): JudgedTask {
  return { id: taskIdOf(CAMPAIGN, deviceOf(number)), device: deviceOf(number), name: `zh-p-${number}`, model: "VVX 450", state };
}

/** A device that was well ten minutes ago and is well now. */
export function well(number: number, before: Reading = { registeredLines: 2 }, after: Reading = before): DeviceHealth {
  return {
    device: deviceOf(number),
    model: "VVX 450",
    before: { atMs: NOW - 20 * MINUTE, reading: before },
    after: { atMs: NOW - MINUTE, reading: after },
    landedAtMs: NOW - 10 * MINUTE,
  };
}

/** A device that had a call since it landed, ten minutes ago. */
export function used(number: number, changes: Partial<DeviceUse> = {}): DeviceUse {
  return { device: deviceOf(number), landedAtMs: NOW - 10 * MINUTE, calls: 1, daysInUse: 20, ...changes };
}

export const CALM: SiteNow = { incidents: [], uplink: { used: 0, cap: 2_000_000 }, waveSinceMs: NOW - 30 * MINUTE };
export const FRESH: ReleaseStanding = { release: "ucs-6.4.8", at: "stated", version: 3, newestVersion: 3, expiresAtMs: NOW + DAY };

/** A wave of these states; every updated device is well unless said otherwise. */
export function gateInput(states: readonly TaskState[], changes: Partial<GateInput> & { failuresAllowed?: number } = {}): GateInput {
  const { failuresAllowed = 0, ...rest } = changes;
  const tasks = states.map((state, i) => judgedTask(i, state));
  return {
    isLast: false,
    policy: policy(),
    wave: { index: 2, tasks: tasks.map(({ id }) => id), failuresAllowed, soakMs: MINUTE, proof: [] },
    nowMs: NOW,
    tasks,
    health: states.map((_, i) => well(i)),
    untouched: [],
    staleAfterMs: 5 * MINUTE,
    use: states.map((_, i) => used(i)),
    site: CALM,
    catalogue: [FRESH],
    ...rest,
  };
}
