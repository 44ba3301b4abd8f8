import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { aboutOf } from "../../../agent/config-watch/restore.ts";
import { makeReceiver, pack } from "../../../agent/config-watch/seal.ts";
import { agent, done, failed, status, TERMINAL } from "./agent.ts";
import { folder } from "./kit.ts";

const VERSION = {
  source: "backup",
  what: "all its settings, from its own page",
  since: "2026-11-22T10:00:00Z",
  until: "2026-11-22T11:00:00Z",
  settings: 812,
  restorable: true,
  cause: "campaign",
  campaign: "c-abcd1234",
  changes: { added: 1, removed: 0, changed: 2 },
};
const NAMED = { device: "d-64167f000001", name: "Reception", model: "VVX 450" };
const LISTED = { schema: "groundswell.configs/1", ...NAMED, versions: [VERSION], lastRead: "2026-11-22T11:00:00Z" };
const DIFF = {
  schema: "groundswell.config-diff/1",
  source: "backup",
  what: VERSION.what,
  a: { ...NAMED, since: "2026-11-21T10:00:00Z", until: "2026-11-22T09:00:00Z" },
  b: { ...NAMED, since: "2026-11-22T10:00:00Z", until: "2026-11-22T11:00:00Z" },
  counts: { added: 1, removed: 1, changed: 1 },
  changes: [
    { key: "a.new", kind: "added", secret: false, was: [], is: [{ value: "1" }] },
    { key: "b.gone", kind: "removed", secret: false, was: [{ value: "2", layer: "web" }], is: [] },
    { key: "c.other", kind: "changed", secret: false, was: [{ value: "3" }], is: [{ value: "4" }] },
  ],
  incomparable: [],
};

test("device config list: versions with what changed and by whom", async () => {
  const { run } = await agent({ "agent.status": done(status()), "config.list": done(LISTED) });
  const ran = await run(["device", "config", "list", "Reception"]);
  expect(ran.code).toBe(0);
  expect(ran.out).toMatch(/2 h ago +60 min ago +backup +812 +\+1 ~2 +campaign c-abcd1234 +kept/);
});

test("device config list: nothing yet says why; --read asks the device first; --json is the answer as it came", async () => {
  const empty = { ...NAMED, schema: "groundswell.configs/1", versions: [], why: "it is offline, and is read when it answers again" };
  const made = await agent({ "agent.status": done(status()), "config.list": done(empty), "config.read": done(LISTED) });
  const ran = await made.run(["device", "config", "list", "Reception"]);
  expect([ran.code, ran.out]).toEqual([0, ""]);
  expect(ran.err).toBe("No configuration of Reception seen yet: it is offline, and is read when it answers again.\n");
  const read = await made.run(["device", "config", "list", "Reception", "--read", "--json"]);
  expect(read.json()).toEqual(LISTED);
  expect(made.asked.map(({ name }) => name)).toContain("config.read");
});

test("device config show: settings in order; --plain is one a line", async () => {
  const shown = {
    ...VERSION,
    ...NAMED,
    schema: "groundswell.config/1",
    lines: [
      { key: "a.b", value: "1", layer: "web" },
      { key: "c.password", value: "***" },
    ],
  };
  const { run, asked } = await agent({ "agent.status": done(status()), "config.show": done(shown) });
  const ran = await run(["device", "config", "show", "Reception", "--at", "2h", "--source", "backup"]);
  expect(ran.out).toMatch(/^Reception · VVX 450 · all its settings/);
  expect(ran.out).toContain("a.b [web] = 1\nc.password = ***\n");
  expect(asked.find(({ name }) => name === "config.show")?.args).toEqual({
    device: "Reception",
    at: "2026-11-22T10:00:00.000Z",
    source: "backup",
  });
  expect((await run(["device", "config", "show", "Reception", "--plain"])).out).toBe("a.b [web] = 1\nc.password = ***\n");
});

test("device config diff: coloured on a terminal, plain elsewhere, rows with --plain, the document with --json", async () => {
  const { run, asked } = await agent({ "agent.status": done(status()), "config.diff": done(DIFF) });
  const argv = ["device", "config", "diff", "Reception", "--from", "2026-11-21"];
  const plain = await run(argv);
  expect(plain.out).toContain("+ a.new = 1\n- b.gone = 2 (web)\n~ c.other: 3 → 4\n");
  expect(plain.out).not.toContain("\u001b");
  expect((await run(argv, TERMINAL)).out).toContain("\u001b[32m+ a.new = 1\u001b[0m");
  expect((await run(argv, { ...TERMINAL, environment: { NO_COLOR: "1" } })).out).not.toContain("\u001b");
  expect((await run([...argv, "--plain"])).out).toBe("added\ta.new\t-\t1\nremoved\tb.gone\t2 (web)\t-\nchanged\tc.other\t3\t4\n");
  expect((await run([...argv, "--json"])).json()).toEqual(DIFF);
  expect(asked.find(({ name }) => name === "config.diff")?.args).toEqual({ device: "Reception", from: "2026-11-21T00:00:00.000Z" });
});

test("device config diff: what the agent cannot compare ends with its reason", async () => {
  const { run } = await agent({ "config.diff": failed("nothingMatched", "no configuration of Reception seen yet: it is offline") });
  const ran = await run(["device", "config", "diff", "Reception", "--with", "Other"]);
  expect([ran.code, ran.err]).toEqual([3, expect.stringContaining("it is offline")]);
});

test.each([
  ["--at", "sometime"],
  ["--source", "logs"],
])("device config show: %s %s is refused before anybody is asked", async (option, value) => {
  const { run, asked } = await agent({});
  expect((await run(["device", "config", "show", "Reception", option, value])).code).toBe(2);
  expect(asked).toEqual([]);
});

/** An agent that seals to whoever asks, as the real one does. */
async function restorer(document: string, about = aboutOf(NAMED.device, "phone-overrides", VERSION.since)) {
  const out = join(folder(), "restored.cfg");
  const answer = (to: string) => ({
    schema: "groundswell.config-restore/1",
    device: NAMED.device,
    name: NAMED.name,
    source: "phone-overrides",
    since: VERSION.since,
    until: VERSION.until,
    file: "64167f000001-phone.cfg",
    sizeBytes: Buffer.byteLength(document),
    settings: 4,
    secrets: 1,
    apply: "Put it under this name.",
    parcel: pack(Buffer.from(document), about, to),
  });
  return { out, answer };
}

test("device config restore: a parcel for somebody else writes nothing", async () => {
  const { out, answer } = await restorer("<x/>");
  const { run, asked } = await agent({ "config.restore": done(answer(makeReceiver().publicKey)) });
  const ran = await run(["device", "config", "restore", "Reception", "--out", out]);
  expect([ran.code, ran.err]).toEqual([1, expect.stringContaining("did not arrive as it was sent")]);
  expect(existsSync(out)).toBe(false);
  expect(asked[0]?.args).toMatchObject({ device: "Reception", receiver: expect.stringMatching(/^[A-Za-z0-9_-]{43}$/) });
});

test("device config restore: needs a file to write", async () => {
  const { run } = await agent({});
  expect((await run(["device", "config", "restore", "Reception"])).code).toBe(2);
});
