import { join } from "node:path";
import { expect, test } from "vitest";
import { COMMAND_TYPE, openJws, verifyJws } from "../../../agent/commands/jws.ts";
import { writeKeyFile } from "../../../agent/commands/keys.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { agent, done, NOW, refused, SITE, status } from "./agent.ts";
import { folder, run } from "./kit.ts";

const io = { clock: manualClock(NOW) };

async function signer() {
  const file = join(folder(), "key");
  return { file, key: await writeKeyFile(file) };
}

interface Claims {
  readonly iss: string;
  readonly aud: string;
  readonly iat: number;
  readonly exp: number;
  readonly jti: string;
  readonly cmd: { readonly name: string; readonly args: object };
}
function claimsIn(token: string | undefined): Claims {
  const opened = openJws(token ?? "", COMMAND_TYPE);
  if (typeof opened === "string") throw new Error(opened);
  return opened.payload as Claims;
}

test("the socket: --socket wins over the environment, which names it else", async () => {
  const site = await agent({ "agent.status": done(status()) });
  expect((await run(["status", "-h"], io)).code).toBe(0);
  expect((await run(["status"], { ...io, environment: { GROUNDSWELL_SOCKET: site.socket } })).code).toBe(0);
  const away = { ...io, environment: { GROUNDSWELL_SOCKET: join(folder(), "none") } };
  expect((await run(["status", "--socket", site.socket], away)).code).toBe(0);
});

test("the socket: an agent that is away is exit 69 and says how to start it", async () => {
  const ran = await run(["status", "--socket", join(folder(), "none")], io);
  expect([ran.code, ran.out]).toEqual([69, ""]);
  expect(ran.err).toContain("groundswell run --config FILE");
  const json = await run(["status", "--json", "--quiet", "--socket", join(folder(), "none")], io);
  expect(json.json()["code"]).toBe("daemonAway");
});

test("--key: the command is signed for the agent's own site, with its time, valid 5 minutes", async () => {
  const { file, key } = await signer();
  const site = await agent({ "agent.status": done(status()) }, done({ state: "paused" }));
  const ran = await site.run(["campaign", "pause", "c-1", "--key", file]);
  expect(ran.code).toBe(0);
  const claims = claimsIn(site.tokens[0]);
  expect(claims).toMatchObject({
    iss: key.kid,
    aud: SITE,
    iat: NOW / 1_000,
    exp: NOW / 1_000 + 300,
    cmd: { name: "campaign.pause", args: { campaign: "c-1" } },
  });
  expect(await verifyJws(site.tokens[0] ?? "", key.publicKey)).toBe(true);
});

test("--key: a demonstration's fast clock is signed with, an ordinary one is not believed", async () => {
  const { file } = await signer();
  for (const [factor, seconds] of [
    [60, Date.UTC(2027, 0, 1) / 1_000],
    [1, NOW / 1_000],
  ] as const) {
    const site = await agent({ "agent.status": done(status({ now: "2027-01-01T00:00:00Z", clock: { factor } })) }, done({}));
    await site.run(["campaign", "pause", "c-1", "--key", file]);
    expect(claimsIn(site.tokens[0]).iat).toBe(seconds);
  }
});

test("--key: a stop is signed although the agent says nothing of itself, where the site is named", async () => {
  const { file } = await signer();
  const site = await agent({ "agent.status": refused("internal") }, done({ state: "halted" }));
  expect((await site.run(["campaign", "halt", "--all", "--key", file])).code).toBe(1);
  expect((await site.run(["campaign", "halt", "--all", "--key", file, "--site", SITE])).code).toBe(0);
  expect(claimsIn(site.tokens[0]).aud).toBe(SITE);
});

test("--key: each command has an id of its own", async () => {
  const { file } = await signer();
  const site = await agent({ "agent.status": done(status()) }, done({}));
  for (let i = 0; i < 3; i++) await site.run(["campaign", "pause", "c-1", "--key", file]);
  expect(new Set(site.tokens.map((token) => claimsIn(token).jti)).size).toBe(3);
});

test("--key: a key that is not there is exit 78 and nothing is sent", async () => {
  const site = await agent({ "agent.status": done(status()) });
  expect((await site.run(["campaign", "pause", "c-1", "--key", join(folder(), "none")])).code).toBe(78);
  expect([site.tokens, site.asked]).toEqual([[], []]);
});

test.each([
  [["--broker", "mqtt://127.0.0.1"], "Over a broker the site must be named"],
  [["--broker", "mqtt://127.0.0.1", "--site", SITE], "Over a broker every command is signed"],
  [["--broker", "mqtt://127.0.0.1", "--site", "No Site"], "is not a site id"],
])("--broker: %j is a usage error before anything is connected", async (options, words) => {
  const ran = await run(["status", ...options], io);
  expect(ran.code).toBe(2);
  expect(ran.err).toContain(words);
});

test("a wait the agent asks for is said", async () => {
  const site = await agent({ "discover.run": { status: "rejected", code: "busy", message: "busy", retryAfter: 30 } });
  const ran = await site.run(["discover"]);
  expect([ran.code, ran.err]).toEqual([75, 'groundswell: "discover.run" was refused (busy): busy\n  → Try again in 30 s.\n']);
});
