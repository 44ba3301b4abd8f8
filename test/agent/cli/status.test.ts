import { expect, test } from "vitest";
import { agent, done, status, TERMINAL } from "./agent.ts";

const FULL = status({
  upSince: "2026-11-22T07:00:00Z",
  broker: { configured: true, connected: false, since: "2026-11-22T11:40:00Z", fault: "not reached" },
  outbox: { waiting: 2, oldest: "2026-11-22T11:50:00Z" },
  commands: { trouble: "no roster" },
  conditions: { open: 2, byKind: [{ kind: "offline", count: 2 }] },
  tickets: { open: 1, undelivered: 1 },
  campaigns: [{ campaign: "c-abcd1234", state: "paused", release: { id: "ucs-6.4.8" }, planned: 3, done: 1, why: 'gate "failures"' }],
  window: { open: false, opens: "2026-11-22T18:00:00Z", zone: "Europe/Zurich" },
  catalogue: { version: 3, releases: 2, lastSync: "2026-11-22T11:00:00Z", expires: "2026-12-22T12:00:00Z" },
  discovery: { phase: "sweeping", asked: 10, total: 254, found: 3 },
  provisioning: {
    ...{ host: "127.0.0.1", port: 8080, mode: "overlay" },
    upstream: { url: "http://boot.example/poly", down: { why: "silent", since: "2026-11-22T12:00:00Z" } },
  },
});

test("status: exit 0 where the agent answers, and every line says what stands", async () => {
  const ran = await (await agent({ "agent.status": done(FULL) })).run(["status"]);
  expect(ran.code).toBe(0);
  for (const part of [
    "Contoso Zürich · site contoso-zh · agent 0.1.0 · up 5 h",
    "▲ away 20 min: not reached    outbox 2 messages (oldest 10 min ago)",
    "▲ no roster",
    "● 1 online  ▲ 1 suspect  ■ 1 offline    3 total",
    "2 open: offline 2",
    "1 open, 1 not delivered",
    'c-abcd1234 paused (gate "failures"), ucs-6.4.8, 1 of 3 done',
    "closed, opens in 6 h (Sun 19:00 Europe/Zurich)",
    "catalogue 3, 2 releases, read 60 min ago, expires in 30 d",
    "sweeping: 10 of 254 addresses asked, 3 found",
    "are served at 127.0.0.1:8080, in front of http://boot.example/poly, which does not answer (silent) since 2026-11-22T12:00:00Z",
  ])
    expect(ran.out).toContain(part);
});

test("status: an empty site says what to do next instead of nothing", async () => {
  const empty = status({ devices: { total: 0, online: 0, suspect: 0, offline: 0, unknown: 0 }, campaigns: [], catalogue: null });
  const { out } = await (await agent({ "agent.status": done(empty) })).run(["status"]);
  for (const part of [
    "groundswell discover",
    "groundswell campaign plan RELEASE --dry-run",
    "groundswell firmware sync",
    "none is configured",
  ])
    expect(out).toContain(part);
});

test("status: --json is the agent's answer with its schema, unknown fields included", async () => {
  const ran = await (await agent({ "agent.status": done(status({ later: { x: 1 } })) })).run(["status", "--json"]);
  expect(ran.json()).toEqual({ schema: "groundswell.status/1", ...status({ later: { x: 1 } }) });
  expect(ran.err).toBe("");
});

test("status: --quiet says nothing, the exit code tells", async () => {
  const ran = await (await agent({ "agent.status": done(status()) })).run(["status", "--quiet"]);
  expect([ran.code, ran.out, ran.err]).toEqual([0, "", ""]);
});

test("status: colour on a terminal, none with NO_COLOR, none elsewhere", async () => {
  const site = await agent({ "agent.status": done(status()) });
  expect((await site.run(["status"], TERMINAL)).out).toContain("\u001b[32m● 1 online\u001b[0m");
  expect((await site.run(["status"], { ...TERMINAL, environment: { NO_COLOR: "1" } })).out).not.toContain("\u001b");
  expect((await site.run(["status"])).out).not.toContain("\u001b");
});

test("status: text from outside does not drive the terminal", async () => {
  const evil = status({ site: { id: "contoso-zh", name: "a\u001b[2Jb" } });
  expect((await (await agent({ "agent.status": done(evil) })).run(["status"], TERMINAL)).out).toContain("a·[2Jb");
});

test("status: an answer of another shape is exit 1 and says where, --json still prints it", async () => {
  const site = await agent({ "agent.status": done({ site: 1 }) });
  const ran = await site.run(["status"]);
  expect([ran.code, ran.out]).toEqual([1, ""]);
  expect(ran.err).toContain('at "site"');
  expect((await site.run(["status", "--json"])).code).toBe(0);
});
