import { expect, test } from "vitest";
import { circumstancesOf } from "../../../agent/campaigns/circumstances.ts";
import { planCampaign } from "../../../agent/campaigns/plan-verb.ts";
import { planRollback } from "../../../agent/campaigns/rollback-verb.ts";
import { approveCampaign, closeCampaign, pauseCampaign, startCampaign } from "../../../agent/campaigns/verbs.ts";
import { secondPersonRefusal } from "../../../agent/commands/authorise.ts";
import type { Command } from "../../../agent/commands/decode.ts";
import type { Plan } from "../../../firmware/waves/shape.ts";
import type { Sha256 } from "../../../protocols/core/ids.ts";
import { NEW, OLD } from "../../firmware/waves/way-back-kit.ts";
import { deviceId } from "../../store/temporary.ts";
import { ben, goingBack, halted, plannedBack } from "./back-kit.ts";
import { approver, author, kit, phone, started } from "./kit.ts";

test("planRollback(): I26 exactly those the campaign had in hand, each to what it ran before, from the plan that is taken back", () => {
  const bench = halted();
  const { plan, id } = plannedBack(bench, bench.up);
  expect(plan.tasks.map(({ device, legs }) => [device, legs[0].from, legs.at(-1)?.to]).toSorted()).toEqual([
    [deviceId(1), NEW, OLD],
    [deviceId(2), NEW, OLD],
  ]);
  const up = bench.store.campaigns.load(bench.up);
  expect(plan).toMatchObject({
    parent: up?.planHash,
    rollback: { campaign: bench.up },
    policy: { reason: "phones restart", soak: 60_000 },
  });
  expect(bench.store.campaigns.load(id)?.state.at).toBe("awaitingApproval");
});

test("planRollback(): named devices only; one that the campaign never touched is held back with that reason", () => {
  const bench = halted();
  const { plan } = plannedBack(bench, bench.up, [deviceId(1), deviceId(3)]);
  expect(plan.tasks.map(({ device }) => device)).toEqual([deviceId(1)]);
  expect(plan.heldBack).toMatchObject([{ device: deviceId(3), code: "nothingRecorded" }]);
});

test("planRollback(): a dry run shows the difference and keeps nothing; what would move nobody says why", () => {
  const bench = halted();
  const before = bench.store.campaigns.list().length;
  const dry = planRollback({ campaign: bench.up, dryRun: true }, author, bench.io);
  expect(dry).toMatchObject({
    ok: true,
    result: { kept: false, difference: { ways: [{ device: deviceId(1) }, { device: deviceId(2) }] } },
  });
  const again = planRollback({ campaign: bench.up, dryRun: true }, author, bench.io);
  const bare = ({ result }: typeof dry & { ok: true }) => {
    const { plan } = result as { plan: Plan };
    return JSON.stringify(plan.waves.map(({ tasks }) => tasks.map((task) => task.slice(-15))));
  };
  expect(bare(again as typeof again & { ok: true })).toBe(bare(dry as typeof dry & { ok: true }));
  expect(bench.store.campaigns.list()).toHaveLength(before);
  for (const number of [1, 2]) bench.store.devices.save(phone(number, { running: OLD }));
  expect(planRollback({ campaign: bench.up }, author, bench.io)).toMatchObject({
    ok: false,
    code: "nothingMatched",
    message: expect.stringContaining("as before"),
  });
});

test("planRollback(): only of what has ended, and never of a rollback", () => {
  const bench = kit();
  const { id } = started(bench);
  expect(planRollback({ campaign: id }, author, bench.io)).toMatchObject({ ok: false, message: expect.stringContaining("halt it first") });
  pauseCampaign({ campaign: id }, author, bench.io);
  expect(planRollback({ campaign: id }, author, bench.io)).toMatchObject({ ok: false, message: expect.stringContaining("halt it first") });
  expect(planRollback({ campaign: "c-none" as never }, author, bench.io)).toMatchObject({ ok: false, code: "notFound" });
  const back = goingBack();
  expect(planRollback({ campaign: back.up }, author, back.io)).toMatchObject({
    ok: false,
    message: expect.stringContaining(`go back with campaign ${back.down}`),
  });
  expect(planCampaign({ parent: back.down }, author, back.io)).toMatchObject({
    ok: false,
    message: expect.stringContaining(`campaign rollback ${back.up}`),
  });
});

test("planRollback(): I12 the gate that held the campaign when it was halted stands in the plan", () => {
  const bench = halted();
  const { state, revision } = bench.store.campaigns.summary(bench.up) as {
    state: { at: "halted"; atMs: number; cause: object };
    revision: number;
  };
  const gate = { wave: 1, gate: "health", evidence: "1 of 1 is worse" } as const;
  const cause = { by: "doe", why: "phones restart", gate };
  bench.store.campaigns.step({ id: bench.up, expectedRevision: revision, next: { ...state, cause }, why: "held", atMs: 1 });
  expect(plannedBack(bench, bench.up).plan.rollback).toEqual({ campaign: bench.up, gate });
});

test("startCampaign(): two different people approve before a version goes down, and the campaign it takes back goes with it", () => {
  const bench = halted();
  const { id, hash } = plannedBack(bench, bench.up);
  const about = { campaign: id, planHash: hash };
  expect(approveCampaign(about, approver, bench.io)).toMatchObject({ ok: true, result: { state: "awaitingApproval" } });
  expect(approveCampaign(about, approver, bench.io)).toMatchObject({ message: expect.stringContaining("already approved by anna") });
  expect(approveCampaign(about, { ...ben, kid: approver.kid }, bench.io)).toMatchObject({
    ok: false,
    message: expect.stringContaining("another key"),
  });
  expect(startCampaign(about, author, bench.io)).toMatchObject({ ok: false, message: expect.stringContaining("1 of 2") });
  expect(bench.store.campaigns.summary(bench.up)?.state.at).toBe("halted");
  expect(approveCampaign(about, ben, bench.io)).toMatchObject({ ok: true, result: { state: "armed" } });
  expect(startCampaign(about, author, bench.io)).toMatchObject({ ok: true, result: { state: "running" } });
  expect(bench.store.campaigns.summary(bench.up)?.state).toMatchObject({ at: "rollingBack", rollback: id });
  expect(startCampaign(about, author, bench.io)).toMatchObject({ ok: true, message: expect.stringContaining("already started") });
});

test("startCampaign(): of two plans back only one runs", () => {
  const bench = halted();
  const [one, two] = [plannedBack(bench, bench.up), plannedBack(bench, bench.up)];
  for (const { id, hash } of [one, two])
    for (const who of [approver, ben]) approveCampaign({ campaign: id, planHash: hash }, who, bench.io);
  expect(startCampaign({ campaign: one.id, planHash: one.hash }, author, bench.io).ok).toBe(true);
  expect(startCampaign({ campaign: two.id, planHash: two.hash }, author, bench.io)).toMatchObject({
    ok: false,
    message: expect.stringContaining(one.id),
  });
  expect(bench.store.campaigns.summary(two.id)?.state.at).toBe("armed");
});

test("secondPersonRefusal(): going down takes two approvals, of which its author may give one; it starts only with another's", () => {
  const bench = halted();
  const { id, hash } = plannedBack(bench, bench.up);
  const command = (verb: string) => ({ verb, args: { campaign: id, planHash: hash as Sha256 } }) as unknown as Command;
  const around = circumstancesOf(command("campaign.approve"), bench.store);
  expect(around).toMatchObject({ lowersVersion: true, author: { person: "doe" } });
  expect(secondPersonRefusal("campaign.approve", author, around)).toBeUndefined();
  expect(secondPersonRefusal("campaign.start", author, around)).toMatchObject({ code: "needsSecondPerson" });
  approveCampaign({ campaign: id, planHash: hash }, { ...author, role: "approver" }, bench.io);
  expect(secondPersonRefusal("campaign.start", author, circumstancesOf(command("campaign.start"), bench.store))).toMatchObject({
    code: "needsSecondPerson",
  });
  approveCampaign({ campaign: id, planHash: hash }, ben, bench.io);
  expect(secondPersonRefusal("campaign.start", author, circumstancesOf(command("campaign.start"), bench.store))).toBeUndefined();
});

test("closeCampaign(): only a halted campaign, with its reason, once; it may still be taken back later", () => {
  const bench = halted();
  expect(closeCampaign({ campaign: bench.up, reason: "left as it is" }, author, bench.io)).toMatchObject({
    ok: true,
    result: { state: "closed" },
  });
  expect(bench.store.campaigns.summary(bench.up)?.state).toMatchObject({
    at: "closed",
    by: "doe",
    why: "left as it is",
    cause: { why: "phones restart" },
  });
  expect(closeCampaign({ campaign: bench.up, reason: "again" }, author, bench.io)).toMatchObject({
    ok: true,
    message: expect.stringContaining("already closed"),
  });
  expect(plannedBack(bench, bench.up).plan.tasks).toHaveLength(2);
  const other = kit();
  expect(closeCampaign({ campaign: started(other).id, reason: "no" }, author, other.io)).toMatchObject({ ok: false, code: "wrongState" });
});
