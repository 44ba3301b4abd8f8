import { expect, test } from "vitest";
import { attemptsSpent, isAtRisk, isFinal, isUntouched, type TaskState } from "../../../firmware/waves/task-state.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";

const attempt = { number: 2, token: "t2", leg: 0 };
const fault = { kind: "stalled", waitedFor: "it" } as const;
const hold = { code: "window", why: "closed", endedBy: "the window opening" } as const;
const busy = { state: "busy", reason: "in a call" } as const;

/** Every state with what it means: attempts spent, and f for final, r for at risk. */
const TABLE: readonly (readonly [TaskState, number, string])[] = [
  [{ at: "planned" }, 0, ""],
  [{ at: "staged", tries: 1, leg: 0 }, 1, ""],
  [{ at: "held", reasons: [hold], sinceMs: 0, tries: 1, leg: 0 }, 1, ""],
  [{ at: "deferred", inUse: busy, sinceMs: 0, nextLookMs: 1, deadlineMs: 9, tries: 1, leg: 0 }, 1, ""],
  [{ at: "armed", why: "silent", sinceMs: 0, deadlineMs: 9, tries: 1, leg: 0 }, 1, ""],
  [{ at: "reserved", attempt, deadlineMs: 1 }, 2, "r"],
  [{ at: "commanded", attempt, accepted: false, commandedAtMs: 0, deadlineMs: 1 }, 2, "r"],
  [{ at: "commanded", attempt, accepted: true, waitsFor: busy, commandedAtMs: 0, deadlineMs: 1 }, 2, "r"],
  [{ at: "applying", attempt, deadlineMs: 1 }, 2, "r"],
  [{ at: "rebooting", attempt, deadlineMs: 1 }, 2, "r"],
  [{ at: "verifying", attempt, deadlineMs: 1 }, 2, "r"],
  [{ at: "soaking", attempt, untilMs: 1 }, 2, "r"],
  [{ at: "unknown", attempt, was: "reserved", deadlineMs: 1 }, 2, "r"],
  [{ at: "unknown", attempt, was: "commanded", deadlineMs: 1 }, 2, "r"],
  [{ at: "unknown", attempt, was: "applying", deadlineMs: 1 }, 2, "r"],
  [{ at: "unknown", attempt, was: "rebooting", deadlineMs: 1 }, 2, "r"],
  [{ at: "unknown", attempt, was: "verifying", deadlineMs: 1 }, 2, "r"],
  [{ at: "failedRetryable", attempt, fault, nextAtMs: 1 }, 2, ""],
  [{ at: "succeeded", how: "updated" }, 0, "f"],
  [{ at: "succeeded", how: "alreadyCurrent" }, 0, "f"],
  [{ at: "skipped", why: "broken", by: "doe", leg: 0 }, 0, "f"],
  [{ at: "skipped", why: "it did not come back", by: "the policy of the plan", leg: 0, byPolicy: true }, 0, "f"],
  [{ at: "refused", why: "other part number", leg: 0 }, 0, "f"],
  [{ at: "replaced", by: "c-2" as CampaignId, leg: 0 }, 0, "f"],
  [{ at: "failed", cause: "fellBack", fault, seenHealthy: true, leg: 0 }, 0, "f"],
  [{ at: "failed", cause: "neverReacted", fault, seenHealthy: false, leg: 0 }, 0, "fr"],
  [{ at: "lost", sinceMs: 0, lastSign: "rebooting", leg: 0 }, 0, "fr"],
  [{ at: "lost", sinceMs: 0, lastSign: "rebooting", leg: 0, seenWell: { atMs: 1, version: "6.4.6" } }, 0, "f"],
];

const named = TABLE.map(([state, spent, marks]) => ({
  state,
  spent,
  marks,
  name: `${state.at}${state.at === "unknown" ? ` (was ${state.was})` : state.at === "failed" ? ` (seen healthy: ${state.seenHealthy})` : "seenWell" in state ? " (seen well)" : ""}`,
}));

test.each(named)("isFinal(): $name", ({ state, marks }) => expect(isFinal(state)).toBe(marks.includes("f")));

test.each(named)("isAtRisk(): I7 $name", ({ state, marks }) => expect(isAtRisk(state)).toBe(marks.includes("r")));

test.each(named.filter(({ marks }) => !marks.includes("f")))("attemptsSpent(): $name", ({ state, spent }) => {
  expect(attemptsSpent(state)).toBe(spent);
});

test.each(named)("isUntouched(): only what waits and was never commanded: $name", ({ state }) => {
  expect(isUntouched(state)).toBe(state.at === "planned");
  if ("tries" in state) expect(isUntouched({ ...state, tries: 0 })).toBe(true);
});
