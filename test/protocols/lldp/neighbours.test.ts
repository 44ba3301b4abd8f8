import { expect, test } from "vitest";
import type { Fault } from "../../../protocols/core/fault.ts";
import { readNeighbours, type SwitchMemory } from "../../../protocols/lldp/neighbours.ts";
import type { SnmpAccess, SnmpClient } from "../../../protocols/snmp/client.ts";
import { ARP, BRIDGE, CISCO, INTERFACES, LLDP, SYSTEM } from "../../../protocols/snmp/oids.ts";
import { fakeSnmp, hex, number, object, type Recording, text, ticks } from "./fake-snmp.ts";
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

async function everybody(recording: Recording, faults: Readonly<Record<string, Fault>> = {}, memory?: SwitchMemory) {
  const result = await readNeighbours(target, { snmp: fakeSnmp({ ...PORTS, ...recording }, faults), memory }, never);
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
  expect(await everybody({})).toEqual({ neighbours: [], addresses: new Map(), faults: [] });
});

test.each<[Fault]>([[{ kind: "unreachable", via: "snmp" }], [{ kind: "denied", via: "snmp" }], [{ kind: "cancelled", by: "shutdown" }]])(
  "readNeighbours(): %j in the middle of the walk is its end, not a shorter list",
  async (fault) => {
    const snmp = fakeSnmp({ ...PORTS, ...lldpRow("0.1.1", phoneColumns()) }, { [BRIDGE.qFdbPort]: fault });
    expect(await readNeighbours(target, { snmp }, never)).toEqual({ ok: false, fault });
  },
);

test("readNeighbours(): a switch that takes for ever gives what it gave in its time", async () => {
  const honest = fakeSnmp({ ...PORTS, ...lldpRow("0.1.1", phoneColumns()) });
  const walk: SnmpClient["walk"] = async (at, root, signal) => {
    if (root !== BRIDGE.qFdbPort) return honest.walk(at, root, signal);
    await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    return { ok: false, fault: { kind: "unreachable", via: "snmp" } };
  };
  const read = await readNeighbours(target, { snmp: { ...honest, walk }, wholeMs: 50 }, never);
  expect(read).toMatchObject({ ok: true, value: { neighbours: [{ mac: "64167faabb01" }], faults: [{ kind: "unreachable" }] } });
});

test("readNeighbours(): a silent switch is asked one thing", async () => {
  const snmp = fakeSnmp({}, { [LLDP.lastChange]: { kind: "unreachable", via: "snmp" } });
  expect(await readNeighbours(target, { snmp }, never)).toMatchObject({ ok: false, fault: { kind: "unreachable" } });
  expect(snmp.asked).toEqual([LLDP.lastChange, SYSTEM.sysUpTime, SYSTEM.sysObjectID]);
});

const clock = (changeTicks: number, uptimeTicks: number): Recording => ({
  [LLDP.lastChange]: ticks(changeTicks),
  [SYSTEM.sysUpTime]: ticks(uptimeTicks),
});

test("readNeighbours(): while nothing has changed the LLDP tables are not walked again [snmp 5.3.1] [snmp 7.2]", async () => {
  const { memory } = await everybody({ ...clock(4_711, 9_000), ...lldpRow("0.1.1", phoneColumns()) });
  expect(memory).toMatchObject({ changeTicks: 4_711, uptimeTicks: 9_000, announced: [{ mac: "64167faabb01" }] });
  const snmp = fakeSnmp({ ...PORTS, ...clock(4_711, 19_000), ...learnt([[PHONE_MAC, 1]]) });
  const again = await readNeighbours(target, { snmp, memory }, never);
  expect(again).toMatchObject({
    ok: true,
    value: { neighbours: [{ mac: "64167faabb01", learntFrom: "lldp" }], memory: { uptimeTicks: 19_000 } },
  });
  expect(snmp.asked.filter((oid) => oid.startsWith(LLDP.remTable))).toEqual([]);
});

test("readNeighbours(): a phone that said goodbye (TTL 0) is gone with the next change, and one that came back is read anew [snmp 5.1.4]", async () => {
  const { memory } = await everybody({ ...clock(4_711, 9_000), ...lldpRow("0.1.1", phoneColumns()) });
  const gone = await everybody(clock(9_500, 10_000), {}, memory);
  expect(gone.neighbours).toEqual([]);
  const updated = text("Polycom;VVX-VVX_311;3111-48350-001,1;SIP/5.9.7.3480/01-Jan-20 10:00;");
  const back = await everybody({ ...clock(12_000, 13_000), ...lldpRow("0.1.1", phoneColumns({ 10: updated })) }, {}, gone.memory);
  expect(back.neighbours[0]?.facts.running).toEqual({ application: "5.9.7.3480" });
});

test("readNeighbours(): after a restart of the switch the same time of change means nothing", async () => {
  const { memory } = await everybody({ ...clock(4_711, 9_000), ...lldpRow("0.1.1", phoneColumns()) });
  expect((await everybody(clock(4_711, 5_000), {}, memory)).neighbours).toEqual([]);
});

test("readNeighbours(): what could not be read whole, and a switch without the counter, are not remembered", async () => {
  const row = lldpRow("0.1.1", phoneColumns());
  expect(await everybody({ ...clock(1, 2), ...row }, { [`${LLDP.remTable}.10`]: garbled })).not.toHaveProperty("memory");
  expect(await everybody({ [SYSTEM.sysUpTime]: ticks(2), ...row })).not.toHaveProperty("memory");
});

test("readNeighbours(): a phone the bridge table has forgotten is still a neighbour by LLDP [snmp 5.5.17]", async () => {
  const { neighbours } = await everybody({ ...lldpRow("0.1.1", phoneColumns()), ...learnt([]) });
  expect(neighbours).toMatchObject([{ mac: "64167faabb01", learntFrom: "lldp" }]);
});

const cisco = { [SYSTEM.sysObjectID]: object("1.3.6.1.4.1.9.1.1208"), [`${CISCO.vlanState}.1.20`]: number(1) };

test("readNeighbours(): only Cisco is asked for one VLAN at a time, under the community or context of the VLAN [snmp 5.5.14]", async () => {
  const asked = async (recording: Recording, access: SnmpAccess): Promise<unknown> => {
    const accesses: unknown[] = [];
    const honest = fakeSnmp({ ...PORTS, ...recording });
    const walk: SnmpClient["walk"] = (at, root, signal) => {
      if (at.access !== access) accesses.push(at.access.version === "3" ? at.access.context : at.access.community.reveal());
      return honest.walk(at, root, signal);
    };
    await readNeighbours({ ...target, access }, { snmp: { ...honest, walk } }, never);
    return [...new Set(accesses)];
  };
  expect(await asked(cisco, target.access)).toEqual(["public@20"]);
  expect(await asked(cisco, { version: "3", user: "reader" })).toEqual(["vlan-20"]);
  expect(await asked({ ...cisco, [SYSTEM.sysObjectID]: object("1.3.6.1.4.1.91.1") }, target.access)).toEqual([]);
});

test("readNeighbours(): the address a routing switch knows stands beside the one a phone announced [snmp 5.5.7]", async () => {
  const arp = { [`${ARP.netToMedia}.20.192.0.2.77`]: hex(PHONE_MAC), [`${ARP.netToMedia}.20.192.0.2.78`]: hex("64:16:7f:aa:bb:09") };
  const { neighbours, addresses } = await everybody({ ...lldpRow("0.1.1", phoneColumns()), ...arp });
  expect(neighbours).toMatchObject([{ chassisAddress: "192.0.2.20", arpAddress: "192.0.2.77" }]);
  expect([...addresses.values()]).toEqual(["192.0.2.77", "192.0.2.78"]);
});

test("readNeighbours(): while nothing was announced all tables hold for half an hour of the switch's clock: one question is asked", async () => {
  const { memory, neighbours } = await everybody({ ...clock(4_711, 9_000), ...lldpRow("0.1.1", phoneColumns()) });
  const ask = async (uptimeTicks: number) => {
    const snmp = fakeSnmp({ ...PORTS, ...clock(4_711, uptimeTicks) });
    const read = await readNeighbours(target, { snmp, memory }, never);
    return { asked: snmp.asked, found: read.ok ? read.value.neighbours : [] };
  };
  const soon = await ask(9_000 + 179_999);
  expect(soon).toEqual({ asked: [LLDP.lastChange, SYSTEM.sysUpTime, SYSTEM.sysObjectID], found: neighbours });
  const late = await ask(9_000 + 180_000);
  expect(late.asked).toContain(BRIDGE.qFdbPort);
  expect(late.asked.filter((asked) => asked.startsWith(LLDP.remTable))).toEqual([]);
});
