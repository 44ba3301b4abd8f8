import { expect, test } from "vitest";
import { systemClock } from "../../../protocols/core/time.ts";
import { agent, campaign, done, failed, HASH, task } from "./agent.ts";

/** Ends each wait at once. */
const quick = { clock: { ...systemClock(), sleep: async () => undefined } };
const waves = (first: string, second = "pending") => [
  { index: 1, state: first, devices: 1, done: 0 },
  { index: 2, state: second, devices: 2, done: 0 },
];

test("campaign status: every waiting device says why, since when, until when and who ends it", async () => {
  const held = task({
    at: "held",
    why: "window closed",
    since: "2026-11-22T11:00:00Z",
    until: "2026-11-22T18:00:00Z",
    endedBy: "the window",
  });
  const view = campaign({ state: "running", tasks: [held, task({ name: "Quiet" })], counts: { held: 1, planned: 2 } });
  const ran = await (await agent({ "campaign.status": done(view) })).run(["campaign", "status", "c-abcd1234"]);
  expect(ran.code).toBe(0);
  expect(ran.out).toContain("3 devices: held 1, planned 2; at risk now 0");
  expect(ran.out).toMatch(/Reception .* held .* window closed +60 min ago +in 6 h +the window/);
  expect(ran.out).not.toContain("Quiet");
  expect(ran.out).toContain(`Plan hash ${HASH}\nNext: groundswell campaign status c-abcd1234 --watch\n`);
});

test.each([
  ["awaitingApproval", undefined, "campaign approve c-abcd1234"],
  ["armed", undefined, "campaign start c-abcd1234"],
  ["paused", 'gate "failures": 2 failed', "campaign resume c-abcd1234 --gate failures, or groundswell campaign halt"],
  ["paused", "by doe", "campaign resume c-abcd1234, or"],
])("campaign status: %s (%s) says what comes next", async (state, why, words) => {
  const ran = await (await agent({ "campaign.status": done(campaign({ state, why })) })).run(["campaign", "status"]);
  expect(ran.out).toContain(words);
});

test("campaign status: --plain is a row a device, all of them; --json is the answer", async () => {
  const tasks = [task(), task({ name: "Hall", at: "succeeded" })];
  const site = await agent({ "campaign.status": done(campaign({ tasks })) });
  expect((await site.run(["campaign", "status", "--plain"])).out.split("\n").map((line) => line.split("\t")[0])).toEqual([
    "Reception",
    "Hall",
    "",
  ]);
  expect((await site.run(["campaign", "status", "--json"])).json()).toEqual({ schema: "groundswell.campaign/1", ...campaign({ tasks }) });
});

test.each([
  ["completed", 0],
  ["completedWithFailures", 4],
  ["halted", 5],
  ["expired", 5],
  ["superseded", 5],
])("campaign status --watch: ends with the campaign; %s is exit %i", async (state, code) => {
  const site = await agent({ "campaign.status": [done(campaign({ state: "running" })), done(campaign({ state }))] });
  expect((await site.run(["campaign", "status", "--watch"], quick)).code).toBe(code);
});

test("campaign status --watch: each change is said once", async () => {
  const running = campaign({ state: "running", waves: waves("active"), tasks: [task({ at: "applying" })] });
  const ended = campaign({ state: "completed", waves: waves("passed"), tasks: [task({ at: "succeeded" })] });
  const site = await agent({ "campaign.status": [done(running), done(running), done(ended)] });
  const { err, out } = await site.run(["campaign", "status", "--watch"], quick);
  expect(err.match(/is running/g)).toHaveLength(1);
  expect(err).toContain("wave 1 of 2 is passed\n");
  expect(err).toContain("Reception (VVX 450) succeeded\n");
  expect(out).toContain("completed");
});

test("campaign status --watch --json: one document for each change, none for none", async () => {
  const running = done(campaign({ state: "running" }));
  const site = await agent({ "campaign.status": [running, running, running, done(campaign({ state: "completed" }))] });
  const { out } = await site.run(["campaign", "status", "--watch", "--json"], quick);
  expect(
    out
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line).state),
  ).toEqual(["running", "completed"]);
});

test("campaign status --watch: an agent that is busy is asked again, another refusal ends it", async () => {
  const running = done(campaign({ state: "running" }));
  const patient = await agent({ "campaign.status": [running, failed("busy"), done(campaign({ state: "completed" }))] });
  const ran = await patient.run(["campaign", "status", "--watch"], quick);
  expect(ran.code).toBe(0);
  expect(ran.err).toContain("The agent does not answer; it is asked again");
  const strict = await agent({ "campaign.status": [running, failed("notFound")] });
  expect((await strict.run(["campaign", "status", "--watch"], quick)).code).toBe(3);
});

test("campaign status --watch: a stop ends the watching, not the campaign", async () => {
  const stop = new AbortController();
  const clock = { ...systemClock(), sleep: async () => stop.abort() };
  const site = await agent({ "campaign.status": done(campaign({ state: "running" })) });
  const ran = await site.run(["campaign", "status", "--watch"], { clock, stop: stop.signal });
  expect(ran.code).toBe(0);
  expect(ran.err).toContain("goes on without being watched");
  expect(site.asked.every(({ name }) => name === "campaign.status")).toBe(true);
});

const ESCAPE = String.fromCharCode(27);
const terminal = { ...quick, outIsTerminal: true, errIsTerminal: true, columns: 100, rows: 30 };

test("campaign watch: on a terminal a table in place of the last one; then where it ended; its exit code tells how", async () => {
  const left = { p50: "2026-11-22T12:40:00.000Z", p90: "2026-11-22T12:58:00.000Z", zone: "UTC" };
  const first = campaign({ state: "running", waves: waves("active"), live: { proofs: [{ wave: 1, words: "nothing is proven" }], left } });
  const site = await agent({
    "campaign.status": [
      done(first),
      done(campaign({ state: "running", waves: waves("passed", "active") })),
      done(campaign({ state: "halted", why: "by doe" })),
    ],
  });
  const ran = await site.run(["campaign", "watch", "c-abcd1234"], { ...terminal, environment: { NO_COLOR: "1" } });
  expect(ran.code).toBe(5);
  expect(site.asked.filter(({ name }) => name === "campaign.status").map(({ args }) => args["live"])).toEqual([true, undefined, undefined]);
  const frames = ran.out.split(new RegExp(`\\r${ESCAPE}\\[\\d+A${ESCAPE}\\[J`));
  expect(frames).toHaveLength(3);
  expect(frames[0]).toContain("1  ◌ active    0/1  nothing is proven");
  expect(frames[1]).toContain("● passed");
  // What was worked out before stands until it is worked out anew.
  expect(frames[1]).toContain("nothing is proven");
  expect(frames[2]).toContain("halted: by doe");
  expect(ran.err).toBe("");
  const moves = [...ran.out.matchAll(new RegExp(`${ESCAPE}\\[(\\d+)A`, "g"))].map(([, lines]) => Number(lines));
  expect(moves).toEqual(frames.slice(0, 2).map((frame) => frame.split("\n").length - 1));
});

test("campaign watch: without a terminal, or with --plain, each change is a line and nothing moves the cursor; --json is a document a change", async () => {
  const answers = () => ({
    "campaign.status": [
      campaign({ state: "running", waves: waves("active") }),
      campaign({ state: "running", waves: waves("active") }),
      campaign({ state: "completed" }),
    ].map((one) => done(one)),
  });
  for (const [argv, io] of [
    [["campaign", "watch"], quick],
    [["campaign", "watch", "--plain"], terminal],
    [["campaign", "watch"], { ...terminal, environment: { TERM: "dumb" } }],
  ] as const) {
    const ran = await (await agent(answers())).run(argv, io);
    expect(ran.code).toBe(0);
    expect(ran.err).toContain("campaign c-abcd1234 is running");
    expect(ran.err).toContain("campaign c-abcd1234 is completed");
    expect(`${ran.out}${ran.err}`).not.toMatch(new RegExp(`${ESCAPE}\\[\\d+A`));
  }
  const json = await (await agent(answers())).run(["campaign", "watch", "--json"], quick);
  expect(
    json.out
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { state: string }).state),
  ).toEqual(["running", "completed"]);
});

test("campaign watch: Ctrl-C leaves the campaign as it is; one that is unknown is refused in words", async () => {
  const stop = new AbortController();
  const sleep = async (): Promise<void> => {
    stop.abort();
    throw stop.signal.reason;
  };
  const site = await agent({ "campaign.status": done(campaign({ state: "running" })) });
  const ran = await site.run(["campaign", "watch"], { ...terminal, stop: stop.signal, clock: { ...systemClock(), sleep } });
  expect(ran).toMatchObject({ code: 0, err: expect.stringContaining("goes on without being watched") });
  expect(site.asked.map(({ name }) => name)).not.toContain("campaign.halt");
  const none = await agent({ "campaign.status": failed("notFound", 'No campaign "c-1"') });
  expect(await none.run(["campaign", "watch", "c-1"], terminal)).toMatchObject({ code: 3 });
});
