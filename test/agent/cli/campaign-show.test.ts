import { expect, test } from "vitest";
import { showPlan } from "../../../agent/campaigns/show-verb.ts";
import { planHash } from "../../../firmware/waves/plan.ts";
import type { Plan } from "../../../firmware/waves/shape.ts";
import { temporaryStore } from "../../store/temporary.ts";
import { keepPlan } from "../campaigns/kit.ts";
import { planOf } from "../rehearsal/kit.ts";
import { type Asked, agent, done, failed, type Said } from "./agent.ts";

/** The agent's own answers about this plan, in pieces of five. */
function answersOf(plan: Plan): { readonly summary: Said; readonly tasks: readonly Said[]; readonly held: readonly Said[] } {
  const store = temporaryStore();
  keepPlan(store, plan);
  const ask = (more: object): Said => {
    const answer = showPlan({ campaign: plan.campaign, offset: 0, limit: 5, ...more }, store);
    if (!answer.ok) throw new Error(answer.message);
    return done(answer.result);
  };
  const all = (list: string, count: number): Said[] =>
    Array.from({ length: Math.ceil(count / 5) }, (_, piece) => ask({ list, offset: piece * 5 }));
  return { summary: ask({}), tasks: all("tasks", plan.tasks.length), held: all("heldBack", plan.heldBack.length) };
}

const held = (count: number): Plan["heldBack"] =>
  Array.from({ length: count }, (_, n) => ({
    ...{ device: `d-64167f0000f${n}` as Plan["heldBack"][number]["device"], name: `away-${n}`, code: "offline" as const },
    ...{ why: "it does not answer", lifts: "it answers again" },
  }));
const args = ({ asked }: { readonly asked: readonly Asked[] }): unknown[] =>
  asked.filter(({ name }) => name === "campaign.show").map((one) => one.args);

test("campaign show: as campaign plan prints it, with where it stands and what it needs; one question", async () => {
  const plan = { ...planOf(12), heldBack: held(2) };
  const site = await agent({ "campaign.show": answersOf(plan).summary });
  const ran = await site.run(["campaign", "show", plan.campaign]);
  expect([ran.code, ran.err]).toEqual([0, ""]);
  const lines = ran.out.split("\n");
  expect(lines[0]).toBe(`Campaign ${plan.campaign}: awaitingApproval: waits for another person's approval`);
  expect(lines[1]).toBe("12 of 14 devices move to UC Software 6.4.8 (6.4.8.1190)");
  expect(lines[2]).toMatch(/^Planned .* by j\.doe$/);
  expect(lines[3]).toMatch(/^WAVE +DEVICES +WHAT +EST\. +LAN +RULES OUT +RISK +STATE$/);
  expect(lines[4]).toMatch(/^ +1 +1 +canary VVX 450 ×1 \(zh-p-\d+\) .* > 95 % .* pending$/);
  for (const part of [
    "held        2  away-0 offline; away-1 offline",
    "2 held back\n  away-0: it does not answer; lifted by: it answers again\n",
    "nine times of ten within",
    "Down at once: at most",
    "0 of 1 approval; it has to start by",
    `Plan hash ${planHash(plan)}\n`,
  ])
    expect(ran.out).toContain(part);
  expect(ran.out).not.toContain("zh-p-12 ");
  expect(args(site)).toEqual([{ campaign: plan.campaign }]);
});

test("campaign show --devices: asks piece by piece, and has each device once, wave by wave", async () => {
  const plan = { ...planOf(12), heldBack: held(7) };
  const { summary, tasks, held: away } = answersOf(plan);
  const site = await agent({ "campaign.show": [summary, ...tasks, ...away] });
  const ran = await site.run(["campaign", "show", plan.campaign, "--devices"]);
  expect(ran.code).toBe(0);
  expect(args(site)).toEqual([
    { campaign: plan.campaign },
    ...[0, 5, 10].map((offset) => ({ campaign: plan.campaign, list: "tasks", offset })),
    ...[0, 5].map((offset) => ({ campaign: plan.campaign, list: "heldBack", offset })),
  ]);
  expect(ran.out).toMatch(/\nWAVE +DEVICE +MODEL +FROM +TO +ROOM +STATE +WHY\n/);
  const rows = ran.out
    .split("\n")
    .flatMap((line) => /^ +(\d+) +(zh-p-\d+) +VVX 450 +\S+ +6\.4\.8\.1190 +Room \d+ +planned/.exec(line) ?? []);
  const names = new Map(plan.tasks.map(({ id, name }) => [id, name]));
  expect(rows.filter((_, at) => at % 3 === 2)).toEqual(plan.waves.flatMap((wave) => wave.tasks.map((id) => names.get(id))));
  expect(ran.out).toMatch(/\nHELD BACK +CODE +WHY +LIFTED BY\naway-0 +offline/);
  expect(ran.out).toMatch(/\naway-6 +offline +it does not answer +it answers again\n/);
});

test("campaign show --wave: the devices of that wave alone; a wave that is not there is exit 3", async () => {
  const plan = planOf(12);
  const { summary } = answersOf(plan);
  const store = temporaryStore();
  keepPlan(store, plan);
  const answer = showPlan({ campaign: plan.campaign, list: "tasks", wave: 2, offset: 0, limit: 500 }, store);
  if (!answer.ok) throw new Error(answer.message);
  const site = await agent({ "campaign.show": [summary, done(answer.result)] });
  const ran = await site.run(["campaign", "show", plan.campaign, "--wave", "2", "--plain"]);
  expect(args(site)).toEqual([{ campaign: plan.campaign }, { campaign: plan.campaign, list: "tasks", wave: 2, offset: 0 }]);
  expect(ran.out.trimEnd().split("\n")).toHaveLength(plan.waves[1]?.tasks.length ?? 0);
  const none = await (await agent({ "campaign.show": summary })).run(["campaign", "show", plan.campaign, "--wave", "9"]);
  expect([none.code, none.out]).toEqual([3, ""]);
  expect(none.err).toContain("No wave 9 in campaign");
});

test("campaign show --json: the agent's answer; with --devices both lists whole", async () => {
  const plan = { ...planOf(7), heldBack: held(1) };
  const { summary, tasks, held: away } = answersOf(plan);
  const site = await agent({ "campaign.show": [summary, ...tasks, ...away] });
  const ran = await site.run(["campaign", "show", plan.campaign, "--devices", "--json"]);
  const document = ran.json() as { tasks: { task: string }[] };
  expect(document).toMatchObject({ schema: "groundswell.campaign-plan/1", campaign: plan.campaign, held: held(1) });
  expect(document.tasks.map(({ task }) => task)).toEqual(plan.waves.flatMap((wave) => wave.tasks));
  const alone = await agent({ "campaign.show": summary });
  expect((await alone.run(["campaign", "show", plan.campaign, "--json"])).json()).toEqual(JSON.parse(JSON.stringify(summary.result)));
});

test("campaign show --plain --devices: a row a device", async () => {
  const plan = planOf(4);
  const { summary, tasks } = answersOf(plan);
  const site = await agent({ "campaign.show": [summary, ...tasks] });
  const ran = await site.run(["campaign", "show", plan.campaign, "--devices", "--plain"]);
  expect(
    ran.out
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t").length),
  ).toEqual([10, 10, 10, 10]);
});

test("campaign show: what its plan was made from, and what is different; a long difference is counted", async () => {
  const { summary } = answersOf(planOf(3));
  const moved = [{ name: "p-1", from: 1, to: 2 }];
  const none = { added: [], gone: [], reasons: [], ways: [], settings: [] };
  const difference = { parent: "ab".repeat(32), counts: { moved: 30, settings: 0 }, ...none, moved };
  const result = {
    ...(summary.result as object),
    parent: { planHash: "ab".repeat(32), campaign: "c-before1", state: "superseded" },
    difference,
  };
  const ran = await (await agent({ "campaign.show": done(result) })).run(["campaign", "show", "c-abcd1234"]);
  expect(ran.out).toContain(
    "Made from the plan of campaign c-before1 (superseded)\nAgainst the plan abababababab…: 30 moved\n  ~ p-1: wave 1 → 2\n  and 29 more\n",
  );
  const orphan = { ...(summary.result as object), parent: { planHash: "ab".repeat(32) } };
  const alone = await (await agent({ "campaign.show": done(orphan) })).run(["campaign", "show", "c-abcd1234"]);
  expect(alone.out).toContain("Made from the plan abababababab…, which is not kept here any more\n");
});

test("campaign show: an unknown campaign is exit 3, with the command that lists all", async () => {
  const site = await agent({ "campaign.show": failed("notFound", 'No campaign "c-9": "groundswell campaign list" shows all') });
  const ran = await site.run(["campaign", "show", "c-9"]);
  expect([ran.code, ran.out]).toEqual([3, ""]);
  expect(ran.err).toContain('"groundswell campaign list" shows all');
});

test("campaign show --devices: pieces that do not fit are told, not joined", async () => {
  const plan = planOf(12);
  const { summary, tasks } = answersOf(plan);
  const site = await agent({ "campaign.show": [summary, tasks[0] as Said, tasks[0] as Said] });
  const ran = await site.run(["campaign", "show", plan.campaign, "--devices"]);
  expect([ran.code, ran.out]).toEqual([1, ""]);
  expect(ran.err).toContain("do not fit each other");
});
