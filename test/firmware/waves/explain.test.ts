import { expect, test } from "vitest";
import type { CampaignState } from "../../../firmware/waves/campaign-state.ts";
import { concerns, type ExplainInput, explain } from "../../../firmware/waves/explain.ts";
import type { Kill } from "../../../firmware/waves/kill.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import { isAtRisk, isFinal, type TaskState } from "../../../firmware/waves/task-state.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import { candidate, deviceOf, NOW, planInput } from "./builders.ts";

const PLAN = makePlan(planInput([candidate(1), candidate(2), candidate(3, { availability: "offline" })]));
const RUNNING: CampaignState = { at: "running", approvals: [], wave: 1, startedBy: "doe" };
const PAUSED: CampaignState = { ...RUNNING, at: "paused", cause: { kind: "person", by: "doe" }, sinceMs: NOW };
const KILL: Kill = { scope: { kind: "site" }, by: "anna", reason: "smoke", sinceMs: NOW };
const attempt = { number: 1, token: "t", leg: 0 };
const fault = { kind: "stalled", waitedFor: "it" } as const;
const hold = { code: "window", why: "the window is closed", untilMs: NOW + 1, endedBy: "the window opening" } as const;

const STATES: readonly TaskState[] = [
  { at: "planned" },
  { at: "staged", tries: 0, leg: 0 },
  { at: "held", reasons: [hold], sinceMs: NOW, tries: 0, leg: 0 },
  { at: "deferred", inUse: { state: "busy", reason: "in a call" }, sinceMs: NOW, nextLookMs: 1, deadlineMs: NOW + 9, tries: 0, leg: 0 },
  { at: "armed", why: "no answer by https", sinceMs: NOW, deadlineMs: NOW + 9, tries: 0, leg: 0 },
  { at: "reserved", attempt, deadlineMs: NOW + 9 },
  { at: "commanded", attempt, accepted: true, commandedAtMs: NOW, deadlineMs: NOW + 9 },
  { at: "applying", attempt, deadlineMs: NOW + 9 },
  { at: "rebooting", attempt, deadlineMs: NOW + 9 },
  { at: "verifying", attempt, deadlineMs: NOW + 9 },
  { at: "soaking", attempt, untilMs: NOW + 9 },
  { at: "unknown", attempt, was: "applying", deadlineMs: NOW + 9 },
  { at: "failedRetryable", attempt, fault, nextAtMs: NOW + 9 },
  { at: "succeeded", how: "updated" },
  { at: "skipped", why: "broken", by: "doe", leg: 0 },
  { at: "replaced", by: "c-2" as CampaignId, leg: 0 },
  { at: "refused", why: "another device", leg: 0 },
  { at: "failed", cause: "neverReacted", fault, seenHealthy: true, leg: 0 },
  { at: "lost", sinceMs: NOW, lastSign: "silent", leg: 0 },
  { at: "reverting", rollback: "c-back0001" as CampaignId, unproven: true, leg: 1 },
  { at: "reverted", rollback: "c-back0001" as CampaignId, leg: 1 },
  { at: "revertFailed", rollback: "c-back0001" as CampaignId, why: "lost", unproven: true, leg: 1 },
];

function why(state: TaskState, change: Partial<ExplainInput> = {}, wave = 1) {
  return explain({
    ...{ plan: PLAN, device: deviceOf(1), campaign: RUNNING, kills: [] },
    waves: [{ index: 1, state: { at: "active", sinceMs: NOW, accepted: [] } }],
    task: { state, wave, sinceMs: NOW },
    ...change,
  });
}

test.each(STATES)("explain(): I30 $at has a reason, and while it waits an end or somebody who ends it", (state) => {
  for (const campaign of [RUNNING, PAUSED]) {
    const reasons = why(state, { campaign, kills: [KILL] });
    expect(reasons.length).toBeGreaterThan(0);
    for (const reason of reasons) {
      expect(reason.why).not.toBe("");
      if (!isFinal(state)) expect(reason.endedBy ?? reason.untilMs).toBeDefined();
    }
    expect(reasons.some(({ code }) => code === "killed")).toBe(!isFinal(state) && !isAtRisk(state));
  }
});

test.each(STATES)("explain(): of $at in a campaign that is over nothing is said to end a wait but a new plan", (state) => {
  const halted: CampaignState = { at: "halted", atMs: NOW, cause: { by: "anna", why: "smoke" } };
  const reasons = why(state, { campaign: halted, kills: [KILL] });
  if (isFinal(state) || isAtRisk(state)) expect(reasons).toEqual(why(state));
  else expect(reasons).toEqual([{ code: "campaign", why: "the campaign is halted", endedBy: "a new plan" }]);
});

test("explain(): I7 whoever was lost counts as at risk until it is seen well or written off, and says on which version it came back", () => {
  const lost: TaskState = { at: "lost", sinceMs: NOW, lastSign: "silent", leg: 0 };
  expect(why(lost)).toMatchObject([{ why: "lost: silent; it counts as at risk", endedBy: expect.stringContaining("writes it off") }]);
  const [back] = why({ ...lost, seenWell: { atMs: NOW, version: "6.4.6.2494" } });
  expect(back?.why).toContain("seen well again on 6.4.6.2494");
  expect(back?.endedBy).toBeUndefined();
});

test("explain(): all reasons at once, the kill switch first", () => {
  const state: TaskState = { at: "held", reasons: [{ ...hold, code: "killed" }, hold], sinceMs: NOW, tries: 0, leg: 0 };
  expect(
    why(state, { campaign: PAUSED, kills: [KILL], image: { why: "its image is on its way", endedBy: "its last byte" } }, 2).map(
      ({ code }) => code,
    ),
  ).toEqual([...["killed", "paused", "image", "wave", "window"]]);
});

test("explain(): held back, not in the plan, not approved, a gate, and a wave that has not begun", () => {
  expect(why({ at: "planned" }, { device: deviceOf(3) })).toMatchObject([
    { code: "heldBack", endedBy: expect.stringContaining("answers again") },
  ]);
  expect(why({ at: "planned" }, { device: deviceOf(9) })).toMatchObject([{ code: "notPlanned", endedBy: "the next plan" }]);
  expect(why({ at: "planned" }, { campaign: { at: "awaitingApproval", approvals: [] } })[0]).toMatchObject({
    code: "campaign",
    endedBy: "an approver",
  });
  const cause = { kind: "gate", wave: 1, gate: "completion", evidence: "1 lost" } as const;
  expect(why({ at: "planned" }, { campaign: { ...PAUSED, cause } as CampaignState })[0]).toMatchObject({
    code: "gate",
    why: expect.stringContaining("1 lost"),
  });
  expect(why({ at: "planned" }, {}, 2)).toMatchObject([{ code: "wave", why: "it is in wave 2, and wave 1 is active" }]);
  expect(why({ at: "staged", tries: 0, leg: 0 })).toMatchObject([{ why: expect.stringContaining("nothing stands in its way") }]);
});

test("explain(): an armed device says since when it is away, until when it may come back, and that its wave goes on", () => {
  const armed: TaskState = { at: "armed", why: "no answer by https", sinceMs: NOW, deadlineMs: NOW + 9, tries: 0, leg: 0 };
  expect(why(armed)).toEqual([
    {
      ...{ code: "offline", why: "it does not answer, and its wave goes on without it: no answer by https", sinceMs: NOW },
      ...{ untilMs: NOW + 9, endedBy: "the device coming back in an open window, or its deadline" },
    },
  ]);
  // Its wave may have passed long ago.
  const later = { ...RUNNING, wave: 3 };
  expect(why(armed, { campaign: later }).map(({ code }) => code)).toEqual(["offline"]);
  expect(why(armed, { campaign: PAUSED }).map(({ code }) => code)).toEqual(["paused", "offline"]);
});

test("explain(): a planned device names its wave or its image, whichever it is", () => {
  const image = { why: "its image is on its way", endedBy: "its last byte" };
  expect(why({ at: "planned" }, { image })).toEqual([{ code: "image", ...image }]);
  expect(why({ at: "planned" }, { image }, 2).map(({ code }) => code)).toEqual(["image", "wave"]);
  expect(why({ at: "planned" }, {}, 2).map(({ code }) => code)).toEqual(["wave"]);
  expect(why({ at: "planned" })).toEqual([{ code: "wave", why: "nothing stands in its way: it has its turn next", endedBy: "its turn" }]);
});

test("concerns(): its task, that it is held back, or nothing", () => {
  expect(concerns(PLAN, deviceOf(1))).toMatchObject({ device: deviceOf(1) });
  expect([concerns(PLAN, deviceOf(3)), concerns(PLAN, deviceOf(9))]).toEqual(["heldBack", undefined]);
});
