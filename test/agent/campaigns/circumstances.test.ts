import { expect, test } from "vitest";
import { circumstancesOf } from "../../../agent/campaigns/circumstances.ts";
import { approveCampaign } from "../../../agent/campaigns/verbs.ts";
import { decodeCommand } from "../../../agent/commands/decode.ts";
import { approver, kit, phone, planned } from "./kit.ts";

function command(name: string, args: object) {
  const decoded = decodeCommand(name, args);
  if ("code" in decoded) throw new Error(decoded.message);
  return decoded;
}

test("circumstancesOf(): says who made and who approved the plan, how many devices it moves, and whether any runs the release", () => {
  const bench = kit();
  const { id, hash } = planned(bench);
  const ask = command("campaign.start", { campaign: id, planHash: hash });
  expect(circumstancesOf(ask, bench.store)).toMatchObject({
    ...{ deviceCount: 3, firstWaveOfRelease: true, lowersVersion: false, approvals: [] },
    author: { person: "doe", kid: "key-doe" },
  });
  approveCampaign({ campaign: id, planHash: hash }, approver, bench.io);
  bench.store.devices.save(phone(1, { running: "6.4.8.1190" }));
  expect(circumstancesOf(ask, bench.store)).toMatchObject({
    firstWaveOfRelease: false,
    approvals: [{ person: "anna", kid: "key-anna" }],
  });
});

test("circumstancesOf(): nothing for a brake, and for a campaign nobody knows", () => {
  const bench = kit();
  const { id, hash } = planned(bench);
  expect(circumstancesOf(command("campaign.halt", { campaign: id, reason: "smoke" }), bench.store)).toBeUndefined();
  expect(circumstancesOf(command("campaign.start", { campaign: "c-0000000000", planHash: hash }), bench.store)).toBeUndefined();
});
