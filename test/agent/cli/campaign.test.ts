import { expect, test } from "vitest";
import { agent, done, listed, refused } from "./agent.ts";

const ROW = {
  campaign: "c-abcd1234",
  state: "running",
  release: { id: "ucs-6.4.8", title: "UC Software 6.4.8" },
  version: "6.4.8.1190",
  planned: 3,
  counts: { succeeded: 1, lost: 1, planned: 1 },
  created: "2026-11-22T11:00:00Z",
};

test("campaign list: how far each is; those that ended count as done", async () => {
  const site = await agent({ "campaign.list": done({ campaigns: [ROW, { ...ROW, campaign: "c-2", counts: null }] }) });
  const ran = await site.run(["campaign", "list"]);
  expect(ran.out).toMatch(/c-abcd1234 +running +UC Software 6\.4\.8 +6\.4\.8\.1190 +2\/3 +60 min ago +-/);
  expect(ran.out).toMatch(/c-2 .* -\/3 /);
  expect((await site.run(["campaign", "list", "--ndjson"])).out.trimEnd().split("\n")).toHaveLength(2);
});

test("campaign list: none says what can be tried without consequences", async () => {
  const site = await agent({ "campaign.list": done({ campaigns: [] }) });
  expect((await site.run(["campaign", "list"])).err).toContain("--dry-run");
  expect((await site.run(["campaign", "list", "--json"])).json()).toEqual({ schema: "groundswell.campaigns/1", campaigns: [] });
});

test.each(["pause", "halt"])("campaign %s: neither one nor all of them is a usage error, and both at once too", async (verb) => {
  const site = await agent({});
  for (const argv of [[], ["c-1", "--all"]]) {
    const ran = await site.run(["campaign", verb, ...argv]);
    expect(ran.code).toBe(2);
    expect(ran.err).toContain(`Which campaign shall ${verb}?`);
  }
  expect(site.asked).toEqual([]);
});

test("campaign halt: one, or all, with the reason for the audit", async () => {
  const site = await agent({ "campaign.halt": done({ state: "halted" }) });
  const one = await site.run(["campaign", "halt", "c-1", "--reason", "smoke"]);
  expect([one.code, one.out]).toEqual([0, "Campaign c-1: halted\n"]);
  expect((await site.run(["campaign", "halt", "--all"])).out).toBe("All campaigns: halted\n");
  expect(site.asked.map(({ args }) => args)).toEqual([{ campaign: "c-1", reason: "smoke" }, { campaign: "*" }]);
});

test("campaign pause: I27 whoever pauses what stands already is told by whom and why", async () => {
  const words = 'already paused: gate "health" holds wave 2: 3 are worse';
  const site = await agent({ "campaign.pause": done({ state: "paused", already: true }, words) });
  expect((await site.run(["campaign", "pause", "c-1"])).out).toBe(`Campaign c-1: ${words}\n`);
});

test("campaign pause: --json says which, what and how it stands", async () => {
  const site = await agent({ "campaign.pause": done({ state: "paused" }, "paused by doe") });
  expect((await site.run(["campaign", "pause", "c-1", "--json"])).json()).toEqual({
    schema: "groundswell.campaign-move/1",
    campaign: "c-1",
    message: "paused by doe",
    state: "paused",
  });
});

test("campaign resume: names the gate somebody takes responsibility for", async () => {
  const site = await agent({ "campaign.resume": done({ state: "running" }) });
  await site.run(["campaign", "resume", "c-1", "--gate", "failures"]);
  await site.run(["campaign", "resume", "c-1"]);
  expect(site.asked.map(({ args }) => args)).toEqual([{ campaign: "c-1", gate: "failures" }, { campaign: "c-1" }]);
});

test.each([
  ["wrongState", 5],
  ["needsSecondPerson", 6],
  ["notAllowed", 77],
  ["clockUntrusted", 75],
  ["notFound", 3],
])("campaign resume: refused as %s is exit %i", async (code, exit) => {
  expect((await (await agent({ "campaign.resume": refused(code) })).run(["campaign", "resume", "c-1"])).code).toBe(exit);
});

test("campaign skip: a device by its name, with a reason, and never without one", async () => {
  const site = await agent({
    "device.show": done({ device: listed() }),
    "campaign.skip": done({ state: "running" }, "Reception is left out"),
  });
  expect((await site.run(["campaign", "skip", "c-1", "Reception"])).code).toBe(2);
  const ran = await site.run(["campaign", "skip", "c-1", "Reception", "--reason", "broken"]);
  expect([ran.code, ran.out]).toEqual([0, "Campaign c-1: Reception is left out\n"]);
  expect(site.asked.at(-1)?.args).toEqual({ campaign: "c-1", device: "d-64167f000001", reason: "broken" });
});

test("campaign retry, campaign write-off: say what the agent says; a write-off wants a reason", async () => {
  const site = await agent({
    "campaign.retry": done({ at: "staged" }, "tried once more"),
    "campaign.writeOff": done({ at: "skipped" }, "is free"),
  });
  const device = "d-64167f000001";
  expect((await site.run(["campaign", "retry", "c-1", device])).out).toBe("Campaign c-1: tried once more\n");
  expect((await site.run(["campaign", "write-off", "c-1", device])).code).toBe(2);
  expect((await site.run(["campaign", "write-off", "c-1", device, "--reason", "replaced"])).out).toBe("Campaign c-1: is free\n");
  expect(site.asked.map(({ args }) => args)).toEqual([
    { campaign: "c-1", device },
    { campaign: "c-1", device, reason: "replaced" },
  ]);
});
