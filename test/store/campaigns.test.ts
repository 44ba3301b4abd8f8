import { join } from "node:path";
import { expect, test } from "vitest";
import { type CampaignState, isFinalCampaign } from "../../firmware/waves/campaign-state.ts";
import { Bug } from "../../protocols/core/fault.ts";
import { type CampaignId, type Sha256, taskIdOf } from "../../protocols/core/ids.ts";
import type { ApprovalRow, NewCampaign } from "../../store/campaigns.ts";
import { MAIN_FILE } from "../../store/open.ts";
import { CAMPAIGN, deviceId, HASH, planOf, rawly, storeWithCampaign, T0, temporaryFolder } from "./temporary.ts";

const STEP = {
  id: CAMPAIGN,
  expectedRevision: 1,
  next: { at: "awaitingApproval", approvals: [] },
  why: "planned by doe",
  atMs: T0 + 1,
} as const;
const YES: ApprovalRow = { campaign: CAMPAIGN, planHash: HASH, person: "anna", keyId: "k", atMs: T0 };

function other(name: string, atMs: number): NewCampaign {
  const id = `c-${name}` as CampaignId;
  return { id, state: { at: "planned" }, plan: planOf([1], id), planHash: HASH, waves: [], atMs };
}

test("create(): the campaign with its plan, its waves and the first line of its history", () => {
  const { campaigns } = storeWithCampaign();
  expect(campaigns.load(CAMPAIGN)).toEqual({
    id: CAMPAIGN,
    state: { at: "planned" },
    planHash: HASH,
    revision: 1,
    createdAtMs: T0,
    plan: planOf([1, 2, 3]),
  });
  expect(campaigns.waves(CAMPAIGN)).toEqual([1, 2].map((index) => ({ index, state: { at: "pending" }, revision: 1 })));
  expect(campaigns.history(CAMPAIGN)).toMatchObject([{ revision: 1, why: "created", at: "planned", atMs: T0 }]);
});

test("create(): an id is used once, and a second try leaves the first as it is", () => {
  const store = storeWithCampaign();
  const again = { ...other("test", T0 + 9), planHash: "cd".repeat(32) as Sha256 };
  expect(() => store.campaigns.create(again)).toThrow(Bug);
  expect(store.campaigns.summary(CAMPAIGN)?.planHash).toBe(HASH);
  expect(store.campaigns.history(CAMPAIGN)).toHaveLength(1);
});

test("load(): an unknown campaign is undefined", () => {
  const { campaigns } = storeWithCampaign();
  expect([campaigns.load("c-none" as CampaignId), campaigns.summary("c-none" as CampaignId)]).toEqual([undefined, undefined]);
});

test("list(): newest first, bounded", () => {
  const { campaigns } = storeWithCampaign();
  campaigns.create(other("late", T0 + 2));
  campaigns.create(other("later", T0 + 3));
  expect(campaigns.list().map(({ id }) => id)).toEqual(["c-later", "c-late", CAMPAIGN]);
  expect(campaigns.list(1).map(({ id }) => id)).toEqual(["c-later"]);
});

/** One of each state, by its name. */
const STATES: { readonly [at in CampaignState["at"]]: Extract<CampaignState, { readonly at: at }> } = {
  planned: { at: "planned" },
  awaitingApproval: { at: "awaitingApproval", approvals: [] },
  armed: { at: "armed", approvals: [] },
  running: { at: "running", approvals: [], wave: 1, startedBy: "doe" },
  paused: { at: "paused", approvals: [], wave: 1, startedBy: "doe", cause: { kind: "person", by: "doe" }, sinceMs: T0 },
  completed: { at: "completed", atMs: T0, counts: { succeeded: 1, failed: 0, lost: 0, refused: 0, skipped: 0 } },
  completedWithFailures: { at: "completedWithFailures", atMs: T0, counts: { succeeded: 0, failed: 1, lost: 0, refused: 0, skipped: 0 } },
  halted: { at: "halted", atMs: T0, cause: { by: "doe", why: "smoke" } },
  expired: { at: "expired", atMs: T0 },
  superseded: { at: "superseded", atMs: T0, by: CAMPAIGN },
  rollingBack: { at: "rollingBack", sinceMs: T0, rollback: CAMPAIGN },
  rolledBack: { at: "rolledBack", atMs: T0, rollback: CAMPAIGN },
  closed: { at: "closed", atMs: T0, by: "doe", why: "done" },
};

test("open(): whatever has not ended or is being taken back, newest first, however many have ended since", () => {
  const { campaigns } = storeWithCampaign();
  const states = Object.values(STATES);
  for (const [index, state] of states.entries()) campaigns.create({ ...other(state.at.toLowerCase(), T0 + 1 + index), state });
  for (let i = 0; i < 1_000; i++) campaigns.create({ ...other(`over${i}`, T0 + 100), state: STATES.completed });
  expect(campaigns.list().some(({ state }) => !isFinalCampaign(state))).toBe(false);
  const wanted = states.filter((state) => !isFinalCampaign(state) || state.at === "rollingBack").map(({ at }) => at);
  expect(campaigns.open().map(({ state }) => state.at)).toEqual([...wanted.toReversed(), "planned"]);
});

test("ofPlan(): the newest campaign of exactly this plan", () => {
  const { campaigns } = storeWithCampaign();
  const planHash = "cd".repeat(32) as Sha256;
  campaigns.create({ ...other("first", T0 + 1), planHash });
  campaigns.create({ ...other("second", T0 + 2), planHash });
  campaigns.create(other("third", T0 + 3));
  expect(campaigns.ofPlan(planHash)?.id).toBe("c-second");
  expect(campaigns.ofPlan("ef".repeat(32))).toBeUndefined();
});

test("naming(): by a task or among those that are left out, newest first; a campaign that names nobody of them is not read", () => {
  const store = storeWithCampaign();
  const { campaigns } = store;
  const held = { device: deviceId(7), name: "Lobby", code: "noRelease", why: "none is newer", lifts: "a newer release" } as const;
  const late = other("late", T0 + 2);
  campaigns.create({ ...late, plan: { ...late.plan, heldBack: [held as never] } });
  store.tasks.createAll(late.id, late.plan, T0);
  expect(campaigns.naming(deviceId(1)).map(({ id }) => id)).toEqual(["c-late", CAMPAIGN]);
  expect(campaigns.naming(deviceId(2)).map(({ id }) => id)).toEqual([CAMPAIGN]);
  expect(campaigns.naming(deviceId(7)).map(({ id }) => id)).toEqual(["c-late"]);
  expect(campaigns.naming(deviceId(8))).toEqual([]);
});

test("step(): the new state with its reason in the history", () => {
  const { campaigns } = storeWithCampaign();
  expect(campaigns.step(STEP)).toBe(true);
  expect(campaigns.summary(CAMPAIGN)).toMatchObject({ state: { at: "awaitingApproval", approvals: [] }, revision: 2 });
  const last = campaigns.history(CAMPAIGN).at(-1);
  expect(last).toMatchObject({ revision: 2, why: "planned by doe", at: "awaitingApproval", atMs: T0 + 1 });
  expect(last).not.toHaveProperty("wave");
});

test("step(): a stale revision changes neither state nor history", () => {
  const { campaigns } = storeWithCampaign();
  campaigns.step(STEP);
  expect(campaigns.step({ ...STEP, next: { at: "expired", atMs: T0 } })).toBe(false);
  expect(campaigns.summary(CAMPAIGN)?.state.at).toBe("awaitingApproval");
  expect(campaigns.history(CAMPAIGN)).toHaveLength(2);
});

test("step(): the first start stays the start", () => {
  const { campaigns } = storeWithCampaign();
  campaigns.step({ ...STEP, startedAtMs: T0 + 5 });
  campaigns.step({ ...STEP, expectedRevision: 2, startedAtMs: T0 + 9 });
  expect(campaigns.summary(CAMPAIGN)?.startedAtMs).toBe(T0 + 5);
});

test("stepWave(): one wave moves by its own revision, and its history names it", () => {
  const { campaigns } = storeWithCampaign();
  const next = { at: "active", sinceMs: T0, accepted: [] } as const;
  const move = { campaign: CAMPAIGN, index: 2, expectedRevision: 1, next, why: "first passed", atMs: T0 + 1 };
  expect([campaigns.stepWave(move), campaigns.stepWave(move)]).toEqual([true, false]);
  expect(campaigns.waves(CAMPAIGN).map(({ state, revision }) => [state.at, revision])).toEqual([
    ["pending", 1],
    ["active", 2],
  ]);
  expect(campaigns.summary(CAMPAIGN)?.revision).toBe(1);
  expect(campaigns.history(CAMPAIGN).slice(1)).toMatchObject([{ wave: 2, revision: 2, at: "active", why: "first passed" }]);
});

test("approve(): one person says yes to one thing once; another plan, gate or person is another yes", () => {
  const { campaigns } = storeWithCampaign();
  expect(campaigns.approve(YES)).toBe(true);
  expect(campaigns.approve({ ...YES, keyId: "other", atMs: T0 + 9 })).toBe(false);
  for (const another of [{ planHash: "cd".repeat(32) as Sha256 }, { gate: "failures" }, { person: "bert" }])
    expect(campaigns.approve({ ...YES, ...another, atMs: T0 + 1 })).toBe(true);
  expect(campaigns.approvals(CAMPAIGN)).toHaveLength(4);
  expect(campaigns.approvals(CAMPAIGN)[0]).toEqual(YES);
  expect(campaigns.approvals(CAMPAIGN).filter(({ gate }) => gate === "failures")).toHaveLength(1);
});

test("load(): a plan is parsed once, and plans of many campaigns do not mix", () => {
  const { campaigns } = storeWithCampaign();
  for (let i = 0; i < 6; i++) campaigns.create(other(`many${i}`, T0));
  for (const { id } of campaigns.list()) expect(campaigns.load(id)?.plan.campaign).toBe(id);
  expect(campaigns.load(CAMPAIGN)?.plan).toBe(campaigns.load(CAMPAIGN)?.plan);
});

test("load(): plans the drive asks for at each turn are all kept, beside a few that are looked at", () => {
  const directory = temporaryFolder();
  const { campaigns } = storeWithCampaign(directory);
  const named = (what: string, count: number): CampaignId[] =>
    Array.from({ length: count }, (_, index) => `c-${what}${index}` as CampaignId);
  const [running, over] = [named("running", 9), named("over", 9)];
  for (const id of running) campaigns.create({ ...other(id.slice(2), T0), state: STATES.running });
  for (const id of over) campaigns.create({ ...other(id.slice(2), T0), state: STATES.completed });
  for (const id of [...running, ...over]) campaigns.load(id);
  rawly(join(directory, MAIN_FILE), (sql) => sql.run("update plans set plan = '{}'"));
  expect(running.map((id) => campaigns.load(id)?.plan.campaign)).toEqual(running);
  expect(over.slice(-4).map((id) => campaigns.load(id)?.plan.campaign)).toEqual(over.slice(-4));
  for (const id of over.slice(0, -4)) expect(() => campaigns.load(id)).toThrow("does not decode");
});

test("load(): a plan that is no plan is named with its campaign", () => {
  const directory = temporaryFolder();
  const { campaigns } = storeWithCampaign(directory);
  rawly(join(directory, MAIN_FILE), (sql) => sql.run("update plans set plan = '{}'"));
  expect(() => campaigns.load(CAMPAIGN)).toThrow(`Row "${CAMPAIGN}" of table plans does not decode: plan: schema is undefined`);
});

test("plannedTask(): what was asked for once is not read again, however many campaigns there are", () => {
  const directory = temporaryFolder();
  const { campaigns } = storeWithCampaign(directory);
  const names = ["one", "two", "three", "four", "five", "six"];
  for (const [at, name] of names.entries()) campaigns.create(other(name, T0 + at));
  const asked = names.map((name) => [`c-${name}` as CampaignId, taskIdOf(`c-${name}` as CampaignId, deviceId(1))] as const);
  const first = asked.map(([campaign, task]) => campaigns.plannedTask(campaign, task));
  expect(first.map((task) => task?.id)).toEqual(asked.map(([, task]) => task));
  rawly(join(directory, MAIN_FILE), (sql) => sql.run("update plans set plan = '{}'"));
  expect(asked.map(([campaign, task]) => campaigns.plannedTask(campaign, task))).toEqual(first);
  expect(campaigns.plannedTask("c-none" as CampaignId, taskIdOf("c-none" as CampaignId, deviceId(1)))).toBeUndefined();
  expect(campaigns.plannedTask("c-six" as CampaignId, taskIdOf("c-six" as CampaignId, deviceId(9)))).toBeUndefined();
});
