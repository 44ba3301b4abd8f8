import { join } from "node:path";
import { expect, test } from "vitest";
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
