import { expect, test } from "vitest";
import { agent, done, failed, TERMINAL } from "./agent.ts";

const A = "d-64167f000001";
const B = "d-64167f000002";
const typed = (text: string) => ({ ...TERMINAL, readInput: async (): Promise<string> => text });
const MERGE = {
  schema: "groundswell.merge/1",
  dryRun: true,
  keeps: A,
  other: B,
  sightings: 4,
  place: "Reception",
  warnings: ["they differ in model: x and y"],
};
const merging = () =>
  agent({ "device.merge": [done(MERGE), done({ ...MERGE, dryRun: false, decision: "m-1" }, `${B} is part of ${A} now (m-1)`)] });

test("device merge: what would be done is shown, the other's name is typed, then it is done", async () => {
  const site = await merging();
  const ran = await site.run(["device", "merge", A, B], typed(`${B}\n`));
  expect([ran.code, ran.out]).toEqual([0, `${B} is part of ${A} now (m-1)\n`]);
  for (const part of [
    `${B} becomes part of ${A} with 4 sightings, in the place Reception`,
    "Mind: they differ in model",
    `Type ${B} to go on`,
  ])
    expect(ran.err).toContain(part);
  expect(site.asked.map(({ args }) => args["dryRun"])).toEqual([true, false]);
});

test.each([
  ["another name", typed("yes")],
  ["no terminal", {}],
])("device merge: with %s it is exit 6 and nothing is done", async (_what, io) => {
  const site = await merging();
  const ran = await site.run(["device", "merge", A, B], io);
  expect([ran.code, site.asked.length]).toEqual([6, 1]);
  expect(ran.err).toContain("nothing is changed");
});

test("device merge: --yes needs no typing, --dry-run does nothing, --json is the agent's answer", async () => {
  expect((await (await merging()).run(["device", "merge", A, B, "--yes"])).code).toBe(0);
  const site = await merging();
  const dry = await site.run(["device", "merge", A, B, "--dry-run"]);
  expect([dry.code, site.asked.length]).toEqual([0, 1]);
  expect(dry.out).toContain("Nothing is changed: this was a dry run.");
  expect((await (await merging()).run(["device", "merge", A, B, "--dry-run", "--json"])).json()).toEqual(MERGE);
  expect((await (await merging()).run(["device", "merge", A, B, "--yes", "--json"])).json()).toMatchObject({
    decision: "m-1",
    dryRun: false,
  });
});

test("device merge: refused while a campaign holds one is exit 5 with the reason", async () => {
  const site = await agent({
    "device.merge": failed("wrongState", `${A} is part of a campaign that has not ended: halt it or wait for its end`),
  });
  const ran = await site.run(["device", "merge", A, B, "--yes"]);
  expect(ran.code).toBe(5);
  expect(ran.err).toContain("part of a campaign");
});

test("device split: needs exactly one of another device and a mark", async () => {
  const site = await agent({});
  for (const words of [[A], [A, B, "--serial", "S"], [A, "--serial", "S", "--mac", "M"]]) {
    expect((await site.run(["device", "split", ...words])).code).toBe(2);
  }
  expect(site.asked).toEqual([]);
});

test("device split: by a mark says what is whose", async () => {
  const shown = { keeps: A, other: "d-s-s-2", by: { field: "serial", value: "S-2" }, sightings: 1 };
  const site = await agent({ "device.split": [done(shown), done({ ...shown, decision: "s-1" }, "they are two (s-1)")] });
  const ran = await site.run(["device", "split", A, "--serial", "S-2"], typed(A));
  expect(ran.err).toContain("what states serial S-2 is d-s-s-2, 1 sighting so far");
  expect(site.asked[0]?.args).toEqual({ device: A, by: { field: "serial", value: "S-2" }, dryRun: true });
});

test("device undo, swap, retire: each says what it does and what to type", async () => {
  const site = await agent({
    "device.undo": done({ decision: "m-1", kind: "merge", keeps: A, other: B }, "m-1 is undone"),
    "device.swap": done(
      {
        place: { name: "Reception" },
        old: A,
        newMac: "64167f000002",
        carried: ["name", "room"],
        warnings: ["nothing with the MAC has been seen yet"],
      },
      "swapped",
    ),
    "device.retire": done({ device: A, name: "Desk 7", place: "Desk 7", warnings: ["its task in c-1 (lost) ends as skipped"] }, "retired"),
  });
  const undo = await site.run(["device", "undo", "m-1"], typed("m-1"));
  expect([undo.code, undo.err]).toEqual([0, expect.stringContaining("a device of its own again")]);
  const swap = await site.run(["device", "swap", A, "64:16:7f:00:00:02"], typed("Reception"));
  expect([swap.code, swap.err]).toEqual([0, expect.stringContaining("64167f000002 serves in Reception instead of")]);
  const retire = await site.run(["device", "retire", A, "--reason", "broken"], typed("Desk 7"));
  expect([retire.code, retire.err]).toEqual([0, expect.stringContaining("waits for it, or for a swap")]);
  expect(retire.err).toContain("its task in c-1 (lost) ends as skipped");
  expect(site.asked.at(-1)?.args).toEqual({ device: A, reason: "broken", dryRun: false });
});

const CONFLICT = {
  conflict: "x-1",
  what: `${A} and ${B} have one serial, S1`,
  since: "2026-11-22T11:00:00Z",
  sides: [{ device: A, name: "Desk 7", claims: "S-1", source: "device", at: "2026-11-22T11:59:00Z", evidence: "https: GET /info" }],
};

test("device conflicts: every side with its evidence, and what to do", async () => {
  const site = await agent({
    "device.conflicts": done({ conflicts: [CONFLICT, { ...CONFLICT, until: "2026-11-22T11:30:00Z", ended: "decided" }] }),
  });
  const ran = await site.run(["device", "conflicts", "--all"], TERMINAL);
  expect(ran.out).toContain("have one serial, S1");
  expect(ran.out).toMatch(/Desk 7 \(d-64167f000001\) {2}S-1 {2}by device .*https: GET \/info/);
  expect(ran.out).toContain("a person decided");
  expect(ran.err).toContain("groundswell device merge");
  expect(site.asked[0]?.args).toEqual({ all: true });
});

test("device conflicts, decisions: none is exit 0 and says so; --json is the answer as it came", async () => {
  const site = await agent({
    "device.conflicts": done({ schema: "groundswell.conflicts/1", conflicts: [] }),
    "device.decisions": done({ decisions: [] }),
  });
  for (const [verb, words] of [
    ["conflicts", "No identity is in conflict"],
    ["decisions", "Nobody has merged"],
  ] as const) {
    const ran = await site.run(["device", verb], TERMINAL);
    expect([ran.code, ran.out, ran.err]).toEqual([0, "", expect.stringContaining(words)]);
  }
  expect((await site.run(["device", "conflicts", "--json"])).json()).toEqual({ schema: "groundswell.conflicts/1", conflicts: [] });
});

test("device decisions: a row for each", async () => {
  const site = await agent({
    "device.decisions": done({
      decisions: [{ decision: "m-1", kind: "merge", keeps: A, other: B, at: "2026-11-22T11:00:00Z", actor: "doe/k" }],
    }),
  });
  const ran = await site.run(["device", "decisions"], TERMINAL);
  expect(ran.out).toMatch(/m-1 +merge +d-64167f000001 +d-64167f000002 +doe\/k/);
});

test("device topology: empty says what to do; asked of one device or one switch", async () => {
  const site = await agent({ "device.topology": done({ schema: "groundswell.topology/1", switches: [], unplugged: [], rings: [] }) });
  const ran = await site.run(["device", "topology", "Desk 7", "--switch", "sw-1"], TERMINAL);
  expect([ran.code, ran.err]).toEqual([0, expect.stringContaining("No switch has said")]);
  expect(site.asked[0]?.args).toEqual({ of: "Desk 7", switch: "sw-1" });
  expect((await site.run(["device", "topology", "--json"])).json()).toMatchObject({ schema: "groundswell.topology/1" });
});
