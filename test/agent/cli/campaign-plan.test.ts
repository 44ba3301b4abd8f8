import { expect, test } from "vitest";
import { planAnswer } from "../../../agent/campaigns/plan-answer.ts";
import { planHash } from "../../../firmware/waves/plan.ts";
import { planOf } from "../rehearsal/kit.ts";
import { agent, done, inOnePiece, listed, refused, releaseRow } from "./agent.ts";

const PLAN = planOf(3);

/** The agent's own answer about three phones. */
function planned(changes: object = {}, kept = true): object {
  return { ...planAnswer({ plan: PLAN, planHash: planHash(PLAN), kept }), ...changes };
}

test("campaign plan: who goes when, how long, and what comes next, by another person", async () => {
  const ran = await (await agent({ "campaign.plan": done(planned()) })).run(["campaign", "plan", "ucs-6.4.8"]);
  expect(ran.code).toBe(0);
  for (const part of [
    "3 of 3 devices move to UC Software 6.4.8 (6.4.8.1190)\n",
    "canary VVX 450 ×1 (zh-p-",
    "VVX 450 ×2",
    "Nobody is held back.",
    "300 MB on the LAN, 100 MB over the uplink.",
    `Next, by another person: groundswell campaign approve ${PLAN.campaign} --plan-hash ${planHash(PLAN)} --key FILE`,
  ])
    expect(ran.out).toContain(part);
});

test("campaign plan: a dry run keeps nothing and offers no approval", async () => {
  const site = await agent({ "campaign.plan": done(planned({}, false)) });
  const ran = await site.run(["campaign", "plan", "ucs-6.4.8", "--dry-run"]);
  expect(ran.out).toContain("(dry run: nothing is kept)");
  expect(ran.out).not.toContain("approve");
  expect(site.asked[0]?.args).toEqual({ release: "ucs-6.4.8", dryRun: true });
});

test("campaign plan: every option reaches the agent in its unit", async () => {
  const site = await agent({ "campaign.plan": done(planned()), "device.show": done({ device: listed() }) });
  const choose = ["--model", "VVX 450", "--device", "d-hall", "--device", "Reception", "--floor", "1", "--room", "101", "--reason", "CVE"];
  const policy = ["--canary", "2", "--at-risk", "5", "--failures", "1", "--soak", "5m", "--deferral", "1h30m", "--without-backup"];
  policy.push("--outage", "floor:1", "--outage", "group:Desk=4=2");
  await site.run(["campaign", "plan", "ucs-6.4.8", ...choose, ...policy]);
  expect(site.asked.at(-1)?.args).toEqual({
    release: "ucs-6.4.8",
    models: ["VVX 450"],
    devices: ["d-hall", "d-64167f000001"],
    floors: ["1"],
    rooms: ["101"],
    policy: {
      ...{ canaryCount: 2, atRiskMax: 5, failuresAllowed: 1, soak: 300_000, deferral: 5_400_000, withoutBackup: true, reason: "CVE" },
      plannedOutages: [{ domain: "floor:1" }, { domain: "group:Desk=4", keeps: 2 }],
    },
  });
});

test("campaign plan: --json is the agent's answer with the whole plan, fetched by its hash", async () => {
  const site = await agent({ "campaign.plan": done(planned()), "campaign.document": inOnePiece(PLAN) });
  const ran = await site.run(["campaign", "plan", "r", "--json"]);
  expect(ran.json()).toEqual(JSON.parse(JSON.stringify({ ...planned(), plan: PLAN })));
  expect(site.asked.at(-1)).toEqual({ name: "campaign.document", args: { planHash: planHash(PLAN) } });
});

test("campaign plan: --json prints no plan that is not the one of the answer", async () => {
  const other = { ...PLAN, policy: { ...PLAN.policy, atRiskMax: 200 } };
  const site = await agent({ "campaign.plan": done(planned()), "campaign.document": inOnePiece(other) });
  const ran = await site.run(["campaign", "plan", "r", "--json"]);
  expect(ran).toMatchObject({ code: 1, err: expect.stringContaining("did not arrive as it was made") });
  expect(ran.json()).toMatchObject({ schema: "groundswell.error/1", code: "failed" });
});

test("campaign plan: of very many waves the first are shown, the others counted, with what lists them", async () => {
  const kept = await agent({ "campaign.plan": done(planned({ waveCount: 240 })) });
  expect((await kept.run(["campaign", "plan", "r"])).out).toMatch(
    /and 23\d waves more; groundswell campaign show \S+ --devices lists them/,
  );
  const dry = await agent({ "campaign.plan": done(planned({ waveCount: 240 }, false)) });
  expect((await dry.run(["campaign", "plan", "r", "--dry-run"])).out).toMatch(/and 23\d waves more; --json lists them/);
});

test.each([[[]], [["r", "--to", "6.4.8.1190"]]])("campaign plan: %j names no or two releases: usage", async (argv) => {
  const site = await agent({});
  const ran = await site.run(["campaign", "plan", ...argv]);
  expect([ran.code, site.asked.length]).toEqual([2, 0]);
  expect(ran.err).toContain("Name one release");
});

test("campaign plan --to: the one release of that version, none is exit 3, several exit 2 with their names", async () => {
  const releases = [releaseRow(), releaseRow({ id: "b", version: "7.0.0" }), releaseRow({ id: "c", version: "7.0.0" })];
  const site = await agent({ "campaign.plan": done(planned()), "firmware.list": done({ releases }) });
  await site.run(["campaign", "plan", "--to", "6.4.8.1190"]);
  expect(site.asked.at(-1)?.args).toEqual({ release: "ucs-6.4.8" });
  expect((await site.run(["campaign", "plan", "--to", "9.9"])).code).toBe(3);
  const several = await site.run(["campaign", "plan", "--to", "7.0.0"]);
  expect(several.code).toBe(2);
  expect(several.err).toContain("b, c");
});

test("campaign plan: a star is spelled out from the release's models, and one that fits none is exit 3", async () => {
  const site = await agent({ "campaign.plan": done(planned()), "firmware.list": done({ releases: [releaseRow()] }) });
  await site.run(["campaign", "plan", "ucs-6.4.8", "--model", "VVX 2*", "--model", "VVX 450"]);
  expect(site.asked.at(-1)?.args["models"]).toEqual(["VVX 250", "VVX 450"]);
  expect((await site.run(["campaign", "plan", "ucs-6.4.8", "--model", "Trio*"])).code).toBe(3);
});

test.each([
  [["--canary", "0"], "1 to 50"],
  [["--at-risk", "201"], "1 to 200"],
  [["--failures", "11"], "0 to 10"],
  [["--soak", "0s"], "length such as"],
  [["--soak", "five"], "length such as"],
])("campaign plan: %j is refused before anybody is asked", async (option, words) => {
  const site = await agent({});
  const ran = await site.run(["campaign", "plan", "r", ...option]);
  expect([ran.code, site.asked.length]).toEqual([2, 0]);
  expect(ran.err).toContain(words);
});

test("campaign plan: refused by policy is exit 5", async () => {
  expect((await (await agent({ "campaign.plan": refused("policy") })).run(["campaign", "plan", "r"])).code).toBe(5);
});

test("campaign plan --parent: the agent is asked without a release, and the difference is shown", async () => {
  const difference = {
    ...{ parent: "ab".repeat(32), counts: { moved: 1, settings: 1 }, added: [], gone: [], reasons: [], ways: [] },
    moved: [{ name: "p-1", from: 1, to: 2 }],
    settings: [{ path: "policy.soak", was: "1", is: "2" }],
  };
  const site = await agent({ "campaign.plan": done({ ...planned({}, false), difference }) });
  const ran = await site.run(["campaign", "plan", "--parent", "c-abcd1234", "--dry-run"]);
  expect([ran.code, site.asked.at(-1)?.args]).toEqual([0, { parent: "c-abcd1234", dryRun: true }]);
  expect(ran.out).toContain("Against the plan abababababab…: 1 moved, 1 setting\n  ~ p-1: wave 1 → 2\n  = policy.soak: 1 → 2\n");
});

test("campaign plan --parent: a star needs the release to be named", async () => {
  const site = await agent({});
  const ran = await site.run(["campaign", "plan", "--parent", "c-abcd1234", "--model", "VVX*"]);
  expect([ran.code, site.asked.length]).toEqual([2, 0]);
});
