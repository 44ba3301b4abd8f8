import { expect, test } from "vitest";
import { campaignTwin } from "../../../agent/campaigns/twin-verb.ts";
import { haltCampaign } from "../../../agent/campaigns/verbs.ts";
import type { Plan } from "../../../firmware/waves/shape.ts";
import { author, kit, planned } from "./kit.ts";

test("campaign.twin: the plan as it was approved, with what is known of its devices and places", () => {
  const made = kit();
  const { id, hash } = planned(made);
  const [row] = made.store.devices.list();
  if (row === undefined) throw new Error("the kit has no device");
  made.store.devices.save({ ...row, availability: "offline" });
  const usage = { zone: made.io.calendar?.zone ?? "", days: 20, busy: Array.from({ length: 168 }, () => 0.1) };
  made.store.placeUsages.replace(
    [
      { key: `device:${row.id}`, usage },
      { key: "site", usage },
    ],
    1,
  );
  const before = JSON.stringify(dump(made));
  const answer = campaignTwin({ campaign: id }, { store: made.store, clock: made.io.clock });
  if (!answer.ok) throw new Error(answer.message);
  const result = answer.result as { plan: Plan; devices: { device: string; place?: string }[]; usage: object };
  expect(result).toMatchObject({ campaign: id, planHash: hash, state: "awaitingApproval" });
  expect(result.plan).toEqual(made.store.campaigns.load(id)?.plan);
  expect(result.devices).toHaveLength(result.plan.tasks.length);
  expect(result.devices.find(({ device }) => device === row.id)).toMatchObject({ offline: true, running: row.running });
  expect(JSON.stringify(dump(made))).toBe(before);
});

const dump = ({ store }: ReturnType<typeof kit>) => [
  store.campaigns.list(),
  store.campaigns.list().map(({ id }) => [store.tasks.ofCampaign(id), store.campaigns.waves(id), store.campaigns.history(id)]),
  store.devices.list(),
  store.reservations.all(),
];

test("campaign.twin: none of an unknown campaign, nor of one that has ended", () => {
  const made = kit();
  const io = { store: made.store, clock: made.io.clock };
  expect(campaignTwin({ campaign: "c-nothing1" }, io)).toMatchObject({ ok: false, code: "notFound" });
  expect(campaignTwin({ campaign: "?" }, io)).toMatchObject({ ok: false, code: "notFound" });
  const { id } = planned(made);
  haltCampaign({ campaign: id, reason: "enough" }, author, made.io);
  expect(campaignTwin({ campaign: id }, io)).toMatchObject({
    ok: false,
    code: "wrongState",
    message: expect.stringContaining("has ended, it is halted"),
  });
});
