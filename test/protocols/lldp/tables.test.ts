import { expect, test } from "vitest";
import type { Fault } from "../../../protocols/core/fault.ts";
import { indexOf } from "../../../protocols/lldp/tables.ts";
import { number, text } from "./fake-snmp.ts";
import { reader } from "./switch.ts";

const garbled: Fault = { kind: "garbled", via: "snmp", wanted: "an SNMP answer" };

test("column(): values by the rest of their identifier", async () => {
  const { read } = reader({ "1.3.1.5": text("a"), "1.3.1.5.6": text("b"), "1.3.11.5": text("c") });
  expect([...(await read.column("1.3.1"))]).toEqual([
    ["5", text("a")],
    ["5.6", text("b")],
  ]);
});

test("tableReader(): a broken table is empty and noted, the others are read", async () => {
  const { read } = reader({ "1.3.1.5": number(1), "1.3.2.5": number(2) }, { "1.3.1": garbled });
  expect([(await read.column("1.3.1")).size, (await read.column("1.3.2")).size]).toEqual([0, 1]);
  expect([read.faults, read.ended]).toEqual([[garbled], undefined]);
});

test.each<[Fault]>([
  [{ kind: "unreachable", via: "snmp" }],
  [{ kind: "denied", via: "snmp" }],
  [{ kind: "cancelled", by: "shutdown" }],
  [{ kind: "busy", via: "snmp" }],
])("tableReader(): after %j nothing more is asked", async (fault) => {
  const { read, snmp } = reader({ "1.3.2.5": number(2) }, { "1.3.1": fault });
  await read.column("1.3.1");
  expect([(await read.column("1.3.2")).size, (await read.get(["1.3.2.5"])).size]).toEqual([0, 0]);
  expect([read.ended, snmp.asked]).toEqual([fault, ["1.3.1"]]);
});

const long: Fault = { kind: "overBudget", via: "snmp", budget: "items", limit: 2_000 };
const firsts = async (): Promise<readonly number[]> => [5, 6, 5, 7];
const never = async (): Promise<readonly number[]> => {
  throw new Error("asked");
};

test("longColumn(): a table that fits is one walk, one too long is one for each of its first numbers", async () => {
  const rows = { "1.3.1.5.1": text("a"), "1.3.1.6.1": text("b"), "1.3.1.8.1": text("c") };
  const fits = reader(rows);
  expect([[...(await fits.read.longColumn("1.3.1", never)).keys()], fits.snmp.asked]).toEqual([["5.1", "6.1", "8.1"], ["1.3.1"]]);
  const split = reader(rows, { "1.3.1": long, "1.3.1.6": garbled });
  expect([...(await split.read.longColumn("1.3.1", firsts)).keys()]).toEqual(["5.1"]);
  expect([split.snmp.asked, split.read.faults]).toEqual([["1.3.1", "1.3.1.5", "1.3.1.6", "1.3.1.7"], [garbled]]);
});

test("longColumn(): with nothing to split it by, broken or too slow it is empty, and the fault says why", async () => {
  const slow: Fault = { ...long, budget: "time" };
  for (const fault of [garbled, slow]) {
    const { read } = reader({ "1.3.1.5.1": text("a") }, { "1.3.1": fault });
    expect([(await read.longColumn("1.3.1", never)).size, read.faults]).toEqual([0, [fault]]);
  }
  const { read } = reader({ "1.3.1.5.1": text("a") }, { "1.3.1": long });
  expect([(await read.longColumn("1.3.1", async () => [])).size, read.faults]).toEqual([0, [long]]);
});

test("get(): single objects, a fault is noted", async () => {
  const { read } = reader({ "1.3.2.0": number(2) }, { "1.3.1.0": garbled });
  expect((await read.get(["1.3.2.0"])).get("1.3.2.0")).toEqual(number(2));
  expect([(await read.get(["1.3.1.0"])).size, read.faults]).toEqual([0, [garbled]]);
});

test("indexOf(): the numbers of a row", () => {
  expect(indexOf("0.12.3")).toEqual([0, 12, 3]);
});
