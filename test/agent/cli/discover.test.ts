import { expect, test } from "vitest";
import { agent, done, failed } from "./agent.ts";

const FOUND = { asked: 254, answered: 40, switches: 2, neighbours: 38, faults: [{ kind: "unreachable" }] };

test("discover: says what was asked and what answered, and where to look", async () => {
  const site = await agent({ "discover.run": done(FOUND) });
  const ran = await site.run(["discover", "10.20.0.0/24"]);
  expect([ran.code, ran.out]).toEqual([
    0,
    "254 addresses asked, 40 answered, 2 switches with 38 neighbours, 1 fault. See them with: groundswell device list\n",
  ]);
  expect(site.asked[0]).toEqual({ name: "discover.run", args: { networks: ["10.20.0.0/24"] } });
});

test("discover: without networks all configured ones are meant", async () => {
  const site = await agent({ "discover.run": done({ asked: 1, answered: 0 }) });
  expect((await site.run(["discover"])).out).toBe("1 address asked, 0 answered. See them with: groundswell device list\n");
  expect(site.asked[0]?.args).toEqual({});
});

test("discover: --json is the agent's answer, with no look in between", async () => {
  const site = await agent({ "discover.run": done(FOUND) });
  expect((await site.run(["discover", "--json"])).json()).toEqual({ schema: "groundswell.discovery/1", ...FOUND });
  expect(site.asked.map(({ name }) => name)).toEqual(["discover.run"]);
});

test.each([
  ["policy", 5],
  ["busy", 75],
  ["badArguments", 2],
])("discover: refused as %s is exit %i", async (code, exit) => {
  expect((await (await agent({ "discover.run": failed(code) })).run(["discover"])).code).toBe(exit);
});

test("discover: who is known and watched, a pass gone on with and a cancelled one are told apart", async () => {
  const text = async (more: object) => {
    const ran = await (await agent({ "discover.run": done({ asked: 9, answered: 2, ...more }) })).run(["discover", "--full"]);
    return [ran.code, ran.out.split(". See")[0]];
  };
  expect(await text({ spared: 40 })).toEqual([0, "9 addresses asked, 2 answered, 40 known and watched"]);
  expect(await text({ resumed: true })).toEqual([0, "gone on after a restart: 9 addresses asked, 2 answered"]);
  expect(await text({ cancelled: true })).toEqual([4, "Cancelled: 9 addresses asked, 2 answered"]);
});

test("discover: --full reaches the agent", async () => {
  const site = await agent({ "discover.run": done({ asked: 1, answered: 0 }) });
  await site.run(["discover", "10.20.0.0/24", "--full"]);
  expect(site.asked[0]).toEqual({ name: "discover.run", args: { networks: ["10.20.0.0/24"], full: true } });
});

test("discover cancel: ends what is under way; where nothing is, exit 3", async () => {
  const site = await agent({ "discover.cancel": done({ cancelled: 1 }, "cancelled; what was found stays") });
  const ran = await site.run(["discover", "cancel"]);
  expect([ran.code, ran.out, site.asked[0]?.name]).toEqual([0, "cancelled; what was found stays\n", "discover.cancel"]);
  expect(
    (await (await agent({ "discover.cancel": failed("notFound", "No discovery is under way") })).run(["discover", "cancel"])).code,
  ).toBe(3);
});

test("discover: who stops watching stops nothing, and is told how to", async () => {
  const site = await agent({ "discover.run": done(FOUND) });
  const ran = await site.run(["discover"], { stop: AbortSignal.abort() });
  expect([ran.code, ran.err]).toEqual([4, "The agent goes on; end it with: groundswell discover cancel\n"]);
});
