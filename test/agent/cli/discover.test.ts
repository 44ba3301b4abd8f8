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
