import { expect, test } from "vitest";
import { agent, done, TERMINAL } from "./agent.ts";

const NEW = {
  device: "d-1",
  name: "VVX 450 00:00:01",
  standing: "waiting",
  model: "VVX 450",
  coverage: "notCovered",
  why: "adopt: ask",
  sources: ["device", "lldp"],
  conflicts: 1,
  firstSeen: "2026-11-22T11:00:00Z",
  lastSeen: "2026-11-22T11:59:00Z",
};

test("inbox list: what waits, with coverage and why; columns nobody fills are left out", async () => {
  const site = await agent({ "inbox.list": done({ devices: [NEW] }) });
  const ran = await site.run(["inbox", "list"], TERMINAL);
  expect(ran.out).toMatch(/d-1 +waiting +VVX 450 +notCovered +device, lldp +1 +60 min ago +adopt: ask/);
  expect(ran.out).not.toContain("ADDRESS");
  expect(ran.err).toContain("groundswell inbox adopt");
  await site.run(["inbox", "list", "--ignored"]);
  await site.run(["inbox", "list", "--all"]);
  expect(site.asked.filter(({ name }) => name === "inbox.list").map(({ args }) => args["which"])).toEqual(["waiting", "ignored", "all"]);
});

test("inbox list: nothing waiting is exit 0 and says so", async () => {
  const ran = await (await agent({ "inbox.list": done({ devices: [] }) })).run(["inbox", "list"], TERMINAL);
  expect([ran.code, ran.out, ran.err]).toEqual([0, "", expect.stringContaining("Nothing waits")]);
});

test.each(["adopt", "ignore"])("inbox %s: several at once, and what is refused with its reason", async (verb) => {
  const made = {
    devices: [{ device: "d-1", name: "Desk", was: "waiting" }],
    refused: [{ device: "d-2", why: "d-2 is part of a campaign" }],
  };
  const site = await agent({ [`inbox.${verb}`]: done(made, "1 done, 1 refused") });
  const ran = await site.run(["inbox", verb, "d-1", "d-2"], TERMINAL);
  expect([ran.code, ran.out]).toEqual([0, "1 done, 1 refused\n"]);
  expect(ran.err).toContain("Not done: d-2 is part of a campaign");
  const dry = await site.run(["inbox", verb, "d-1", "--dry-run"]);
  expect(dry.out).toContain("Nothing is changed");
  expect(site.asked.at(-1)?.args).toEqual({ devices: ["d-1"], dryRun: true });
});

test("inbox explain: rule, evidence and conflicts", async () => {
  const shown = {
    device: NEW,
    judgement: { verdict: "ask", why: "rule 2 (family soundpoint) says ask" },
    evidence: [{ source: "lldp", at: "2026-11-22T11:59:00Z", address: "10.20.0.1", what: "switch 10.20.9.1 port 1" }],
    conflicts: ["d-1 and d-2 have one serial, S1"],
  };
  const site = await agent({ "inbox.explain": done(shown) });
  const ran = await site.run(["inbox", "explain", "d-1"], TERMINAL);
  for (const part of [
    "waiting: adopt: ask",
    "rule 2 (family soundpoint) says ask",
    "notCovered",
    "switch 10.20.9.1 port 1",
    "have one serial",
  ])
    expect(ran.out).toContain(part);
  expect((await site.run(["inbox", "explain", "d-1", "--json"])).json()).toEqual(shown);
});
