import { randomBytes } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { SUMMARY_BYTES_MAX } from "../../../agent/campaigns/plan-answer.ts";
import { createPlanDesk, type PlanDesk } from "../../../agent/campaigns/plan-desk.ts";
import { planCampaign } from "../../../agent/campaigns/plan-verb.ts";
import { showPlan } from "../../../agent/campaigns/show-verb.ts";
import { campaignStatus } from "../../../agent/campaigns/status-verb.ts";
import { haltCampaign } from "../../../agent/campaigns/verbs.ts";
import type { CampaignView } from "../../../agent/campaigns/view.ts";
import type { VerbOutcome } from "../../../agent/commands/answer.ts";
import { MAX_REPLY_BYTES, REPLY_TYPE, signJws } from "../../../agent/commands/jws.ts";
import { makeKey } from "../../../agent/commands/keys.ts";
import { planHash } from "../../../firmware/waves/plan.ts";
import type { Plan } from "../../../firmware/waves/shape.ts";
import { phones, planOf } from "../rehearsal/kit.ts";
import { author, keepPlan, kit, planned } from "./kit.ts";

interface PieceAnswer {
  readonly made: string;
  readonly sizeBytes: number;
  readonly base64: string;
}

function resultOf<T>(answer: VerbOutcome): T {
  if (!answer.ok) throw new Error(answer.message);
  return answer.result as T;
}

/** As the command line does. @returns what was packed, and every answer */
async function wholeOf(ask: (more: { offset: number; made?: string }) => Promise<VerbOutcome>) {
  const answers = [await ask({ offset: 0 })];
  const first = resultOf<PieceAnswer>(answers[0] as VerbOutcome);
  const pieces = [Buffer.from(first.base64, "base64")];
  for (let done = pieces[0]?.length ?? 0; done < first.sizeBytes; done += pieces.at(-1)?.length ?? 0) {
    const answer = await ask({ offset: done, made: first.made });
    answers.push(answer);
    pieces.push(Buffer.from(resultOf<PieceAnswer>(answer).base64, "base64"));
  }
  return { value: JSON.parse(gunzipSync(Buffer.concat(pieces)).toString("utf8")) as unknown, answers };
}

const deskOf = (made: ReturnType<typeof kit>): PlanDesk => createPlanDesk({ store: made.store, clock: made.clock });
const hashes = (plan: Plan) => ({ plan, planHash: planHash(plan) });

test("planned(): the answer has no device but the first ones; a dry run's whole plan is at hand by its hash, and not in the store", async () => {
  const made = kit();
  const desk = deskOf(made);
  const outcome = planCampaign({ release: "ucs-6.4.8", dryRun: true }, author, made.io);
  if (!outcome.ok) throw new Error(outcome.message);
  const told = resultOf<Record<string, unknown>>(await desk.planned(outcome));
  expect(told).toMatchObject({ schema: "groundswell.plan-answer/2", kept: false, planned: 3, planHash: outcome.result.planHash });
  for (const part of ["plan", "tasks", "domains"]) expect(told).not.toHaveProperty(part);
  const { value } = await wholeOf((more) => desk.document({ planHash: outcome.result.planHash, ...more }));
  expect(planHash(value as Plan)).toBe(outcome.result.planHash);
  expect(value).toEqual(outcome.result.plan);
  expect(made.store.campaigns.list()).toEqual([]);
});

test("document(): a kept plan whatever became of its campaign, also by an agent that has just started; an unknown one is not found", async () => {
  const made = kit();
  const { id, hash, plan } = planned(made);
  haltCampaign({ campaign: id, reason: "enough" }, author, made.io);
  expect((await wholeOf((more) => deskOf(made).document({ planHash: hash as Plan["parent"] & string, ...more }))).value).toEqual(plan);
  const none = await deskOf(made).document({ planHash: planHash(planOf(2)), offset: 0 });
  expect(none).toMatchObject({ ok: false, code: "notFound", message: expect.stringContaining("make it anew") });
});

test("planned(): a refusal is told as it is", async () => {
  const made = kit();
  const outcome = planCampaign({ release: "none" }, author, made.io);
  expect(await deskOf(made).planned(outcome)).toEqual(outcome);
});

test("twin(): a site that changes between two pieces does not mix; a name that is not at hand says so", async () => {
  const made = kit();
  const plan = planOf(2_000);
  // What is packed well would be one piece.
  const noisy = { ...plan, tasks: plan.tasks.map((task) => ({ ...task, name: `${task.name} ${randomBytes(150).toString("hex")}` })) };
  keepPlan(made.store, noisy);
  const desk = deskOf(made);
  let asks = 0;
  const { value, answers } = await wholeOf((more) => {
    if (asks++ > 0) for (const row of made.store.devices.list().slice(0, 50)) made.store.devices.save({ ...row, running: "9.9.9.9" });
    return desk.twin({ campaign: plan.campaign, ...more });
  });
  expect(answers.length).toBeGreaterThan(1);
  expect(JSON.stringify(value)).not.toContain("9.9.9.9");
  expect(value).toMatchObject({ schema: "groundswell.twin/1", campaign: plan.campaign, planHash: planHash(noisy) });
  const gone = await desk.twin({ campaign: plan.campaign, offset: 0, made: "ef".repeat(32) });
  expect(gone).toMatchObject({ ok: false, code: "notFound" });
  const unknown = await desk.twin({ campaign: "c-ffffffffff" as Plan["campaign"], offset: 0 });
  expect(unknown).toMatchObject({ ok: false, code: "notFound" });
});

test("at 10,000 devices every answer about a plan is within its bound, and signed within what a desk reads", async () => {
  const made = kit();
  // Five floors of large rooms, many of them held back with words of their own.
  const plan = planOf(10_000);
  const held = phones(3_000).map(({ device, name }, n) => ({
    ...{ device, name, code: "offline" as const, lifts: "it answers again, then a new plan" },
    why: `it does not answer (${n})`.padEnd(400, "."),
  }));
  const whole: Plan = { ...plan, heldBack: held };
  keepPlan(made.store, whole);
  const desk = deskOf(made);
  const answers: VerbOutcome[] = [];
  for (const kept of [true, false]) answers.push(await desk.planned({ ok: true, message: "", result: { ...hashes(whole), kept } }));
  const document = await wholeOf((more) => desk.document({ planHash: planHash(whole), ...more }));
  const twin = await wholeOf((more) => desk.twin({ campaign: whole.campaign, ...more }));
  expect(document.value).toEqual(whole);
  expect((twin.value as { plan: Plan }).plan).toEqual(whole);
  const show = (more: object): VerbOutcome => showPlan({ campaign: whole.campaign, offset: 0, limit: 500, ...more }, made.store);
  answers.push(show({}), show({ list: "waves" }), show({ list: "tasks", wave: whole.waves.length }), show({ list: "heldBack" }));
  const status = campaignStatus({ campaign: whole.campaign }, made.io);
  answers.push(status);
  const { tasks, tasksLeft = 0 } = resultOf<CampaignView>(status);
  expect(tasks.length + tasksLeft).toBe(10_000);
  for (let offset: number | undefined = 0; offset !== undefined; ) {
    const answer = show({ list: "tasks", offset });
    answers.push(answer);
    offset = resultOf<{ next?: number }>(answer).next;
  }
  const key = await makeKey();
  for (const answer of [...answers, ...document.answers, ...twin.answers]) {
    const result = resultOf<object>(answer);
    expect(Buffer.byteLength(JSON.stringify(result))).toBeLessThan(SUMMARY_BYTES_MAX + 8_192);
    const token = await signJws(
      { id: "01".repeat(13), status: "done", code: "done", message: "done", result, request: "x" },
      key,
      REPLY_TYPE,
    );
    expect(Buffer.byteLength(token)).toBeLessThan(MAX_REPLY_BYTES);
  }
});
