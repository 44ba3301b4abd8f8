import { expect, test } from "vitest";
import { planAnswer } from "../../../agent/campaigns/plan-answer.ts";
import { planHash } from "../../../firmware/waves/plan.ts";
import type { Plan } from "../../../firmware/waves/shape.ts";
import { candidate } from "../../firmware/waves/builders.ts";
import { downPlan, phone, upPlan } from "../../firmware/waves/way-back-kit.ts";
import { agent, done, inOnePiece } from "./agent.ts";

const UP = upPlan([candidate(1), candidate(2)]);
const DOWN = downPlan(UP, [phone(1), phone(2, { running: "6.4.6.2494" })]);
const gate = { wave: 1, gate: "health", evidence: "1 of 1 is worse" };
const PLAN = { ...DOWN, rollback: { campaign: UP.campaign, gate } } as Plan;
const ANSWER = planAnswer({ plan: PLAN, planHash: planHash(PLAN), kept: true });

test("campaign rollback: says how many go back to what, whose campaign that takes back, and which gate failed", async () => {
  const site = await agent({ "campaign.rollback": done(ANSWER) });
  const ran = await site.run(["campaign", "rollback", UP.campaign, "--reason", "phones restart"]);
  expect(ran.code).toBe(0);
  expect(ran.out).toContain("1 of 2 devices go back from UC Software 6.4.8 (6.4.8.1190): 1 to 6.4.6.2494");
  expect(ran.out).toContain(`It takes campaign ${UP.campaign} back; gate "health" held its wave 1: 1 of 1 is worse`);
  expect(ran.out).toContain("it runs 6.4.6.2494, as before its first attempt");
  expect(site.asked).toEqual([expect.objectContaining({ args: { campaign: UP.campaign, reason: "phones restart" } })]);
});

test("campaign rollback: a dry run is asked for as one; --json gives the whole plan", async () => {
  const site = await agent({ "campaign.rollback": done({ ...ANSWER, kept: false }), "campaign.document": inOnePiece(PLAN) });
  const ran = await site.run(["campaign", "rollback", UP.campaign, "--dry-run", "--json"]);
  expect(ran.json()).toMatchObject({ schema: "groundswell.plan-answer/2", kept: false, plan: { rollback: { gate } } });
  expect(site.asked[0]).toMatchObject({ args: { campaign: UP.campaign, dryRun: true } });
});

test("campaign close: needs a reason, and says what became of it", async () => {
  const site = await agent({ "campaign.close": done({ state: "closed" }) });
  expect((await site.run(["campaign", "close", "c-1"])).code).toBe(2);
  const ran = await site.run(["campaign", "close", "c-1", "--reason", "left as it is"]);
  expect([ran.code, ran.out]).toEqual([0, "Campaign c-1: closed\n"]);
});
