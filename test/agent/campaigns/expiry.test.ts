import { expect, test } from "vitest";
import { expirePlans } from "../../../agent/campaigns/expiry.ts";
import { approveCampaign } from "../../../agent/campaigns/verbs.ts";
import { PLAN_VALID_MS } from "../../../firmware/waves/policy.ts";
import { approver, kit, planned, started } from "./kit.ts";

test("expirePlans(): a plan nobody approved, and one nobody started, end at the same age and are told once", () => {
  const bench = kit();
  const first = planned(bench);
  const second = planned(bench);
  approveCampaign({ campaign: second.id, planHash: second.hash }, approver, bench.io);
  const { store, drive, clock } = bench;
  expect(expirePlans({ store, drive }, clock.nowMs() + PLAN_VALID_MS - 1)).toBe(0);
  expect(expirePlans({ store, drive }, clock.nowMs() + PLAN_VALID_MS)).toBe(2);
  expect(expirePlans({ store, drive }, clock.nowMs() + PLAN_VALID_MS)).toBe(0);
  for (const { id } of [first, second]) expect(store.campaigns.load(id)?.state.at).toBe("expired");
  expect(bench.told.filter((line) => line === "campaign expired")).toHaveLength(2);
});

test("expirePlans(): a campaign that has started goes on, however old its plan", () => {
  const bench = kit();
  const { id } = started(bench);
  expect(expirePlans(bench, bench.clock.nowMs() + 10 * PLAN_VALID_MS)).toBe(0);
  expect(bench.store.campaigns.load(id)?.state.at).toBe("running");
});
