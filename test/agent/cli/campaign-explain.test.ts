import { expect, test } from "vitest";
import { agent, done, refused } from "./agent.ts";

const RESULT = {
  ...{ device: "d-64167f000001", name: "Reception", campaign: "c-1", state: "paused", at: "held", wave: 2 },
  reasons: [
    { code: "paused", why: "paused by doe", since: "2026-11-22T11:00:00Z", endedBy: "a person who resumes the campaign" },
    { code: "window", why: "the window is closed", until: "2026-11-23T00:00:00Z" },
  ],
};

test("campaign explain: every reason with since when, until when and who ends it", async () => {
  const site = await agent({ "campaign.explain": done(RESULT) });
  const ran = await site.run(["campaign", "explain", "Reception"]);
  expect(ran.out).toContain("Reception in campaign c-1 (paused): held in wave 2");
  expect(ran.out).toMatch(/paused by doe +60 min ago +a person who resumes/);
  expect(ran.out).toContain("2026-11-23T00:00:00Z");
  expect((await site.run(["campaign", "explain", "Reception", "--campaign", "c-1", "--json"])).json()).toMatchObject({
    schema: "groundswell.explain/1",
    at: "held",
  });
  expect(site.asked.filter(({ name }) => name === "campaign.explain").map(({ args }) => args)).toEqual([
    { device: "Reception" },
    { device: "Reception", campaign: "c-1" },
  ]);
});

test("campaign explain: an unknown device matches nothing", async () => {
  expect((await (await agent({ "campaign.explain": refused("notFound") })).run(["campaign", "explain", "x"])).code).toBe(3);
});
