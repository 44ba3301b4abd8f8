import { expect, test } from "vitest";
import { explainDevice } from "../../../agent/campaigns/explain-verb.ts";
import { joinedLater } from "../../../agent/campaigns/joined-later.ts";
import { campaignStatus } from "../../../agent/campaigns/status-verb.ts";
import { haltCampaign } from "../../../agent/campaigns/verbs.ts";
import type { VerbOutcome } from "../../../agent/commands/answer.ts";
import type { StoredCampaign } from "../../../store/campaigns.ts";
import { deviceId } from "../../store/temporary.ts";
import { approver, kit, phone, started } from "./kit.ts";

const resultOf = (outcome: VerbOutcome): unknown => (outcome.ok ? outcome.result : outcome);

test("joinedLater(): I24 late joiners are told by name with the command that takes them, in status and explain", () => {
  const bench = kit();
  const { id } = started(bench);
  const status = () => campaignStatus({ campaign: id }, bench.io);
  expect(resultOf(status())).not.toHaveProperty("joinedLater");
  for (const number of [4, 5]) bench.store.devices.save(phone(number, { name: `zh-p-${number}` }));
  const joined = {
    ...{ count: 2, take: `groundswell campaign plan --parent ${id}` },
    devices: [4, 5].map((number) => ({ device: deviceId(number), name: `zh-p-${number}`, model: "VVX 450" })),
  };
  expect(status()).toMatchObject({ result: { planned: 3, joinedLater: joined } });
  expect(explainDevice({ device: deviceId(4), campaign: id }, { ...bench.io, store: bench.store })).toMatchObject({
    result: { reasons: [{ code: "notPlanned", endedBy: "the next plan" }], joinedLater: joined },
  });
  expect(resultOf(explainDevice({ device: deviceId(1), campaign: id }, { ...bench.io, store: bench.store }))).not.toHaveProperty(
    "joinedLater",
  );
});

test("joinedLater(): nobody joins a campaign that has ended, and one that is on the new version has nothing to join for", () => {
  const bench = kit();
  const { id } = started(bench);
  bench.store.devices.save(phone(4, { running: "6.4.8.1190" as never }));
  const now = () => joinedLater(bench.store.campaigns.load(id) as StoredCampaign, bench.store);
  expect(now()).toBeUndefined();
  bench.store.devices.save(phone(4));
  expect(now()).toMatchObject({ count: 1 });
  haltCampaign({ campaign: id, reason: "enough" }, approver, bench.io);
  expect(now()).toBeUndefined();
});
