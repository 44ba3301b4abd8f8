import { expect, test } from "vitest";
import type { Plan } from "../../../firmware/waves/shape.ts";
import { judgeEnd, judgeReadings, judgeSlots, type Seen } from "./judge.ts";

const phone = (name: string): Plan["tasks"][number] => ({ id: `t-${name}`, device: `d-${name}`, mac: name, name }) as Plan["tasks"][number];
const NEW = "6.4.8.1190";
const command = (mac: string, atMs: number) => ({ atMs, mac, what: "command" });
const flash = (mac: string, atMs: number, detail: string = NEW) => ({ atMs, mac, what: "flash", detail });

/** Two phones: one that is updated with its second attempt, one that is lost. */
const GOOD: Seen = {
  plan: { tasks: [phone("one"), phone("two")], release: { version: NEW } as Plan["release"] },
  fates: new Map([["d-two", "lost"]]),
  rows: {
    ...{ slots: ["d-two"], atRisk: ["d-two"], lastEvent: 40 },
    tasks: [
      { id: "t-one", device: "d-one", at: "succeeded" },
      { id: "t-two", device: "d-two", at: "lost" },
    ],
    intents: new Map([
      ["t-one", [100, 200]],
      ["t-two", [100]],
    ]),
    tickets: [{ remoteId: "GS-1", devices: "d-two" }],
  },
  truth: [
    { mac: "one", running: NEW },
    { mac: "two", running: "6.4.0" },
  ],
  journal: [command("one", 110), command("one", 200), flash("one", 210), command("two", 101), flash("two", 120)],
  desk: [{ id: "GS-1", key: "k", state: "open" }],
  portal: { lastEvent: 40, faults: [] },
};

const withRows = (rows: Partial<Seen["rows"]>): Seen => ({ ...GOOD, rows: { ...GOOD.rows, ...rows } });

test("judgeEnd(): nothing to say where every device ended as it should, with one command an attempt", () => {
  expect(judgeEnd(GOOD)).toEqual([]);
});

test("judgeEnd(): nothing to say of one that people left out: it ran into no trouble, and no ticket tells of it", () => {
  const tasks = GOOD.rows.tasks.map((task) => (task.device === "d-one" ? { ...task, at: "skipped" } : task));
  const journal = GOOD.journal.filter(({ mac }) => mac !== "one");
  expect(judgeEnd({ ...withRows({ tasks }), journal, fates: new Map([...GOOD.fates, ["d-one", "skipped"]]) })).toEqual([]);
});

test.each<[string, Seen, string]>([
  ["another end", withRows({ tasks: [{ id: "t-two", device: "d-two", at: "lost" }] }), "one ended as undefined, not as succeeded"],
  ["another version", { ...GOOD, truth: [] }, "one runs undefined"],
  ["two updates", { ...GOOD, journal: [...GOOD.journal, flash("one", 300)] }, `one was updated twice: ${NEW} ${NEW}`],
  ["two commands in an attempt", { ...GOOD, journal: [...GOOD.journal, command("two", 150)] }, "two was commanded twice in one attempt"],
  [
    "a command before its intent",
    { ...GOOD, journal: [...GOOD.journal, command("one", 99)] },
    "one was commanded without an intent on disk",
  ],
  [
    "a call cut off",
    { ...GOOD, journal: [...GOOD.journal, { ...command("one", 1), what: "callEnd", detail: "cut off" }] },
    "a call of one was cut off",
  ],
  ["a slot nobody needs", withRows({ slots: ["d-one", "d-two"] }), "slots are held by d-one d-two, at risk are d-two"],
  ["a doubled ticket", { ...GOOD, desk: [...GOOD.desk, { id: "GS-2", key: "k", state: "open" }] }, "tickets were doubled: k k"],
  [
    "a ticket the agent lost",
    { ...GOOD, desk: [...GOOD.desk, { id: "GS-2", key: "l", state: "open" }] },
    "the agent knows the tickets GS-1, the desk has GS-1 GS-2",
  ],
  ["a ticket the desk never had", { ...GOOD, desk: [] }, "the agent knows the tickets GS-1, the desk has none"],
  [
    "a failure without a ticket",
    withRows({ tickets: [{ remoteId: "GS-1", devices: "d-three" }] }),
    "d-two ended badly and is in 0 tickets",
  ],
  ["an event that never left", withRows({ lastEvent: 41 }), "the portal heard 40 events of 41"],
  ["what the portal found", { ...GOOD, portal: { lastEvent: 40, faults: ["2 events missing"] } }, "2 events missing"],
])("judgeEnd(): %s is told", (_, seen, word) => {
  expect(judgeEnd(seen)).toContain(word);
});

test("judgeSlots(), judgeReadings(): any moment", () => {
  expect(judgeSlots({ slots: [], atRisk: ["d-one"] })).toEqual(["slots are held by none, at risk are d-one"]);
  const before = new Map([
    ["d-one", 5],
    ["d-two", 7],
  ]);
  expect(
    judgeReadings(
      before,
      new Map([
        ["d-one", 6],
        ["d-two", 7],
      ]),
    ),
  ).toEqual([]);
  expect(judgeReadings(before, new Map([["d-one", 4]]))).toEqual(["readings were lost of d-one d-two"]);
});
