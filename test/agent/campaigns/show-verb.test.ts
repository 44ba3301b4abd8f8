import fc from "fast-check";
import { expect, test } from "vitest";
import { planCampaign } from "../../../agent/campaigns/plan-verb.ts";
import { PIECE_BYTES_MAX, type ShowArgs, showPlan } from "../../../agent/campaigns/show-verb.ts";
import { approveCampaign, haltCampaign } from "../../../agent/campaigns/verbs.ts";
import type { HeldBack } from "../../../firmware/held.ts";
import { planHash } from "../../../firmware/waves/plan.ts";
import type { Plan } from "../../../firmware/waves/shape.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import { planOf } from "../rehearsal/kit.ts";
import { approver, author, type Kit, keepPlan, kit, move, phone, planned, started, toSucceeded } from "./kit.ts";

const WHOLE = { offset: 0, limit: 500 };

function shown<T = Record<string, unknown>>(made: Kit, args: Partial<ShowArgs> & { readonly campaign: string }): T {
  const answer = showPlan({ ...WHOLE, ...args }, made.store);
  if (!answer.ok) throw new Error(answer.message);
  return JSON.parse(JSON.stringify(answer.result)) as T;
}

interface Piece {
  readonly of: number;
  readonly devices: readonly { readonly task?: string; readonly device: string }[];
  readonly next?: number;
}

/** As a reader does: from piece to piece. */
function pieces(made: Kit, campaign: string, list: "tasks" | "heldBack", limit: number): readonly Piece[] {
  const all: Piece[] = [];
  for (let offset: number | undefined = 0; offset !== undefined; ) {
    const piece: Piece = shown<Piece>(made, { campaign, list, offset, limit });
    all.push(piece);
    offset = piece.next;
  }
  return all;
}

const heldOf = (number: number): HeldBack => ({
  ...{ device: phone(number + 1).id, name: `held-${number}`, code: "offline", why: "it does not answer", lifts: "it answers again" },
});

test("campaign.show: what the plan comes to, who approved it and where it stands; no list of devices", () => {
  const made = kit();
  made.store.devices.save(phone(4, { availability: "offline" }));
  const { id, hash } = planned(made);
  expect(shown(made, { campaign: id })).toMatchObject({
    ...{ schema: "groundswell.campaign-plan/1", campaign: id, state: "awaitingApproval", planHash: hash, author: "doe", planned: 3 },
    approvals: { needed: 1, given: [], validUntil: expect.any(String) },
    goals: [{ version: "6.4.8.1190", count: 3 }],
    heldBack: { count: 1, codes: [{ code: "offline", count: 1 }], first: [{ code: "offline", why: expect.any(String) }] },
    forecast: { devices: 3, worst: { bound: { devices: expect.any(Number) } } },
  });
  approveCampaign({ campaign: id, planHash: hash }, approver, made.io);
  const armed = shown<{ waves: { devices: number; state: string; proof: object }[] }>(made, { campaign: id });
  expect(armed).toMatchObject({ state: "armed", approvals: { needed: 1, given: [{ person: "anna" }] } });
  expect(armed.waves.map(({ devices }) => devices).reduce((sum, count) => sum + count, 0)).toBe(3);
  for (const wave of armed.waves) expect(wave).toMatchObject({ state: "pending", done: 0, proof: { models: [{ model: "VVX 450" }] } });
  for (const list of ["tasks", "devices", "parent", "difference"]) expect(armed).not.toHaveProperty(list);
});

test("campaign.show: of a campaign that has ended too; its tasks as planned and as they stand", () => {
  const made = kit();
  const { id, plan } = started(made);
  const [first] = plan.waves[0]?.tasks ?? [];
  const number = Number(plan.tasks.find((task) => task.id === first)?.device.slice(-1));
  move(made, id, number, toSucceeded("token-1"));
  haltCampaign({ campaign: id, reason: "enough" }, author, made.io);
  const ended = shown<{ approvals: object; waves: object[] }>(made, { campaign: id });
  expect(ended).toMatchObject({ state: "halted", why: "halted by doe: enough", started: expect.any(String) });
  expect(ended.approvals).not.toHaveProperty("validUntil");
  expect(ended.waves[0]).toMatchObject({ index: 1, devices: 1, done: 1 });
  const tasks = shown<Piece>(made, { campaign: id, list: "tasks" });
  expect(tasks).toMatchObject({ campaign: id, list: "tasks", of: 3, offset: 0 });
  expect(tasks).not.toHaveProperty("next");
  expect(tasks.devices[0]).toMatchObject({
    ...{ task: first, wave: 1, at: "succeeded", model: "VVX 450", from: "6.4.6.2494", to: "6.4.8.1190", why: "updated and healthy" },
    legs: [{ release: "ucs-6.4.8", from: "6.4.6.2494", to: "6.4.8.1190", reversibility: expect.any(String) }],
  });
});

test("campaign.show: the room of a device, and nothing is changed by looking", () => {
  const made = kit();
  const plan = planOf(8);
  keepPlan(made.store, plan);
  const before = JSON.stringify([made.store.campaigns.list(), made.store.tasks.ofCampaign(plan.campaign)]);
  expect(shown<Piece>(made, { campaign: plan.campaign, list: "tasks" }).devices[0]).toMatchObject({
    room: expect.stringMatching(/^Room \d/),
  });
  shown(made, { campaign: plan.campaign });
  expect(JSON.stringify([made.store.campaigns.list(), made.store.tasks.ofCampaign(plan.campaign)])).toBe(before);
});

test("campaign.show: of which plan it was made, where that stands, and what is different", () => {
  const made = kit();
  const parent = planned(made);
  const outcome = planCampaign({ parent: parent.id as CampaignId, policy: { soak: "2m" } }, author, made.io);
  const { plan } = (outcome.ok ? outcome.result : {}) as { plan: Plan };
  expect(shown(made, { campaign: plan.campaign })).toMatchObject({
    parent: { campaign: parent.id, planHash: parent.hash, state: "awaitingApproval" },
    difference: { parent: parent.hash, counts: { added: 0, moved: 0, settings: 1 }, settings: [{ path: "policy.soak" }] },
  });
  const orphan = { ...planOf(3), parent: planHash(planOf(4)) };
  keepPlan(made.store, orphan);
  const alone = shown(made, { campaign: orphan.campaign });
  expect(alone["parent"]).toEqual({ planHash: orphan.parent });
  expect(alone).not.toHaveProperty("difference");
});

test("campaign.show: the pieces are the whole of each list, each device once, in the plan's order, whatever their size", () => {
  const made = kit();
  const plan: Plan = { ...planOf(40), heldBack: Array.from({ length: 17 }, (_, number) => heldOf(number)) };
  keepPlan(made.store, plan);
  const inOrder = plan.waves.flatMap(({ tasks }) => tasks);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), (limit) => {
      const tasks = pieces(made, plan.campaign, "tasks", limit);
      expect(tasks.flatMap(({ devices }) => devices.map(({ task }) => task))).toEqual(inOrder);
      expect(tasks.length).toBe(Math.ceil(inOrder.length / limit));
      for (const { devices, of } of tasks) expect([devices.length <= limit, of]).toEqual([true, inOrder.length]);
      const held = pieces(made, plan.campaign, "heldBack", limit);
      expect(held.flatMap(({ devices }) => devices)).toEqual(plan.heldBack);
    }),
    { numRuns: 20 },
  );
  expect(shown<Piece>(made, { campaign: plan.campaign, list: "tasks", offset: 1_000 })).toMatchObject({ of: 40, devices: [] });
});

test("campaign.show: the devices of one wave, and the waves themselves in pieces as they stand", () => {
  const made = kit();
  const plan = planOf(40);
  keepPlan(made.store, plan);
  for (const { index, tasks } of plan.waves)
    expect(shown<Piece>(made, { campaign: plan.campaign, list: "tasks", wave: index }).devices.map(({ task }) => task)).toEqual(tasks);
  expect(shown<Piece>(made, { campaign: plan.campaign, list: "tasks", wave: 99 })).toMatchObject({ of: 0, devices: [] });
  const whole = shown<{ waves: unknown[]; waveCount: number }>(made, { campaign: plan.campaign });
  const second = shown(made, { campaign: plan.campaign, list: "waves", offset: 1, limit: 1 });
  expect(second).toMatchObject({ schema: "groundswell.campaign-plan-waves/1", of: whole.waveCount, waves: [whole.waves[1]], next: 2 });
});

test("campaign.show: an answer stays small, however much the plan and each device have to say", () => {
  const made = kit();
  const plan = planOf(700);
  const long: Plan = { ...plan, heldBack: Array.from({ length: 1_000 }, (_, number) => ({ ...heldOf(number), why: "w".repeat(4_000) })) };
  keepPlan(made.store, long);
  // Twenty of them are named, with all they have to say.
  expect(JSON.stringify(shown(made, { campaign: plan.campaign })).length).toBeLessThan(256 * 1024);
  const tasks = pieces(made, plan.campaign, "tasks", 500);
  expect(new Set(tasks.flatMap(({ devices }) => devices.map(({ task }) => task))).size).toBe(700);
  const held = pieces(made, plan.campaign, "heldBack", 500);
  expect(held.flatMap(({ devices }) => devices).length).toBe(1_000);
  expect(held.length).toBeGreaterThan(1_000 / 500);
  for (const piece of [...tasks, ...held]) expect(JSON.stringify(piece).length).toBeLessThan(PIECE_BYTES_MAX + 8_192);
});

test("campaign.show: none of an unknown campaign, with the command that shows all", () => {
  const made = kit();
  for (const campaign of ["c-nothing1", "?"])
    expect(showPlan({ ...WHOLE, campaign }, made.store)).toMatchObject({
      ...{ ok: false, code: "notFound", message: `No campaign "${campaign}": "groundswell campaign list" shows all` },
    });
});
