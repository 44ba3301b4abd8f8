import { expect, test } from "vitest";
import { agent, campaign, done, HASH, refused, TERMINAL } from "./agent.ts";

const OTHER = "cd".repeat(32);
const site = () =>
  agent({
    "campaign.status": done(campaign()),
    "campaign.start": done({ state: "running" }, "started"),
    "campaign.approve": done({ state: "armed" }, "approved by Anna"),
  });
const typed = (text: string) => ({ ...TERMINAL, readInput: async (): Promise<string> => text });

test("campaign approve: shows what is said yes to, and says yes to exactly that plan", async () => {
  const bench = await site();
  const ran = await bench.run(["campaign", "approve", "c-abcd1234"]);
  expect([ran.code, ran.out]).toEqual([0, "Campaign c-abcd1234: approved by Anna\n"]);
  for (const part of ["moves 3 devices to UC Software 6.4.8", "2 waves: 1 + 2", `Plan hash ${HASH}`, "campaign start c-abcd1234"])
    expect(ran.err).toContain(part);
  expect(bench.asked.at(-1)).toEqual({ name: "campaign.approve", args: { campaign: "c-abcd1234", planHash: HASH } });
});

test.each(["approve", "start"])("campaign %s: another plan than the one that is meant is exit 5 and nothing is done", async (verb) => {
  const bench = await site();
  const ran = await bench.run(
    ["campaign", verb, "c-abcd1234", "--plan-hash", OTHER, "--confirm-count", "3"].filter((_, i) => verb === "start" || i < 5),
  );
  expect(ran.code).toBe(5);
  expect(ran.err).toContain("has another plan than the one you mean");
  expect(bench.asked.map(({ name }) => name)).toEqual(["campaign.status"]);
});

test("campaign approve: refused for the plan's own author is exit 6 and says who else", async () => {
  const bench = await agent({ "campaign.status": done(campaign()), "campaign.approve": refused("needsSecondPerson") });
  const ran = await bench.run(["campaign", "approve", "c-abcd1234"]);
  expect(ran.code).toBe(6);
  expect(ran.err).toContain("approved by another person");
});

test("campaign start: the typed number of devices starts it", async () => {
  const bench = await site();
  const ran = await bench.run(["campaign", "start", "c-abcd1234"], typed(" 3\n"));
  expect([ran.code, ran.out]).toEqual([0, "Campaign c-abcd1234: started\n"]);
  expect(ran.err).toContain("Type the number of devices to start: ");
  expect(bench.asked.at(-1)?.args).toEqual({ campaign: "c-abcd1234", planHash: HASH });
});

test.each(["4", "", "yes", "3 devices", "03"])("campaign start: %j is not the number: exit 6, nothing is started", async (text) => {
  const bench = await site();
  const ran = await bench.run(["campaign", "start", "c-abcd1234"], typed(text));
  expect(ran.code).toBe(6);
  expect(bench.asked.map(({ name }) => name)).not.toContain("campaign.start");
});

test.each([
  [[], { readInput: async (): Promise<string> => "3" }],
  [["--json"], typed("3")],
  [["--quiet"], typed("3")],
] as const)("campaign start: with nobody to ask (%j) it needs --confirm-count: exit 6", async (options, io) => {
  const bench = await site();
  const ran = await bench.run(["campaign", "start", "c-abcd1234", ...options], io);
  expect(ran.code).toBe(6);
  expect(bench.asked.map(({ name }) => name)).not.toContain("campaign.start");
  const confirmed = await bench.run(["campaign", "start", "c-abcd1234", "--confirm-count", "3", ...options], io);
  expect(confirmed.code).toBe(0);
});

test("campaign start: a confirmed number that differs is exit 6 and names the real one", async () => {
  const bench = await site();
  const ran = await bench.run(["campaign", "start", "c-abcd1234", "--confirm-count", "4"]);
  expect(ran.code).toBe(6);
  expect(ran.err).toContain("The plan moves 3 devices, not 4: nothing is started");
  expect(ran.err).toContain("--confirm-count 3");
  expect(bench.asked.map(({ name }) => name)).not.toContain("campaign.start");
});

test("campaign start: --json is one document", async () => {
  const ran = await (await site()).run(["campaign", "start", "c-abcd1234", "--confirm-count", "3", "--json"]);
  expect(ran.json()).toEqual({
    schema: "groundswell.campaign-move/1",
    campaign: "c-abcd1234",
    planHash: HASH,
    message: "started",
    state: "running",
  });
});
