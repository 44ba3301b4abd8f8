import { expect, test } from "vitest";
import { agent, done, failed, TERMINAL } from "./agent.ts";

const point = (hour: number, mean: number) => ({
  at: `2026-11-22T0${hour}:00:00Z`,
  count: 12,
  min: mean - 1,
  mean,
  max: mean + 1,
  last: mean,
});
const HISTORY = {
  schema: "groundswell.device-history/1",
  device: "d-64167f000001",
  name: "Reception",
  from: "2026-11-22T00:00:00Z",
  to: "2026-11-22T08:00:00Z",
  resolution: "1h",
  stepSeconds: 3_600,
  availability: { asked: 240, answered: 239, share: 0.996, points: [] },
  series: [
    { reading: "cpuRatio", kind: "gauge", points: [point(0, 2), point(7, 9)] },
    { reading: "uptimeSeconds", kind: "counter", points: [{ at: "2026-11-22T00:00:00Z", count: 12, last: 50, rise: 3_600, resets: 1 }] },
  ],
};
const CHANGES = {
  schema: "groundswell.device-changes/1",
  device: "d-64167f000001",
  name: "Reception",
  changes: [
    {
      kind: "update",
      at: "2026-11-22T09:00:00Z",
      detail: "5.9.0 → 6.4.1",
      watchedUntil: "2026-11-23T09:00:00Z",
      before: { asked: 720, answered: 720 },
      after: { asked: 80, answered: 79 },
      readings: [
        { reading: "cpuRatio", unit: "value", before: 0.07, after: 0.31, worst: 0.9 },
        { reading: "rxPackets", unit: "perSecond", before: 2.5 },
      ],
    },
    {
      kind: "restart",
      at: "2026-11-20T09:00:00Z",
      last: "2026-11-20T11:00:00Z",
      times: 3,
      detail: "up for 30 s",
      before: { asked: 0, answered: 0 },
      after: { asked: 0, answered: 0 },
      readings: [],
    },
  ],
};

test("device history: a line for each reading, its range, and how much was answered", async () => {
  const site = await agent({ "device.history": done(HISTORY) });
  const ran = await site.run(
    ["device", "history", "reception", "--reading", "cpuRatio", "--reading", "uptimeSeconds", "--last", "8h"],
    TERMINAL,
  );
  expect(ran.code).toBe(0);
  expect(ran.out).toContain("Reception  2026-11-22T00:00:00Z to 2026-11-22T08:00:00Z, each point 1 h");
  expect(ran.out).toContain("Answered 239 of 240 asks (99.58 %)");
  expect(ran.out).toMatch(/cpuRatio +▁ +█ +1 +5.5 +10 +9\n/);
  expect(ran.out).toMatch(/uptimeSeconds +▁ +- +- +- +50 +\+3600, began anew 1 time\n/);
  expect(site.asked.at(-1)?.args).toEqual({ device: "reception", readings: ["cpuRatio", "uptimeSeconds"], last: "28800000ms" });
});

test("device history: --csv and --plain are a row a point, --json is the whole answer", async () => {
  const site = await agent({ "device.history": done(HISTORY) });
  const csv = (await site.run(["device", "history", "x", "--csv"], TERMINAL)).out.split("\n");
  expect(csv.slice(0, 2)).toEqual(["at,reading,count,min,mean,max,last,rise,resets", "2026-11-22T00:00:00Z,cpuRatio,12,1,2,3,2,,"]);
  expect(csv[3]).toBe("2026-11-22T00:00:00Z,uptimeSeconds,12,,,,50,3600,1");
  expect((await site.run(["device", "history", "x", "--plain"])).out.split("\n")[0]?.split("\t")).toEqual([
    "2026-11-22T00:00:00Z",
    "cpuRatio",
    "12",
    "1",
    "2",
    "3",
    "2",
    "",
    "",
  ]);
  expect((await site.run(["device", "history", "x", "--json"])).json()).toEqual(HISTORY);
});

test("device history: nothing known is said and is no failure", async () => {
  const empty = { ...HISTORY, series: [], availability: { asked: 0, answered: 0 } };
  const ran = await (await agent({ "device.history": done(empty) })).run(["device", "history", "x"]);
  expect([ran.code, ran.out]).toEqual([0, ""]);
  expect(ran.err).toContain("Nothing is known of Reception");
});

test.each([
  [["--from", "2026-11-01", "--last", "1d"], "Only one of --from and --last"],
  [["--csv", "--json"], "Only one of --csv, --json"],
  [["--last", "soon"], "Expected a length"],
  [["--points", "1"], "Expected a whole number from 2 to 2000"],
])("device history %j: is a mistake of usage", async (options, why) => {
  const ran = await (await agent({})).run(["device", "history", "x", ...options]);
  expect(ran.code).toBe(2);
  expect(ran.err + ran.out).toContain(why);
});

test("device history: a reading that does not exist is exit 3, with what may be meant", async () => {
  const site = await agent({ "device.history": failed("nothingMatched", 'No reading is called "cpu": did you mean "cpuRatio"?') });
  const ran = await site.run(["device", "history", "x", "--reading", "cpu"]);
  expect(ran.code).toBe(3);
  expect(ran.err).toContain('did you mean "cpuRatio"?');
});

test("device changes: each with its readings before and after, for people and for scripts", async () => {
  const site = await agent({ "device.changes": done(CHANGES) });
  const ran = await site.run(["device", "changes", "x", "--limit", "2"], TERMINAL);
  expect(ran.code).toBe(0);
  expect(ran.out).toContain("update  3 h ago: 5.9.0 → 6.4.1 (watched until 2026-11-23T09:00:00Z)");
  expect(ran.out).toContain("before: answered 720 of 720 asks (100 %); after: answered 79 of 80 asks (98.75 %)");
  expect(ran.out).toMatch(/cpuRatio +0.07 +0.31 +0.9\n/);
  expect(ran.out).toMatch(/rxPackets\/s +2.5 +- +-\n/);
  expect(ran.out).toContain("restart  2 d ago, 3 times up to 2 d ago: up for 30 s\n  no readings are kept around it");
  expect(site.asked.find(({ name }) => name === "device.changes")?.args).toEqual({ device: "x", limit: 2 });
  expect((await site.run(["device", "changes", "x", "--json"])).json()).toEqual(CHANGES);
  expect((await site.run(["device", "changes", "x", "--plain"])).out.split("\n")[0]?.split("\t")).toEqual([
    "2026-11-22T09:00:00Z",
    "update",
    "5.9.0 → 6.4.1",
    "cpuRatio",
    "0.07",
    "0.31",
    "0.9",
  ]);
});

test("device changes: none is said and is no failure", async () => {
  const ran = await (await agent({ "device.changes": done({ ...CHANGES, changes: [] }) })).run(["device", "changes", "x"]);
  expect([ran.code, ran.out]).toEqual([0, ""]);
  expect(ran.err).toContain("No change of Reception was noticed");
});
