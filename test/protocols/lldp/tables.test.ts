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

test("get(): single objects, a fault is noted", async () => {
  const { read } = reader({ "1.3.2.0": number(2) }, { "1.3.1.0": garbled });
  expect((await read.get(["1.3.2.0"])).get("1.3.2.0")).toEqual(number(2));
  expect([(await read.get(["1.3.1.0"])).size, read.faults]).toEqual([0, [garbled]]);
});

test("indexOf(): the numbers of a row", () => {
  expect(indexOf("0.12.3")).toEqual([0, 12, 3]);
});
