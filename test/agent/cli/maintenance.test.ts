import { expect, test } from "vitest";
import { agent, done, TERMINAL } from "./agent.ts";

const ROW = {
  ...{ maintenance: 1, what: "switch", scope: "10.0.9.1", state: "lasts", from: "2026-11-22T11:50:00Z", until: "2026-11-22T13:00:00Z" },
  ...{ reason: "new supply", by: "ana/key" },
};

test("maintenance start: devices, switches and rooms, how long and why", async () => {
  const site = await agent({ "maintenance.start": done({ maintenances: [ROW] }, "planned dark until 14:00") });
  const ran = await site.run(
    ["maintenance", "start", "Desk 5", "--switch", "sw-1", "--switch", "sw-2", "--room", "Board", "--for", "1h30m", "--reason", "cabling"],
    TERMINAL,
  );
  expect([ran.code, ran.out]).toEqual([0, "planned dark until 14:00\n"]);
  expect(site.asked.at(-1)?.args).toEqual({
    site: false,
    switches: ["sw-1", "sw-2"],
    rooms: ["Board"],
    devices: ["Desk 5"],
    forMs: 5_400_000,
    reason: "cabling",
  });
  await site.run(["maintenance", "start", "--whole-site", "--for", "1d", "--reason", "move"]);
  expect(site.asked.at(-1)?.args).toMatchObject({ site: true, devices: [] });
});

test.each([
  [["start", "--for", "2h", "--reason", "x"], "Nothing is named"],
  [["start", "Desk 5", "--for", "soon", "--reason", "x"], "no length of time"],
  [["start", "Desk 5", "--for", "2h"], "--reason"],
  [["end", "first"], "no number of a maintenance"],
])("maintenance %j is a mistake of use", async (argv, words) => {
  const ran = await (await agent({})).run(["maintenance", ...argv], TERMINAL);
  expect([ran.code, ran.err]).toEqual([2, expect.stringContaining(words)]);
});

test("maintenance list and end", async () => {
  const site = await agent({
    "maintenance.list": [done({ maintenances: [ROW] }), done({ maintenances: [] })],
    "maintenance.end": done({ maintenance: 1 }, "over"),
  });
  const ran = await site.run(["maintenance", "list"], TERMINAL);
  expect(ran.out).toMatch(/1 +lasts +switch 10\.0\.9\.1 +10 min ago +in 60 min +ana\/key +new supply/);
  const empty = await site.run(["maintenance", "list"], TERMINAL);
  expect([empty.code, empty.err]).toEqual([0, expect.stringContaining("Nothing is planned")]);
  expect((await site.run(["maintenance", "end", "1"], TERMINAL)).out).toBe("over\n");
});
