import { expect, test } from "vitest";
import { campaignStatus } from "../../../agent/campaigns/status-verb.ts";
import type { CampaignView } from "../../../agent/campaigns/view.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { deviceId } from "../../store/temporary.ts";
import { type Kit, kit, move, phone, planned, started, toSucceeded } from "./kit.ts";

type Status = CampaignView & {
  readonly live?: { readonly proofs: readonly object[]; readonly left?: object };
  readonly joinedLater?: { readonly count: number };
};

function statusOf(made: Kit, args: Parameters<typeof campaignStatus>[0]): Status {
  const answer = campaignStatus(args, made.io);
  if (!answer.ok) throw new Error(answer.message);
  return JSON.parse(JSON.stringify(answer.result)) as Status;
}

test("campaign.status: the one that is named, else the newest; counts add up and every task is in it once", async () => {
  const made = kit();
  const first = planned(made);
  await made.clock.advance(MINUTE);
  const second = planned(made);
  expect(statusOf(made, {}).campaign).toBe(second.id);
  const view = statusOf(made, { campaign: first.id });
  expect(view).toMatchObject({ campaign: first.id, state: "awaitingApproval", planHash: first.hash, planned: 3 });
  expect(Object.values(view.counts).reduce((sum, count) => sum + count, 0)).toBe(view.planned);
  expect(view.tasks.map(({ task }) => task).toSorted()).toEqual(first.plan.tasks.map(({ id }) => id).toSorted());
  expect(view.waves.reduce((sum, { devices }) => sum + devices, 0)).toBe(3);
});

test("campaign.status: what it proved and how long it still takes only where that is asked for", () => {
  const made = kit();
  const { id, plan } = started(made);
  const first = plan.tasks.find((task) => task.id === plan.waves[0]?.tasks[0]);
  move(made, id, Number(first?.device.slice(-1)), toSucceeded("token-1"));
  const plain = statusOf(made, { campaign: id });
  expect(plain).not.toHaveProperty("live");
  const live = statusOf(made, { campaign: id, live: true });
  expect(live.live?.left).toMatchObject({ p50: expect.any(String), p90: expect.any(String) });
  expect(live.counts).toEqual({ succeeded: 1, planned: 2 });
  const { live: _live, ...rest } = live;
  expect(rest).toEqual(plain);
});

test("campaign.status: devices that joined later are counted, and looking changes nothing", () => {
  const made = kit();
  const { id } = started(made);
  expect(statusOf(made, { campaign: id })).not.toHaveProperty("joinedLater");
  made.store.devices.save(phone(4));
  const before = JSON.stringify([made.store.campaigns.list(), made.store.tasks.ofCampaign(id)]);
  const view = statusOf(made, { campaign: id });
  expect(view.joinedLater).toMatchObject({ count: 1 });
  expect(view.tasks.map(({ device }) => device)).not.toContain(deviceId(4));
  expect(JSON.stringify([made.store.campaigns.list(), made.store.tasks.ofCampaign(id)])).toBe(before);
});

test("campaign.status: none of an unknown campaign, and none where there is none yet", () => {
  const made = kit();
  expect(campaignStatus({}, made.io)).toMatchObject({ ok: false, code: "notFound", message: "There is no campaign yet" });
  for (const campaign of ["c-nothing1", "?"])
    expect(campaignStatus({ campaign }, made.io)).toMatchObject({ ok: false, code: "notFound", message: `No campaign "${campaign}"` });
});
