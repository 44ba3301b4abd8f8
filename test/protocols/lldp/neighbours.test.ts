import { expect, test } from "vitest";
import type { Fault } from "../../../protocols/core/fault.ts";
import { readChangeTicks, readNeighbours } from "../../../protocols/lldp/neighbours.ts";
import { BRIDGE, INTERFACES, LLDP } from "../../../protocols/snmp/oids.ts";
import { fakeSnmp, hex, number, type Recording, text, ticks } from "./fake-snmp.ts";
import {
  bridgePorts,
  cdpRow,
  interfaces,
  learnt,
  lldpRow,
  lldpV2Row,
  localPorts,
  network,
  never,
  PHONE_MAC,
  phoneColumns,
  target,
} from "./switch.ts";

const PORTS = {
  ...interfaces({ 101: "Gi1", 102: "Gi2", 103: "Gi3" }),
  ...localPorts({ 1: "Gi1", 2: "Gi2", 3: "Gi3" }),
  ...bridgePorts({ 1: 101, 2: 102, 3: 103 }),
};

async function everybody(recording: Recording, faults: Readonly<Record<string, Fault>> = {}) {
  const result = await readNeighbours(target, fakeSnmp({ ...PORTS, ...recording }, faults), never);
  if (!result.ok) throw new Error(result.fault.kind);
  return result.value;
}

const garbled: Fault = { kind: "garbled", via: "snmp", wanted: "an SNMP answer" };
const cdpPhone = cdpRow("101.1", { 4: hex("c0000215"), 6: text("SEP64167FAABB01"), 8: text("Polycom VVX 311") });

test("readNeighbours(): one phone in LLDP, CDP and the bridge table is one neighbour, the later ones fill what is open", async () => {
  const { neighbours } = await everybody({ ...lldpRow("0.1.1", phoneColumns()), ...cdpPhone, ...learnt([[PHONE_MAC, 1]]) });
  expect(neighbours).toHaveLength(1);
  expect(neighbours[0]).toMatchObject({
    learntFrom: "lldp",
    portName: "Gi1",
    chassisAddress: "192.0.2.20",
    managementAddress: "192.0.2.21",
  });
});

test("readNeighbours(): the port LLDP names is believed over the bridge table's", async () => {
  const { neighbours } = await everybody({ ...lldpRow("0.1.1", phoneColumns()), ...learnt([[PHONE_MAC, 2]]) });
  expect(neighbours.map(({ portName }) => portName)).toEqual(["Gi1"]);
});

test("readNeighbours(): phones are kept apart by MAC, not by a chassis address that may be stale [snmp 5.1.12]", async () => {
  const rows = { ...lldpRow("0.1.1", phoneColumns()), ...lldpRow("0.2.1", phoneColumns({ 7: hex("64:16:7f:aa:bb:02") })) };
  const { neighbours } = await everybody(rows);
  expect(neighbours.map(({ mac, chassisAddress }) => [mac, chassisAddress])).toEqual([
    ["64167faabb01", "192.0.2.20"],
    ["64167faabb02", "192.0.2.20"],
  ]);
});

test("readNeighbours(): entries without a MAC stay apart, however alike", async () => {
  const nameless = { 4: number(7), 5: text("x") };
  const { neighbours } = await everybody({ ...lldpRow("0.1.1", nameless), ...lldpRow("0.1.2", nameless) });
  expect(neighbours).toHaveLength(2);
});

test("readNeighbours(): a switch linked by two ports is on both", async () => {
  const core = { 4: number(4), 5: hex("00:11:22:33:44:55"), 12: hex("20") };
  const { neighbours } = await everybody({ ...lldpRow("0.1.1", core), ...lldpRow("0.2.1", core) });
  expect(neighbours.map(({ portName, isBridge }) => [portName, isBridge])).toEqual([
    ["Gi1", true],
    ["Gi2", true],
  ]);
});

test("readNeighbours(): what was learnt behind a neighbouring switch is not on this one", async () => {
  const core = { 4: number(4), 5: hex("00:11:22:33:44:55"), 12: hex("20") };
  const { neighbours } = await everybody({
    ...lldpRow("0.1.1", core),
    ...learnt([
      [PHONE_MAC, 1],
      ["64:16:7f:aa:bb:02", 2],
    ]),
  });
  expect(neighbours.map(({ mac }) => mac)).toEqual(["001122334455", "64167faabb02"]);
});

test("readNeighbours(): LLDP-V2 stands in where the older table is empty [snmp 5.3.10]", async () => {
  const row = lldpV2Row("0.102.1.1", { 5: number(5), 6: network("192.0.2.20"), 7: number(3), 8: hex(PHONE_MAC) });
  expect((await everybody(row)).neighbours).toMatchObject([{ learntFrom: "lldp-v2", portName: "Gi2" }]);
  const both = await everybody({ ...row, ...lldpRow("0.1.1", phoneColumns()) });
  expect(both.neighbours).toMatchObject([{ learntFrom: "lldp", portName: "Gi1" }]);
});

test.each([
  ["port names", INTERFACES.ifName],
  ["descriptions", `${LLDP.remTable}.10`],
  ["the bridge table", BRIDGE.fdbPort],
])("readNeighbours(): without %s the phone is still found, and the fault says why something is missing", async (_name, broken) => {
  const { neighbours, faults } = await everybody(lldpRow("0.1.1", phoneColumns()), { [broken]: garbled });
  expect([neighbours.map(({ mac }) => mac), faults]).toEqual([["64167faabb01"], [garbled]]);
});

test("readNeighbours(): a switch with no tables at all knows nobody, which is no fault", async () => {
  expect(await everybody({})).toEqual({ neighbours: [], faults: [] });
});

test.each<[Fault]>([[{ kind: "unreachable", via: "snmp" }], [{ kind: "denied", via: "snmp" }], [{ kind: "cancelled", by: "shutdown" }]])(
  "readNeighbours(): %j in the middle of the walk is its end, not a shorter list",
  async (fault) => {
    const snmp = fakeSnmp({ ...PORTS, ...lldpRow("0.1.1", phoneColumns()) }, { [BRIDGE.qFdbPort]: fault });
    expect(await readNeighbours(target, snmp, never)).toEqual({ ok: false, fault });
  },
);

test("readNeighbours(): a silent switch is asked one thing", async () => {
  const snmp = fakeSnmp({}, { [LLDP.lastChange]: { kind: "unreachable", via: "snmp" } });
  expect(await readNeighbours(target, snmp, never)).toMatchObject({ ok: false, fault: { kind: "unreachable" } });
  expect(snmp.asked).toEqual([LLDP.lastChange]);
});

test("readChangeTicks(): the time of the last change, absent on a switch without LLDP [snmp 5.3.1]", async () => {
  expect(await readChangeTicks(target, fakeSnmp({ [LLDP.lastChange]: ticks(4_711) }), never)).toEqual({
    ok: true,
    value: { changeTicks: 4_711 },
  });
  expect(await readChangeTicks(target, fakeSnmp({}), never)).toEqual({ ok: true, value: {} });
  expect((await everybody({ [LLDP.lastChange]: ticks(4_711) })).changeTicks).toBe(4_711);
});
