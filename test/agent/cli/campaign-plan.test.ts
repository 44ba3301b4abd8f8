import { expect, test } from "vitest";
import { agent, done, FORECAST, HASH, listed, RELEASE, refused, releaseRow } from "./agent.ts";

function planned(changes: object = {}, kept = true): object {
  const tasks = [1, 2, 3].map((n) => ({
    id: `t-${n}`,
    name: `p-${n}`,
    model: n === 3 ? "VVX 250" : "VVX 450",
    legs: [{ to: "6.4.8.1190", edge: { reversibility: n === 2 ? "one_way" : "in_place" } }],
  }));
  const waves = [
    { index: 1, tasks: ["t-1"], soakMs: 60_000 },
    { index: 2, tasks: ["t-2", "t-3"], soakMs: 60_000 },
  ];
  const plan = {
    campaign: "c-abcd1234",
    author: { person: "doe" },
    release: RELEASE,
    tasks,
    waves,
    heldBack: [],
    forecast: FORECAST,
    ...changes,
  };
  return { plan, planHash: HASH, kept };
}

test("campaign plan: who goes when, how long, and what comes next, by another person", async () => {
  const ran = await (await agent({ "campaign.plan": done(planned()) })).run(["campaign", "plan", "ucs-6.4.8"]);
  expect(ran.code).toBe(0);
  for (const part of [
    "3 of 3 devices move to UC Software 6.4.8 (6.4.8.1190)\n",
    "canary VVX 450 ×1 (p-1)",
    "VVX 450 ×1, VVX 250 ×1",
    "1 cannot go back",
    "Nobody is held back.",
    "About 10 min, nine times of ten within 20 min; fits the window it would start in. 270 MB on the LAN, nothing over the uplink.",
    `Next, by another person: groundswell campaign approve c-abcd1234 --plan-hash ${HASH} --key FILE`,
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
  await site.run(["campaign", "plan", "ucs-6.4.8", ...choose, ...policy]);
  expect(site.asked.at(-1)?.args).toEqual({
    release: "ucs-6.4.8",
    models: ["VVX 450"],
    devices: ["d-hall", "d-64167f000001"],
    floors: ["1"],
    rooms: ["101"],
    policy: { canaryCount: 2, atRiskMax: 5, failuresAllowed: 1, soak: 300_000, deferral: 5_400_000, withoutBackup: true, reason: "CVE" },
  });
});

test("campaign plan: --json is the agent's answer", async () => {
  const site = await agent({ "campaign.plan": done(planned()) });
  expect((await site.run(["campaign", "plan", "r", "--json"])).json()).toEqual({ schema: "groundswell.plan-answer/1", ...planned() });
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
    ...{ parent: "ab".repeat(32), added: [], gone: [], moved: [{ name: "p-1", from: 1, to: 2 }], reasons: [], ways: [] },
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
