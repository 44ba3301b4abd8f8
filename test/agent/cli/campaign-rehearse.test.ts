import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { rehearsalSchema } from "../../../agent/rehearsal/document.ts";
import { planHash } from "../../../firmware/waves/plan.ts";
import { isoOf, manualClock } from "../../../protocols/core/time.ts";
import { publishedSchema, renderSchema } from "../../support/schemas.ts";
import { planOf } from "../rehearsal/kit.ts";
import { agent, failed, inOnePiece, NOW, TERMINAL } from "./agent.ts";
import { folder, run } from "./kit.ts";

const plan = planOf(8);
const TWIN = {
  ...{ schema: "groundswell.twin/1", campaign: plan.campaign, state: "armed", planHash: planHash(plan), plan, now: isoOf(NOW) },
  devices: plan.tasks.map(({ device }) => ({ device, running: "6.4.6.2494", offline: false, place: "room:Room 0" })),
  usage: { "room:Room 0": { zone: "Europe/Zurich", days: 20, busy: Array.from({ length: 168 }, () => 0.01) } },
};
const LONG_MS = 120_000;
const clock = manualClock(NOW);

test(
  "campaign rehearse: says that it is a simulation, when it would end, the worst moment, and what a misbehaviour does",
  async () => {
    const site = await agent({ "campaign.twin": inOnePiece(TWIN) });
    const ran = await site.run(["campaign", "rehearse", plan.campaign, "--runs", "2", "--misbehave", "neverReturns=100%"]);
    expect(ran.err).toContain("steps of the rehearsal; neverReturns");
    expect(ran.out).toContain("SIMULATION: nothing was sent to any device");
    expect(ran.out).toContain("8 devices to UC Software 6.4.8 (6.4.8.1190); played 2 times each from seed 1");
    expect(ran.out).toContain("the use of the places of 8 devices is known; times are of Europe/Zurich");
    expect(ran.out).toMatch(
      /If every device behaves: it would end (Mon|Tue) 2026-11-2[34] \d\d:\d\d \(nine times of ten by .*\), in 1 window/,
    );
    expect(ran.out).toMatch(/\n *1 +1 +Mon 2026-11-23 22:\d\d +Mon 2026-11-23 22:\d\d/);
    expect(ran.out).toMatch(/simulated +\d+ +\d+ +\d+ +\d+/);
    expect(ran.out).toMatch(/the plan's bound +\d+ +\d+ +\d+ +\d+/);
    expect(ran.out).toMatch(/neverReturns +100 % +0\/2 +- +failureCount, wave 1 +1 +0 +0 +1 +7/);
    expect(ran.out).toContain(
      'with 100 % (8 devices), "goes down for the flash and stays down": held by failureCount in wave 1 in 2 of 2: 1 device touched, 1 failed',
    );
    expect(ran.out).toContain("What it cannot know");
    expect(ran.code).toBe(0);
    // It only asks, and only once.
    expect(site.asked).toEqual([{ name: "campaign.twin", args: { campaign: plan.campaign } }]);
  },
  LONG_MS,
);

test(
  "campaign rehearse: one JSON document with its schema; the same seed gives the same one",
  async () => {
    const site = await agent({ "campaign.twin": inOnePiece(TWIN) });
    const args = [
      "campaign",
      "rehearse",
      plan.campaign,
      "--json",
      "--runs",
      "1",
      "--seed",
      "7",
      "--misbehave",
      "refusesImage=0.5,inUse=10%",
    ];
    const ran = await site.run(args);
    const report = rehearsalSchema.parse(ran.json());
    expect(publishedSchema("rehearsal.schema.json")).toBe(renderSchema("rehearsal.schema.json"));
    expect(report.scenarios.map(({ misbehaviour, devices }) => [misbehaviour, devices])).toEqual([
      [null, 0],
      ["refusesImage", 4],
      ["inUse", 1],
    ]);
    expect(report.scenarios[0]).toMatchObject({ ended: 1, counts: { succeeded: 8 }, stops: [] });
    expect((await site.run(args)).out).toBe(ran.out);
    expect(ran.err).toBe("");
  },
  LONG_MS,
);

test(
  "campaign rehearse --plan: a plan from a file, with nobody asked",
  async () => {
    const file = join(folder(), "plan.json");
    writeFileSync(file, JSON.stringify({ schema: "groundswell.plan-answer/2", plan, planHash: planHash(plan), kept: false }));
    const ran = await run(["campaign", "rehearse", "--plan", file, "--runs", "1", "--misbehave", "garbage=1%"], { clock });
    expect(ran.out).toContain("no place's use is known");
    expect(ran.code).toBe(0);
  },
  LONG_MS,
);

test("campaign rehearse --plan: what is no plan, or is changed, is not played", async () => {
  const file = join(folder(), "plan.json");
  const args = ["campaign", "rehearse", "--plan", file];
  expect(await run(args, { clock })).toMatchObject({ code: 78, err: expect.stringContaining("Cannot read") });
  writeFileSync(file, "{");
  expect(await run(args, { clock })).toMatchObject({ code: 78, err: expect.stringContaining("holds no plan") });
  const changed = { ...plan, policy: { ...plan.policy, atRiskMax: 200 } };
  writeFileSync(file, JSON.stringify({ plan: changed, planHash: planHash(plan) }));
  expect(await run(args, { clock })).toMatchObject({ code: 1, out: "", err: expect.stringContaining("was changed since it was made") });
});

test.each<[string, string[], number, string]>([
  ["neither a campaign nor a file", [], 2, "Which plan shall be rehearsed?"],
  ["both", ["c-1", "--plan", "x"], 2, "Which plan shall be rehearsed?"],
  [
    "an unknown misbehaviour, with the list",
    ["c-1", "--misbehave", "sings=1%"],
    2,
    'no misbehaviour "sings": there are acceptsAndIgnores, ',
  ],
  ["a rate out of range", ["c-1", "--misbehave", "garbage=101%"], 2, "needs a rate above 0 and up to 1"],
  ["no run at all", ["c-1", "--runs", "0"], 2, "Expected a whole number from 1 to 100"],
])("campaign rehearse: %s is refused before anybody is asked", async (_name, args, code, says) => {
  const site = await agent({});
  expect(await site.run(["campaign", "rehearse", ...args])).toMatchObject({ code, out: "", err: expect.stringContaining(says) });
  expect(site.asked).toEqual([]);
});

test("campaign rehearse: an unknown campaign matches nothing, an ended one is said to have ended", async () => {
  const none = await agent({ "campaign.twin": failed("notFound", 'No campaign "c-9"') });
  expect(await none.run(["campaign", "rehearse", "c-9"])).toMatchObject({ code: 3, err: expect.stringContaining('No campaign "c-9"') });
  const ended = await agent({ "campaign.twin": failed("wrongState", "it has ended") });
  expect(await ended.run(["campaign", "rehearse", "c-9"])).toMatchObject({ code: 5, err: expect.stringContaining("it has ended") });
});

test(
  "campaign rehearse: a plan that would not even end where all behave says so by its exit code; a running one is rehearsed from its start",
  async () => {
    const devices = TWIN.devices.map((one, at) => ({ ...one, offline: at === 0 }));
    const site = await agent({ "campaign.twin": inOnePiece({ ...TWIN, devices, state: "running" }) });
    const ran = await site.run(["campaign", "rehearse", plan.campaign, "--runs", "1", "--misbehave", "garbage=1%"], TERMINAL);
    expect(ran.code).toBe(4);
    expect(ran.err).toContain("is running: its whole plan is rehearsed from the start");
    expect(ran.out).toContain("it would not end, it stands still in wave");
    expect(ran.out).toContain("1 wait: offline");
  },
  LONG_MS,
);
