import { expect, test } from "vitest";
import { writeOffDevice } from "../../../agent/campaigns/failed-verbs.ts";
import { campaignStatus } from "../../../agent/campaigns/status-verb.ts";
import { approveCampaign, haltCampaign, pauseCampaign, resumeCampaign, skipDevice, startCampaign } from "../../../agent/campaigns/verbs.ts";
import type { GateId } from "../../../firmware/waves/gates/ids.ts";
import { stepWave, type WaveEvent } from "../../../firmware/waves/wave.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import { DAY } from "../../../protocols/core/time.ts";
import { sha } from "../../firmware/waves/builders.ts";
import { deviceId } from "../../store/temporary.ts";
import { approver, author, type Kit, kit, move, planned, started, taskRow, toCommanded, toLost, toSucceeded } from "./kit.ts";

const stateOf = ({ store }: Kit, id: CampaignId) => store.campaigns.load(id)?.state;
const ask = (id: CampaignId, hash: string) => ({ campaign: id, planHash: hash });

/** The first wave is held by that gate, as the drive does it. */
function hold(bench: Kit, id: CampaignId, gate: GateId, failures: number): void {
  const events: WaveEvent[] = [
    { kind: "started", previousPassed: true },
    { kind: "judged", verdict: "fail", gate, why: "bad", failures },
  ];
  const wavePlan = bench.store.campaigns.load(id)?.plan.waves[0];
  for (const event of events) {
    const wave = bench.store.campaigns.waves(id)[0];
    if (wave === undefined || wavePlan === undefined) throw new Error("no wave");
    const step = stepWave(wave.state, event, wavePlan, bench.clock.nowMs());
    if ("next" in step) bench.drive.applyWave(id, wave, event, step.next, bench.clock.nowMs());
  }
  const row = bench.drive.campaigns()[0];
  if (row === undefined || row.state.at !== "running") throw new Error("not running");
  const event = { kind: "gateHeld", wave: 1, gate, evidence: "bad" } as const;
  const cause = { kind: "gate", wave: 1, gate, evidence: "bad" } as const;
  bench.drive.applyCampaign(row, event, { ...row.state, at: "paused", cause, sinceMs: 0 }, bench.clock.nowMs());
}

test("approveCampaign(): arms the campaign and keeps who said yes to which plan", () => {
  const bench = kit();
  const { id, hash } = planned(bench);
  expect(approveCampaign(ask(id, hash), approver, bench.io)).toMatchObject({ ok: true, result: { state: "armed" } });
  expect(bench.store.campaigns.approvals(id)).toMatchObject([{ person: "anna", keyId: "key-anna", planHash: hash }]);
});

test("approveCampaign(): I8 another plan's hash is refused, and an unknown campaign", () => {
  const bench = kit();
  const { id } = planned(bench);
  expect(approveCampaign(ask(id, sha("f")), approver, bench.io)).toMatchObject({ ok: false, code: "wrongState" });
  expect(approveCampaign({ campaign: "c-none", planHash: sha("f") }, approver, bench.io)).toMatchObject({ ok: false, code: "notFound" });
  expect(approveCampaign({ campaign: "../etc", planHash: sha("f") }, approver, bench.io)).toMatchObject({ ok: false, code: "notFound" });
  expect(bench.store.campaigns.approvals(id)).toEqual([]);
});

test("approveCampaign(): I27 a second yes says so and adds no approval", () => {
  const bench = kit();
  const { id, hash } = planned(bench);
  approveCampaign(ask(id, hash), approver, bench.io);
  expect(approveCampaign(ask(id, hash), author, bench.io)).toMatchObject({ ok: true, message: expect.stringContaining("already") });
  expect(bench.store.campaigns.approvals(id).map(({ person }) => person)).toEqual(["anna"]);
});

test("approveCampaign(): a plan older than its validity expires, and is no success", async () => {
  const bench = kit();
  const { id, hash } = planned(bench);
  await bench.clock.advance(7 * DAY);
  expect(approveCampaign(ask(id, hash), approver, bench.io)).toMatchObject({ ok: false, code: "wrongState" });
  expect(stateOf(bench, id)?.at).toBe("expired");
  expect(bench.store.campaigns.approvals(id)).toEqual([]);
});

test("startCampaign(): not before the approval, once, and only with the plan's hash", () => {
  const bench = kit();
  const { id, hash } = planned(bench);
  expect(startCampaign(ask(id, hash), author, bench.io)).toMatchObject({ ok: false, message: expect.stringContaining("0 of 1") });
  approveCampaign(ask(id, hash), approver, bench.io);
  expect(startCampaign(ask(id, sha("f")), author, bench.io)).toMatchObject({ ok: false });
  expect(startCampaign(ask(id, hash), author, bench.io)).toMatchObject({ ok: true, result: { state: "running" } });
  expect(bench.store.campaigns.load(id)?.startedAtMs).toBe(bench.clock.nowMs());
  expect(startCampaign(ask(id, hash), author, bench.io)).toMatchObject({ ok: true, message: expect.stringContaining("already") });
  expect(bench.told.filter((line) => line === "campaign running")).toHaveLength(1);
});

test("startCampaign(): an approved plan that waited too long starts nothing", async () => {
  const bench = kit();
  const { id, hash } = planned(bench);
  approveCampaign(ask(id, hash), approver, bench.io);
  await bench.clock.advance(7 * DAY);
  expect(startCampaign(ask(id, hash), author, bench.io)).toMatchObject({ ok: false, code: "wrongState" });
  expect(stateOf(bench, id)?.at).toBe("expired");
});

test("pauseCampaign(), resumeCampaign(): I27 there and back, each twice", () => {
  const bench = kit();
  const { id } = started(bench);
  expect(pauseCampaign({ campaign: id }, author, bench.io)).toMatchObject({ ok: true, result: { state: "paused" } });
  expect(pauseCampaign({ campaign: id }, author, bench.io)).toMatchObject({ ok: true, message: expect.stringContaining("already") });
  expect(resumeCampaign({ campaign: id }, author, bench.io)).toMatchObject({ ok: true, result: { state: "running" } });
  expect(resumeCampaign({ campaign: id }, author, bench.io)).toMatchObject({ ok: true, message: expect.stringContaining("already") });
  expect(resumeCampaign({ campaign: "c-none" }, author, bench.io)).toMatchObject({ code: "notFound" });
});

test("pauseCampaign(): one that has not started says so; among all of them it is passed over", () => {
  const bench = kit();
  const { id } = planned(bench, { devices: [deviceId(1)] });
  expect(pauseCampaign({ campaign: id }, author, bench.io)).toMatchObject({ ok: false, code: "wrongState" });
  const second = started(bench);
  expect(pauseCampaign({ campaign: "*" }, author, bench.io)).toMatchObject({ ok: true, message: "1 of 2 campaigns" });
  expect(stateOf(bench, second.id)?.at).toBe("paused");
});

test("haltCampaign(): I9 for good, image bytes end at once, and what waits never starts", () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, toCommanded("token-01"));
  bench.told.length = 0;
  expect(haltCampaign({ campaign: id, reason: "enough" }, approver, bench.io)).toMatchObject({ ok: true, result: { state: "halted" } });
  expect(bench.told).toContain("withdraw token-01");
  expect(haltCampaign({ campaign: id, reason: "again" }, approver, bench.io)).toMatchObject({
    ok: true,
    message: "already halted by anna",
    result: { state: "halted", already: true },
  });
  expect(resumeCampaign({ campaign: id }, author, bench.io)).toMatchObject({ ok: false, code: "wrongState" });
  expect(haltCampaign({ campaign: "*", reason: "all" }, approver, bench.io)).toMatchObject({ ok: true, message: "no campaign is open" });
});

test("pauseCampaign(): the reason stands with the campaign, and whoever pauses again is told it", () => {
  const bench = kit();
  const { id } = started(bench);
  pauseCampaign({ campaign: id, reason: "fire drill" }, author, bench.io);
  expect(stateOf(bench, id)).toMatchObject({ at: "paused", cause: { kind: "person", by: "doe", why: "fire drill" } });
  expect(campaignStatus({ campaign: id }, bench.io)).toMatchObject({ result: { why: "paused by doe: fire drill" } });
  expect(pauseCampaign({ campaign: id }, approver, bench.io)).toMatchObject({ message: "already paused: by doe: fire drill" });
  resumeCampaign({ campaign: id }, author, bench.io);
  pauseCampaign({ campaign: id, reason: "" }, author, bench.io);
  expect(campaignStatus({ campaign: id }, bench.io)).toMatchObject({ result: { why: "paused by doe" } });
});

test("haltCampaign(): the wave that was under way is over with it; one that never began stays so", () => {
  const bench = kit();
  const { id } = started(bench);
  hold(bench, id, "health", 1);
  haltCampaign({ campaign: id, reason: "enough" }, approver, bench.io);
  const [first, ...others] = bench.store.campaigns.waves(id).map(({ state }) => state);
  expect(first).toMatchObject({ at: "failed", why: "halted by anna: enough" });
  expect(others.map(({ at }) => at)).toEqual(others.map(() => "pending"));
  expect(bench.told.filter((line) => line === "wave 1 failed")).toHaveLength(1);
});

test("haltCampaign(): one campaign's halt leaves the other's images on offer", () => {
  const bench = kit();
  const first = planned(bench, { devices: [deviceId(1)] });
  const second = started(bench);
  move(bench, second.id, 2, toCommanded("token-02"));
  bench.told.length = 0;
  haltCampaign({ campaign: first.id, reason: "enough" }, approver, bench.io);
  expect(bench.told.some((line) => line.includes("token-02"))).toBe(false);
});

test("resumeCampaign(): a gate must be named, by its right name", () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, toLost("token-01"));
  hold(bench, id, "failureCount", 1);
  expect(resumeCampaign({ campaign: id }, author, bench.io)).toMatchObject({ ok: false, message: expect.stringContaining("failureCount") });
  expect(resumeCampaign({ campaign: id, gate: "health" }, author, bench.io)).toMatchObject({ ok: false });
  expect(resumeCampaign({ campaign: id, gate: "luck" }, author, bench.io)).toMatchObject({
    ok: false,
    message: expect.stringContaining("No gate"),
  });
  expect(bench.store.campaigns.waves(id)[0]?.state.at).toBe("held");
  expect(resumeCampaign({ campaign: id, gate: "failureCount" }, author, bench.io)).toMatchObject({ ok: true });
  expect(bench.store.campaigns.waves(id)[0]?.state.at).toBe("active");
});

const canaryNumber = (bench: Kit, id: CampaignId): number => Number(bench.store.tasks.ofWave(id, 1)[0]?.device.slice(-1));
const acceptedBy = (bench: Kit, id: CampaignId) => bench.store.campaigns.waves(id)[0]?.state as unknown as { accepted: readonly object[] };

test("resumeCampaign(): accepts the failures of now: a device written off since is not one of them", () => {
  const bench = kit();
  const { id } = started(bench);
  const canary = canaryNumber(bench, id);
  move(bench, id, canary, toLost("token-01"));
  hold(bench, id, "failureCount", 1);
  writeOffDevice({ campaign: id, device: deviceId(canary), reason: "replaced" }, author, bench.io);
  resumeCampaign({ campaign: id, gate: "failureCount" }, author, bench.io);
  expect(acceptedBy(bench, id).accepted).toMatchObject([{ gate: "failureCount", by: "doe", failures: 0 }]);
});

test("resumeCampaign(): accepts as many as the health gate showed, although no task failed", () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, canaryNumber(bench, id), toSucceeded("token-01"));
  hold(bench, id, "health", 1);
  resumeCampaign({ campaign: id, gate: "health" }, author, bench.io);
  expect(acceptedBy(bench, id).accepted).toMatchObject([{ gate: "health", failures: 1 }]);
});

test("resumeCampaign(): accepts that every device of the wave was refused", () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, canaryNumber(bench, id), [{ kind: "imageStaged" }, { kind: "foundUnfit", why: "another device" }]);
  hold(bench, id, "completion", 1);
  resumeCampaign({ campaign: id, gate: "completion" }, author, bench.io);
  expect(acceptedBy(bench, id).accepted).toMatchObject([{ gate: "completion", failures: 1 }]);
});

test("skipDevice(): leaves a waiting device out, once, with the reason kept on its task", () => {
  const bench = kit();
  const { id } = started(bench);
  const skip = () => skipDevice({ campaign: id, device: deviceId(3), reason: "wanted as it is" }, author, bench.io);
  expect(skip()).toMatchObject({ ok: true });
  expect(skip()).toMatchObject({ ok: true, message: "already skipped" });
  expect(taskRow(bench, id, 3).state).toMatchObject({ at: "skipped", by: "doe", why: "wanted as it is" });
});

test("skipDevice(): I7 a device that is in hand, failed or lost keeps its place at risk, also after a restart", () => {
  const bench = kit();
  const { id } = started(bench);
  const skip = (number: number) => skipDevice({ campaign: id, device: deviceId(number), reason: "slow" }, author, bench.io);
  move(bench, id, 1, toCommanded("token-01"));
  expect(skip(1)).toMatchObject({ ok: false, code: "wrongState", message: expect.stringContaining("in hand (commanded)") });
  move(bench, id, 1, [{ kind: "imageRequested", applyMs: 60_000 }]);
  expect(skip(1)).toMatchObject({ ok: false });
  move(bench, id, 1, [{ kind: "agentRestarted", resolveMs: 60_000 }]);
  expect(skip(1)).toMatchObject({ ok: false });
  move(bench, id, 2, toLost("token-02"));
  expect(skip(2)).toMatchObject({ ok: false, message: expect.stringContaining("campaign write-off") });
  expect(bench.drive.atRisk()).toEqual([deviceId(1), deviceId(2)]);
});

test("skipDevice(): what succeeded stays, and strangers are named", () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, toSucceeded("token-01"));
  const skip = (device: string, campaign: string = id) => skipDevice({ campaign, device, reason: "no" }, author, bench.io);
  expect(skip(deviceId(1))).toMatchObject({ ok: false, message: "it has succeeded" });
  expect(skip(deviceId(9))).toMatchObject({ ok: false, code: "notFound" });
  expect(skip(deviceId(1), "c-none")).toMatchObject({ ok: false, code: "notFound" });
});

test("campaignStatus(): the newest, or the one named", () => {
  const bench = kit();
  expect(campaignStatus({}, bench.io)).toMatchObject({ ok: false, code: "notFound" });
  const { id } = planned(bench);
  expect(campaignStatus({}, bench.io)).toMatchObject({ ok: true, result: { campaign: id, planned: 3, counts: { planned: 3 } } });
  expect(campaignStatus({ campaign: id }, bench.io)).toMatchObject({ ok: true });
  expect(campaignStatus({ campaign: "c-none" }, bench.io)).toMatchObject({ ok: false });
});
