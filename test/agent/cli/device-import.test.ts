import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { batchesOf } from "../../../agent/cli/device-import.ts";
import type { ImportRow } from "../../../agent/discovery/sources/csv.ts";
import type { Mac } from "../../../protocols/core/ids.ts";
import { agent, done, TERMINAL } from "./agent.ts";
import { folder } from "./kit.ts";

const ROWS = [
  { line: 2, outcome: "new", device: "d-64167f000001", name: "Hall", changes: [{ field: "name", is: "Hall" }], overruled: [] },
  {
    line: 3,
    outcome: "changed",
    name: "Desk",
    changes: [{ field: "room", was: "1", is: "2" }],
    overruled: [{ field: "model", table: "VVX 1", believed: "VVX 2" }],
  },
];
const TABLE = "mac,name,room,colour\n64167f000001,Hall,1,red\n64167f000002,Desk,2,red\nnobody,x,y,z\n";

function file(text: string | Buffer = TABLE): string {
  const path = join(folder(), "site.csv");
  writeFileSync(path, text);
  return path;
}
const answers = (rows: readonly object[] = ROWS) => ({ "device.importPreview": done({ rows }), "device.import": done({ rows }) });

test("device import --dry-run: shows what would change, what is refused and which columns are not taken, and asks for nothing", async () => {
  const site = await agent(answers());
  const ran = await site.run(["device", "import", file(), "--dry-run"], TERMINAL);
  expect(ran.code).toBe(4);
  expect(ran.out.trimEnd().split("\n")).toEqual([
    "line 2  new  Hall: name Hall",
    "line 3  changed  Desk: room 1 → 2",
    'line 3  Desk: model stays "VVX 2", better known than "VVX 1"',
    'line 4  refused: mac "nobody" is no MAC address',
    'Not taken: "colour"',
    "1 new, 1 changed, 0 unchanged, 1 refused",
  ]);
  expect(site.asked.map(({ name }) => name)).toEqual(["device.importPreview"]);
  expect(site.asked[0]?.args).toEqual({
    file: "site.csv",
    rows: [
      { line: 2, mac: "64167f000001", name: "Hall", room: "1" },
      { line: 3, mac: "64167f000002", name: "Desk", room: "2" },
    ],
  });
});

test("device import: the number of new and changed devices is typed; another one imports nothing", async () => {
  for (const [typed, code, names] of [
    ["2\n", 4, ["device.importPreview", "device.import"]],
    ["3\n", 6, ["device.importPreview"]],
    ["", 6, ["device.importPreview"]],
  ] as const) {
    const site = await agent(answers());
    const ran = await site.run(["device", "import", file()], { ...TERMINAL, readInput: async () => typed });
    expect([ran.code, site.asked.map(({ name }) => name)]).toEqual([code, names]);
  }
});

test("device import: without a terminal, or for a script, --yes is needed", async () => {
  const site = await agent(answers());
  const ran = await site.run(["device", "import", file()]);
  expect([ran.code, site.asked.length]).toEqual([6, 1]);
  expect(ran.err).toContain("1 device would be new, 1 device changed");
  const json = await site.run(["device", "import", file(), "--yes", "--json"]);
  expect(json.code).toBe(4);
  expect(json.json()).toMatchObject({
    schema: "groundswell.device-import/1",
    file: "site.csv",
    applied: true,
    new: 1,
    changed: 1,
    unchanged: 0,
    refused: 1,
    unknownColumns: ["colour"],
    refusedRows: [{ line: 4, why: 'mac "nobody" is no MAC address' }],
    rows: ROWS,
  });
});

test("device import: where nothing changes nobody is asked and nothing is sent", async () => {
  const same = [{ line: 2, outcome: "unchanged", changes: [], overruled: [] }];
  const site = await agent(answers(same));
  const ran = await site.run(["device", "import", file("mac\n64167f000001\n")]);
  expect([ran.code, site.asked.map(({ name }) => name)]).toEqual([0, ["device.importPreview"]]);
  expect(ran.err).toContain("Nothing changes");
});

test.each<[string, string | Buffer, string]>([
  ["no table", "", "the table is empty"],
  ["no rows", "mac,name\n", "has a header and no rows"],
  ["no good row", "mac\nx\n", 'no row can be taken; line 2 mac "x" is no MAC address'],
  ["another encoding", Buffer.from("mac,name\n64167f000001,Z\xfcrich\n", "latin1"), "is neither UTF-8 nor UTF-16 text"],
  ["a torn quote", 'mac,name\n64167f000001,"x', "line 2: a quote is opened and never closed"],
])("device import: a file that cannot be taken says why, and nothing is asked: %s", async (_name, text, why) => {
  const site = await agent(answers());
  const ran = await site.run(["device", "import", file(text)]);
  expect([ran.code, site.asked]).toEqual([2, []]);
  expect(ran.err).toContain(why);
});

test("device import: a file that is not there says so", async () => {
  const ran = await (await agent({})).run(["device", "import", "/nowhere/x.csv"]);
  expect([ran.code, ran.err]).toEqual([2, expect.stringContaining("it does not exist")]);
});

test("batchesOf(): every row once, in order, none of the pieces longer than a command takes", () => {
  const rows = Array.from({ length: 999 }, (_, i): ImportRow => ({ line: i + 2, mac: "64167f000001" as Mac, name: "x".repeat(i % 90) }));
  const batches = [...batchesOf(rows, 4_000)];
  expect(batches.flat()).toEqual(rows);
  for (const batch of batches) expect(Buffer.byteLength(JSON.stringify(batch))).toBeLessThan(4_100);
  expect(Math.max(...[...batchesOf(rows, 1e9)].map(({ length }) => length))).toBe(100);
});
