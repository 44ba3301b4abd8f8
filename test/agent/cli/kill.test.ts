import { expect, test } from "vitest";
import { agent, done, refused } from "./agent.ts";

const SITE = {
  scope: { kind: "site" },
  by: "anna",
  reason: "smoke",
  since: "2026-11-22T11:00:00Z",
  held: 3,
  watched: 1,
  campaigns: ["c-1"],
};

test("kill on: of exactly one scope; none and two are usage errors, and nothing is asked", async () => {
  const site = await agent({});
  for (const argv of [[], ["--whole-site", "--model", "VVX 450"]]) {
    const ran = await site.run(["kill", "on", ...argv]);
    expect([ran.code, ran.err.includes("For what shall the kill switch go on?")]).toEqual([2, true]);
  }
  expect(site.asked).toEqual([]);
});

test("kill on, kill off: say what the agent says, and how it is ended", async () => {
  const site = await agent({ "kill.on": done(SITE, "the kill switch is on for ucs-1"), "kill.off": done({ kills: [] }, "it is off") });
  const on = await site.run(["kill", "on", "--release", "ucs-1", "--reason", "smoke"]);
  expect([on.code, on.out]).toEqual([0, "the kill switch is on for ucs-1\n"]);
  expect(on.err).toContain("groundswell kill off --release ucs-1 --key FILE");
  expect((await site.run(["kill", "off", "--whole-site"])).out).toBe("it is off\n");
  expect((await site.run(["kill", "on", "--model", "VVX 450", "--json"])).json()).toMatchObject({
    schema: "groundswell.kill-turned/1",
    held: 3,
  });
  expect(site.asked.map(({ args }) => args)).toEqual([
    { scope: { kind: "release", release: "ucs-1" }, reason: "smoke" },
    { scope: { kind: "site" } },
    { scope: { kind: "model", model: "VVX 450" } },
  ]);
});

test("kill off: somebody who is no approver is told so", async () => {
  expect((await (await agent({ "kill.off": refused("notAllowed") })).run(["kill", "off", "--whole-site"])).code).toBe(77);
});

test("kill status: where it is on, since when, by whom, why and whom it holds; and what to do where it is off", async () => {
  const site = await agent({ "kill.status": done({ kills: [SITE, { ...SITE, scope: { kind: "model", model: "VVX 450" } }] }) });
  const ran = await site.run(["kill", "status"]);
  expect(ran.out).toMatch(/the whole site +60 min ago +anna +3 +1 +smoke/);
  expect(ran.out).toMatch(/VVX 450 /);
  const off = await agent({ "kill.status": done({ kills: [] }) });
  expect((await off.run(["kill", "status"])).err).toContain("kill on --whole-site");
});
