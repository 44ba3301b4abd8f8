import { expect, test } from "vitest";
import { agent, done, failed, TERMINAL } from "./agent.ts";

const ONE = {
  ...{ incident: 3, title: "Switch sw-2 is lost: 22 of 22 behind it are dark", kind: "switch", state: "open", severity: "critical" },
  ...{ causeClass: "network", affected: 22, total: 22, since: "2026-11-22T11:50:00Z", reopened: 0 },
};
const HELD = {
  device: "d-1",
  name: "Desk 5",
  condition: "deviceOffline",
  since: "2026-11-22T11:59:00Z",
  why: "waits for sw-2 to be asked",
  until: "2026-11-22T12:02:00Z",
};
const NONE = { waitingCount: 0, waiting: [], mutedCount: 0, muted: [] };

test("incident list: each cause once, what waits with its reason and its end", async () => {
  const muted = Array.from({ length: 5 }, () => ({ ...HELD, why: "maintenance 1: cabling" }));
  const site = await agent({ "incident.list": done({ incidents: [ONE], waitingCount: 1, waiting: [HELD], mutedCount: 9, muted }) });
  const ran = await site.run(["incident", "list"], TERMINAL);
  expect(ran.out).toMatch(/3 +critical +network +22\/22 +10 min ago +Switch sw-2 is lost: 22 of 22 behind it are dark/);
  expect(ran.err).toContain("1 condition not decided yet:\n  Desk 5 deviceOffline: waits for sw-2 to be asked, at the latest in 2 min");
  expect(ran.err).toContain("9 conditions muted:");
  expect(ran.err).toContain("and 4 more");
  const json = await site.run(["incident", "list", "--json"]);
  expect(JSON.parse(json.out)).toMatchObject({ schema: "groundswell.incidents/1", incidents: [{ incident: 3 }], mutedCount: 9 });
});

test("incident list: nothing open is exit 0 and says so; --all shows how they ended", async () => {
  const empty = await (await agent({ "incident.list": done({ incidents: [], ...NONE }) })).run(["incident", "list"], TERMINAL);
  expect([empty.code, empty.out, empty.err]).toEqual([0, "", expect.stringContaining("No incident is open")]);
  const site = await agent({ "incident.list": done({ incidents: [{ ...ONE, state: "partOf", partOf: 1 }], ...NONE }) });
  const ran = await site.run(["incident", "list", "--all"], TERMINAL);
  expect(ran.out).toContain("part of 1");
  expect(site.asked.find(({ name }) => name === "incident.list")?.args).toEqual({ all: true });
});

test("incident show: the cause, why, what to do, what is inside and what is muted", async () => {
  const shown = {
    ...{ ...ONE, reopened: 2, why: "sw-2 does not answer", advice: "Look whether sw-2 has power" },
    conditions: [
      {
        device: "d-1",
        name: "Desk 5",
        condition: "deviceOffline",
        severity: "error",
        since: "2026-11-22T11:55:00Z",
        evidence: "does not answer",
      },
    ],
    muted: [HELD],
  };
  const ran = await (await agent({ "incident.show": done(shown) })).run(["incident", "show", "3"], TERMINAL);
  for (const part of [
    "Switch sw-2 is lost",
    "open, came back 2 times",
    "22 of 22",
    "sw-2 does not answer",
    "Look whether sw-2 has power",
    "Desk 5  deviceOffline, since 5 min ago: does not answer",
    "muted (1)",
  ])
    expect(ran.out).toContain(part);
});

test("incident show: what is no number is a mistake of use; an unknown one is not found", async () => {
  const site = await agent({ "incident.show": failed("notFound", "No incident 9") });
  expect((await site.run(["incident", "show", "x"])).code).toBe(2);
  expect((await site.run(["incident", "show", "9"])).code).not.toBe(0);
});
