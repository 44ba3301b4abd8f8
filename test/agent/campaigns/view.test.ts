import { expect, test } from "vitest";
import { viewTask } from "../../../agent/campaigns/task-view.ts";
import { viewCampaign } from "../../../agent/campaigns/view.ts";
import type { CampaignState } from "../../../firmware/waves/campaign-state.ts";
import type { Kill } from "../../../firmware/waves/kill.ts";
import { makePlan, planHash } from "../../../firmware/waves/plan.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import { isAtRisk, isFinal, type TaskState } from "../../../firmware/waves/task-state.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import { isoOf, MINUTE } from "../../../protocols/core/time.ts";
import type { Version } from "../../../protocols/core/version.ts";
import { CAMPAIGN, candidate, NOW, planInput } from "../../firmware/waves/builders.ts";

const PLAN = makePlan(planInput([1, 2, 3].map((number) => candidate(number))));
const attempt = { number: 2, token: "token-secret", leg: 0 };
const fault = { kind: "stalled", waitedFor: "it" } as const;
const LATER = NOW + MINUTE;

const RUNNING: CampaignState = { at: "running", approvals: [], wave: 1, startedBy: "doe" };

function view(states: readonly TaskState[], state: CampaignState = RUNNING, kills: readonly Kill[] = []) {
  const waveOf = (id: string) => PLAN.waves.find(({ tasks }) => tasks.some((task) => task === id))?.index ?? 0;
  return viewCampaign({
    id: CAMPAIGN,
    state,
    planHash: planHash(PLAN),
    plan: PLAN,
    kills,
    waves: PLAN.waves.map(({ index }) => ({ index, state: { at: "pending" }, revision: 1 })),
    tasks: PLAN.tasks.map(({ id, device }, at) => ({
      id,
      device,
      campaign: CAMPAIGN,
      wave: waveOf(id),
      state: states[at] ?? { at: "planned" },
      revision: 1,
      sinceMs: NOW,
    })),
  });
}

const STATES: readonly TaskState[] = [
  { at: "planned" },
  { at: "staged", tries: 0, leg: 0 },
  { at: "held", reasons: [{ code: "window", why: "closed", untilMs: LATER, endedBy: "the window" }], sinceMs: NOW, tries: 0, leg: 0 },
  { at: "deferred", inUse: { state: "busy", reason: "in a call" }, sinceMs: NOW, nextLookMs: LATER, deadlineMs: LATER, tries: 0, leg: 0 },
  { at: "armed", why: "no answer by https", sinceMs: NOW, deadlineMs: LATER, tries: 0, leg: 0 },
  { at: "reserved", attempt, deadlineMs: LATER },
  { at: "commanded", attempt, accepted: true, commandedAtMs: NOW, deadlineMs: LATER },
  { at: "applying", attempt, deadlineMs: LATER },
  { at: "rebooting", attempt, deadlineMs: LATER },
  { at: "verifying", attempt, deadlineMs: LATER },
  { at: "soaking", attempt, untilMs: LATER },
  { at: "unknown", attempt, was: "applying", deadlineMs: LATER },
  { at: "failedRetryable", attempt, fault, nextAtMs: LATER },
  { at: "succeeded", how: "updated" },
  { at: "skipped", why: "broken", by: "doe", leg: 0 },
  { at: "replaced", by: "c-2" as CampaignId, leg: 0 },
  { at: "refused", why: "another device", leg: 0 },
  { at: "failed", cause: "fellBack", fault, seenHealthy: true, leg: 0 },
  { at: "lost", sinceMs: NOW, lastSign: "silent", leg: 0 },
  { at: "reverting", rollback: "c-back0001" as CampaignId, unproven: true, leg: 1 },
  { at: "reverted", rollback: "c-back0001" as CampaignId, leg: 1 },
  { at: "revertFailed", rollback: "c-back0001" as CampaignId, why: "lost", unproven: true, leg: 1 },
];

test.each(STATES)("viewTask(): I30 $at says why, and while it lasts until when or who ends it", (state) => {
  const task = view([state]).tasks[0];
  expect(task?.why).toEqual(expect.any(String));
  if (!isFinal(state)) expect(task?.until ?? task?.endedBy).toBeDefined();
  expect(task?.since).toBe(isoOf(NOW));
  expect(JSON.stringify(task)).not.toContain("token-secret");
});

test("viewTask(): several holds are all told, and the last of their ends counts", () => {
  const reasons = [
    { code: "window", why: "closed", untilMs: LATER, endedBy: "the window" },
    { code: "offline", why: "silent", untilMs: LATER + 1, endedBy: "the device" },
    { code: "budget", why: "the limit", endedBy: "another" },
  ] as const;
  expect(view([{ at: "held", reasons, sinceMs: NOW, tries: 1, leg: 0 }]).tasks[0]).toMatchObject({
    why: "closed; silent; the limit",
    until: isoOf(LATER + 1),
    endedBy: "the window; the device; another",
    codes: ["window", "offline", "budget"],
    attempts: 1,
  });
});

test("viewTask(): one that goes over a stepping stone says at which leg it is or ended, one of a single leg does not", () => {
  const [last] = (PLAN.tasks[0] as PlannedTask).legs;
  const about = { name: "zh-p-1", model: "VVX 450", legs: [{ ...last, to: "5.9.8.5760" as Version }, last] as const };
  const legIn = (state: TaskState, legs: PlannedTask["legs"] = about.legs) =>
    viewTask({ ...(PLAN.tasks[0] as PlannedTask), campaign: CAMPAIGN, wave: 1, revision: 1, sinceMs: NOW, state }, { ...about, legs }).leg;
  expect(legIn({ at: "planned" })).toEqual({ number: 1, of: 2, to: "5.9.8.5760" });
  expect(legIn({ at: "rebooting", attempt: { ...attempt, leg: 1 }, deadlineMs: LATER })).toMatchObject({ number: 2, of: 2 });
  expect(legIn({ at: "succeeded", how: "updated" })).toMatchObject({ number: 2, of: 2 });
  expect(legIn({ at: "planned" }, [last])).toBeUndefined();
});

test("viewTask(): a commanded device in a call waits by itself", () => {
  const row = { id: PLAN.tasks[0]?.id, device: PLAN.tasks[0]?.device, campaign: CAMPAIGN, wave: 1, revision: 1, sinceMs: NOW };
  const waitsFor = { state: "busy", reason: "in a call" } as const;
  const state: TaskState = { at: "commanded", attempt, accepted: true, waitsFor, commandedAtMs: NOW, deadlineMs: LATER };
  expect(viewTask({ ...row, state } as Parameters<typeof viewTask>[0], { name: "zh-p-1", model: "VVX 450" }).why).toContain("in a call");
});

test("viewTask(): one that was not well while it was watched says how often it is watched anew", () => {
  const words = (state: TaskState) => view([state]).tasks[0]?.why;
  expect(words({ at: "soaking", attempt, untilMs: LATER, relapses: 1 })).toBe(
    "watched, anew: once it restarted or lost lines or parts while it was watched",
  );
  expect(words({ at: "verifying", attempt, deadlineMs: LATER, relapses: 2 })).toContain("come up, anew: 2 times it restarted");
});

test("viewCampaign(): I25 counts add up to the plan, and waves count their ends", () => {
  const shown = view([
    { at: "succeeded", how: "updated" },
    { at: "lost", sinceMs: NOW, lastSign: "silent", leg: 0 },
  ]);
  expect(shown).toMatchObject({
    schema: "groundswell.campaign/1",
    planned: 3,
    counts: { succeeded: 1, lost: 1, planned: 1 },
    atRisk: 1,
  });
  expect(Object.values(shown.counts).reduce((sum, count) => sum + count, 0)).toBe(3);
  expect(shown.waves[0]).toMatchObject({ index: 1, devices: 1, done: 1 });
});

test.each<[CampaignState, string | undefined]>([
  [{ at: "awaitingApproval", approvals: [] }, "waits for another person's approval"],
  [{ at: "armed", approvals: [] }, "approved; waits to be started"],
  [{ at: "halted", atMs: NOW, cause: { by: "doe", why: "enough" } }, "halted by doe: enough"],
  [{ at: "paused", approvals: [], wave: 1, startedBy: "doe", sinceMs: NOW, cause: { kind: "person", by: "anna" } }, "paused by anna"],
  [
    {
      at: "paused",
      approvals: [],
      wave: 1,
      startedBy: "doe",
      sinceMs: NOW,
      cause: { kind: "gate", wave: 1, gate: "health", evidence: "worse" },
    },
    'gate "health" holds wave 1: worse',
  ],
  [{ at: "superseded", atMs: NOW, by: "c-other" as CampaignId }, "superseded by c-other"],
  [{ at: "rollingBack", sinceMs: NOW, rollback: "c-back0001" as CampaignId }, "its devices go back with campaign c-back0001"],
  [{ at: "rolledBack", atMs: NOW, rollback: "c-back0001" as CampaignId }, "all that could go back are back, with campaign c-back0001"],
  [{ at: "closed", atMs: NOW, by: "doe", why: "left as it is" }, "closed by doe: left as it is"],
  [{ at: "running", approvals: [], wave: 1, startedBy: "doe" }, undefined],
])("viewCampaign(): says why it stands where it stands: %j", (state, why) => {
  expect(view([], state).why).toBe(why);
});

test("viewCampaign(): a wave shows what its gates said last, with evidence and who accepted", () => {
  const evidence = [{ what: "bytes a second", verdict: "pass" as const }];
  const judgement = { verdict: "inconclusive" as const, why: "an incident is open", evidence, failures: 1 };
  const row = {
    campaign: CAMPAIGN,
    wave: 1,
    revision: 4,
    atMs: NOW,
    verdict: "pass" as const,
    gate: "completion" as const,
    why: "every gate passed",
  };
  const { waves } = viewCampaign({
    ...{ id: CAMPAIGN, state: { at: "armed", approvals: [] }, planHash: planHash(PLAN), plan: PLAN, tasks: [], kills: [] },
    waves: PLAN.waves.map(({ index }) => ({ index, state: { at: "pending" }, revision: 1 })),
    judgements: [{ ...row, judgements: [{ gate: "calm", judgement, acceptedBy: "doe" }] }],
  });
  expect(waves[0]?.judged).toEqual({
    at: isoOf(NOW),
    verdict: "pass",
    gate: "completion",
    gates: [{ gate: "calm", verdict: "inconclusive", why: "an incident is open", acceptedBy: "doe", evidence }],
  });
  expect(waves[1]).not.toHaveProperty("judged");
});

test("viewCampaign(): I9 the kill switch holds everybody untouched in its scope, with who turned it, and nobody else", () => {
  const kill: Kill = { scope: { kind: "model", model: "vvx450" }, by: "anna", reason: "smoke", sinceMs: LATER };
  const states: TaskState[] = [{ at: "planned" }, { at: "rebooting", attempt, deadlineMs: LATER }, { at: "succeeded", how: "updated" }];
  const [waits, flashes, ended] = view(states, RUNNING, [kill]).tasks;
  expect(waits).toMatchObject({ since: isoOf(LATER), endedBy: expect.stringContaining("approver") });
  expect(waits?.why).toBe("the kill switch is on for vvx450, by anna: smoke");
  expect([flashes?.why, ended?.why]).toEqual(["flashes and restarts", "updated and healthy"]);
  expect(view(states, RUNNING, [{ ...kill, scope: { kind: "model", model: "CCX 500" } }]).tasks[0]?.why).not.toContain("kill");
});

test("viewCampaign(): one that waits only for devices that are away says so, and until when", () => {
  const away = (deadlineMs: number): TaskState => ({ at: "armed", why: "silent", sinceMs: NOW, deadlineMs, tries: 0, leg: 0 });
  const done: TaskState = { at: "succeeded", how: "updated" };
  expect(view([done, done, away(LATER)]).why).toBe(`waits only for a device that does not answer, until ${isoOf(LATER)}`);
  expect(view([done, away(LATER), away(LATER + MINUTE)]).why).toBe(
    `waits only for 2 devices that do not answer, until ${isoOf(LATER + MINUTE)}`,
  );
  expect(view([{ at: "planned" }, done, away(LATER)]).why).toBeUndefined();
  expect(view([done, done, done]).why).toBeUndefined();
});

test.each(STATES)("viewCampaign(): $at in a campaign that was halted waits for nothing that does not come any more", (state) => {
  const halted: CampaignState = { at: "halted", atMs: NOW, cause: { by: "anna", why: "smoke" } };
  const kill: Kill = { scope: { kind: "site" }, by: "berta", reason: "drill", sinceMs: NOW };
  const [task] = view([state], halted, [kill]).tasks;
  if (isFinal(state) || isAtRisk(state)) expect(task).toEqual(view([state]).tasks[0]);
  else expect([task?.why, task?.until, task?.endedBy]).toEqual(["the campaign is halted", undefined, "a new plan"]);
});
