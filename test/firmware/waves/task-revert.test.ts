import { expect, test } from "vitest";
import { mayRevert } from "../../../firmware/waves/reversibility.ts";
import { isAtRisk, type TaskState } from "../../../firmware/waves/task-state.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import { BACK, mayFlash, next, STATES } from "./task-kit.ts";

test("stepTask(): a rollback takes in hand what this task may have changed, never what may be flashing, waits, or was changed by nobody", () => {
  const started = { kind: "revertStarted", rollback: BACK, leg: 1 } as const;
  for (const state of STATES) {
    const after = next(state, started);
    expect(after.at === "reverting" && after !== state, state.at).toBe(mayRevert(state));
    if (mayRevert(state)) expect(after).toEqual({ at: "reverting", rollback: BACK, unproven: isAtRisk(state), leg: 1 });
    else expect(after).toBe(state);
    if (mayFlash(state)) expect(mayRevert(state)).toBe(false);
  }
  const taken = new Set(STATES.filter(mayRevert).map(({ at }) => at));
  expect([...taken]).toEqual(["verifying", "soaking", "succeeded", "skipped", "refused", "failed", "lost", "revertFailed"]);
});

test("stepTask(): I7 what is taken back is at risk as before until its rollback says what became of it", () => {
  for (const state of STATES.filter(mayRevert)) {
    const reverting = next(state, { kind: "revertStarted", rollback: BACK, leg: 1 });
    expect(isAtRisk(reverting)).toBe(isAtRisk(state));
    expect(next(reverting, { kind: "revertDone", rollback: BACK })).toEqual({ at: "reverted", rollback: BACK, leg: 1 });
    for (const unproven of [true, false]) {
      const failed = next(reverting, { kind: "revertFailed", rollback: BACK, why: "lost", unproven });
      expect(failed).toEqual({ at: "revertFailed", rollback: BACK, why: "lost", unproven, leg: 1 });
      expect(isAtRisk(failed)).toBe(unproven);
    }
  }
});

test("stepTask(): only the rollback that has the device says what became of it; one that fell back later has failed after all", () => {
  const other = "c-other001" as CampaignId;
  const reverting: TaskState = { at: "reverting", rollback: BACK, unproven: true, leg: 1 };
  expect(next(reverting, { kind: "revertDone", rollback: other })).toBe(reverting);
  expect(next(reverting, { kind: "revertFailed", rollback: other, why: "lost", unproven: false })).toBe(reverting);
  const reverted: TaskState = { at: "reverted", rollback: BACK, leg: 1 };
  expect(next(reverted, { kind: "revertFailed", rollback: BACK, why: "fellBackLater", unproven: false }).at).toBe("revertFailed");
  expect(next(reverted, { kind: "revertDone", rollback: BACK })).toBe(reverted);
});
