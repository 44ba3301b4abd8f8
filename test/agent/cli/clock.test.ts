import { expect, test } from "vitest";
import { agent, done } from "./agent.ts";

test("clock accept: says what the agent says, and goes with its reason", async () => {
  const site = await agent({
    "agent.status": done({ clock: { factor: 1, hasShown: "2027-11-29T12:00:00Z" } }),
    "clock.accept": done({ now: "2026-11-29T12:00:00Z", accepted: true }, "the clock is accepted"),
  });
  const ran = await site.run(["clock", "accept", "--reason", "the radio clock says so"]);
  expect([ran.code, ran.out]).toEqual([0, "the clock is accepted\n"]);
  expect(ran.err).toContain("2027-11-29T12:00:00Z");
  expect(site.asked.at(-1)).toMatchObject({ name: "clock.accept", args: { shown: "2027-11-29T12:00:00Z" } });
  expect((await site.run(["clock", "accept", "--reason", "x", "--json"])).json()).toMatchObject({
    schema: "groundswell.clock-accepted/1",
    accepted: true,
  });
});

test("clock accept: without a reason it is a usage error, and nothing is asked", async () => {
  const site = await agent({});
  expect((await site.run(["clock", "accept"])).code).toBe(2);
  expect(site.asked).toEqual([]);
});
