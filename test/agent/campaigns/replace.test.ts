import { expect, test } from "vitest";
import { replacedBy } from "../../../agent/campaigns/replace.ts";
import { approveCampaign, haltCampaign, pauseCampaign, startCampaign } from "../../../agent/campaigns/verbs.ts";
import type { CampaignId, Sha256 } from "../../../protocols/core/ids.ts";
import { approver, author, type Kit, kit, move, planned, started, toCommanded, toSucceeded } from "./kit.ts";

/** Made from the plan of that campaign, approved, and tried to start. */
function startChild(bench: Kit, parent: CampaignId) {
  const { id, hash, plan } = planned(bench, { release: undefined, parent });
  approveCampaign({ campaign: id, planHash: hash }, approver, bench.io);
  return { id, plan, outcome: startCampaign({ campaign: id, planHash: hash }, author, bench.io) };
}
const stateOf = (bench: Kit, id: CampaignId) => bench.store.campaigns.load(id)?.state;

test("startCampaign(): a plan made from another one takes the place of its campaign, in one step", () => {
  const bench = kit();
  const parent = started(bench);
  pauseCampaign({ campaign: parent.id }, author, bench.io);
  const child = startChild(bench, parent.id);
  expect(child.outcome.ok).toBe(true);
  expect(child.plan.parent).toBe(parent.hash);
  expect(stateOf(bench, child.id)?.at).toBe("running");
  expect(stateOf(bench, parent.id)).toMatchObject({ at: "superseded", by: child.id });
});

test("startCampaign(): while the parent runs, or has a device under way, nothing starts and nothing is replaced", () => {
  const bench = kit();
  const parent = started(bench);
  expect(startChild(bench, parent.id).outcome).toMatchObject({ ok: false, message: expect.stringContaining("pause or halt it first") });
  expect(stateOf(bench, parent.id)?.at).toBe("running");
  move(bench, parent.id, 1, toCommanded("token-01"));
  pauseCampaign({ campaign: parent.id }, author, bench.io);
  const child = startChild(bench, parent.id);
  expect(child.outcome).toMatchObject({ ok: false, message: expect.stringContaining("a device of it is under way") });
  expect([stateOf(bench, child.id)?.at, stateOf(bench, parent.id)?.at]).toEqual(["armed", "paused"]);
  move(bench, parent.id, 1, toSucceeded("token-01").slice(toCommanded("").length));
  expect(replacedBy(child.plan, bench.store)).toEqual({ id: parent.id });
});

test("replacedBy(): a plan of its own, and one whose parent has ended, replace nobody", () => {
  const bench = kit();
  const parent = started(bench);
  expect(replacedBy(parent.plan, bench.store)).toBeUndefined();
  haltCampaign({ campaign: parent.id, reason: "enough" }, author, bench.io);
  expect(replacedBy({ parent: parent.hash as Sha256 }, bench.store)).toBeUndefined();
});
