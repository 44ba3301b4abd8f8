import { expect, test } from "vitest";
import type { Fault } from "../../../protocols/core/fault.ts";
import { readBridge } from "../../../protocols/lldp/bridge.ts";
import { readPorts } from "../../../protocols/lldp/ports.ts";
import type { TableReader } from "../../../protocols/lldp/tables.ts";
import { BRIDGE, CISCO } from "../../../protocols/snmp/oids.ts";
import { number, type Recording, text } from "./fake-snmp.ts";
import { bridgePorts, interfaces, learnt, mac, PHONE_MAC, reader } from "./switch.ts";

const PORTS = { ...interfaces({ 101: "Gi1", 102: "Gi2", 103: "Gi3" }), ...bridgePorts({ 1: 101, 2: 102, 3: 103 }) };
const others = (count: number, port: number) =>
  Array.from({ length: count }, (_, i): [string, number] => [`00:11:22:33:44:${(i + 16).toString(16)}`, port]);

async function found(recording: Recording, uplinks: readonly string[] = []) {
  const { read } = reader({ ...PORTS, ...recording });
  const neighbours = await readBridge(read, await readPorts(read), { uplinks: new Set(uplinks) });
  return neighbours.map(({ mac: address, portName }) => `${address} ${portName}`);
}

test("readBridge(): a silent Poly device is found by its MAC, with its port, its maker by the prefix, and nothing invented [snmp 5.5.3]", async () => {
  const { read } = reader({ ...PORTS, ...learnt([[PHONE_MAC, 1]]) });
  expect(await readBridge(read, await readPorts(read), { uplinks: new Set() })).toEqual([
    {
      portName: "Gi1",
      ifIndex: 101,
      mac: mac(PHONE_MAC),
      facts: { mac: mac(PHONE_MAC), vendor: "Polycom" },
      isBridge: false,
      learntFrom: "bridge",
    },
  ]);
});

test("readBridge(): other makers' MACs are nobody", async () => {
  expect(
    await found(
      learnt([
        ["00:11:22:33:44:55", 1],
        ["00:90:7a:00:00:01", 2],
      ]),
    ),
  ).toEqual([]);
});

test("readBridge(): a phone with its PC is on an edge port; one MAC more than eight and it is behind an uplink [snmp 5.5.15] [snmp 5.5.16]", async () => {
  expect(await found(learnt([[PHONE_MAC, 1], ...others(7, 1)]))).toEqual(["64167faabb01 Gi1"]);
  expect(await found(learnt([[PHONE_MAC, 1], ...others(8, 1)]))).toEqual([]);
});

test("readBridge(): a port with a bridge behind it is an uplink, whatever it has learnt [snmp 5.5.15]", async () => {
  expect(await found(learnt([[PHONE_MAC, 1]]), ["Gi1"])).toEqual([]);
});

const vlanRow = (vlan: number, spelling: string, port: number): Recording => {
  const row = `${vlan}.${[...Buffer.from(mac(spelling), "hex")].join(".")}`;
  return { [`${BRIDGE.qFdbPort}.${row}`]: number(port), [`${BRIDGE.qFdbStatus}.${row}`]: number(3) };
};

test("readBridge(): a MAC on two ports is on the one with the fewest MACs, in whatever order [snmp 5.5.15]", async () => {
  for (const [quiet, loud] of [
    [1, 2],
    [2, 1],
  ] as const) {
    const rows = { ...vlanRow(10, PHONE_MAC, 1), ...vlanRow(20, PHONE_MAC, 2), ...vlanRow(10, "00:11:22:33:44:55", loud) };
    expect(await found(rows)).toEqual([`64167faabb01 Gi${quiet}`]);
  }
});

test("readBridge(): a MAC in two VLANs of one port counts once", async () => {
  const rows = Object.assign({}, ...[1, 2, 3, 4, 5, 6, 7, 8, 9].map((vlan) => vlanRow(vlan, PHONE_MAC, 1)));
  expect(await found(rows)).toEqual(["64167faabb01 Gi1"]);
});

test("readBridge(): VLAN tables are asked first, the plain one where there are none [snmp 5.5.4]", async () => {
  const both = { ...vlanRow(10, PHONE_MAC, 1), ...learnt([["64:16:7f:aa:bb:02", 2]]) };
  expect([await found(both), await found(learnt([[PHONE_MAC, 3]]))]).toEqual([["64167faabb01 Gi1"], ["64167faabb01 Gi3"]]);
});

test("readBridge(): the switch's own and configured entries are not learnt; one without a status is [snmp 5.5.3]", async () => {
  const bare = { [`${BRIDGE.fdbPort}.100.22.127.170.187.4`]: number(3) };
  const rows = {
    ...learnt([
      [PHONE_MAC, 1, 4],
      ["64:16:7f:aa:bb:02", 1, 5],
      ["64:16:7f:aa:bb:03", 2, 2],
    ]),
    ...bare,
  };
  expect(await found(rows)).toEqual(["64167faabb04 Gi3"]);
});

test("readBridge(): rows that are no MAC, on no port or with no number are passed over", async () => {
  const rows = {
    [`${BRIDGE.fdbPort}.100.22.127.170.187`]: number(1),
    [`${BRIDGE.fdbPort}.100.22.127.170.187.256`]: number(1),
    [`${BRIDGE.fdbPort}.100.22.127.170.187.2`]: number(0),
    [`${BRIDGE.fdbPort}.100.22.127.170.187.3`]: text("1"),
    [`${BRIDGE.fdbPort}.100.22.127.170.187.4`]: number(99),
    [`${BRIDGE.fdbPort}.0.0.0.0.0.0`]: number(1),
  };
  expect(await found(rows)).toEqual([]);
});

/** dot1qVlanFdbId: row TimeMark.VLAN. */
const databases = (vlans: Readonly<Record<number, number>>): Recording =>
  Object.fromEntries(Object.entries(vlans).map(([vlan, database]) => [`${BRIDGE.vlanFdbId}.0.${vlan}`, number(database)]));

async function vlansOf(recording: Recording): Promise<unknown> {
  const { read } = reader({ ...PORTS, ...recording });
  return (await readBridge(read, await readPorts(read), { uplinks: new Set() })).map(({ vlans }) => vlans);
}

test("readBridge(): the VLANs of a MAC by the filtering database, while it boots in both; a shared or unnamed database names none [snmp 5.5.5] [snmp 5.5.16]", async () => {
  const both = { ...vlanRow(2, PHONE_MAC, 1), ...vlanRow(1, PHONE_MAC, 1) };
  expect(await vlansOf({ ...both, ...databases({ 10: 1, 20: 2 }) })).toEqual([[10, 20]]);
  expect(await vlansOf({ ...both, ...databases({ 10: 1, 20: 2, 30: 2 }) })).toEqual([[10]]);
  expect(await vlansOf(both)).toEqual([undefined]);
});

test("readBridge(): a table longer than one ask may bring is asked for by filtering database", async () => {
  const long: Fault = { kind: "overBudget", via: "snmp", budget: "items", limit: 2_000 };
  const rows = { ...PORTS, ...vlanRow(1, PHONE_MAC, 1), ...vlanRow(2, "64:16:7f:aa:bb:02", 2), ...databases({ 10: 1, 20: 2 }) };
  const { read } = reader(rows, { [BRIDGE.qFdbPort]: long, [BRIDGE.qFdbStatus]: long });
  const neighbours = await readBridge(read, await readPorts(read), { uplinks: new Set() });
  expect(neighbours.map(({ portName, vlans }) => [portName, vlans])).toEqual([
    ["Gi1", [10]],
    ["Gi2", [20]],
  ]);
  expect(read.faults).toEqual([]);
});

/** A Cisco switch: one table for each VLAN, its bridge ports numbered anew in each. */
async function byVlan(
  tables: Readonly<Record<number, Recording>>,
  faults: Readonly<Record<number, Fault>> = {},
  states: Readonly<Record<number, number>> = {},
) {
  const operational = Object.fromEntries([...Object.keys(tables), ...Object.keys(faults)].map((vlan) => [vlan, 1]));
  const rows = Object.entries<number>({ ...operational, ...states }).map(
    ([vlan, state]) => [`${CISCO.vlanState}.1.${vlan}`, number(state)] as const,
  );
  const { read } = reader({ ...interfaces({ 101: "Gi1", 102: "Gi2" }), ...Object.fromEntries(rows), ...(tables[1] ?? {}) });
  const asked: number[] = [];
  const inVlan = (vlan: number): TableReader => {
    asked.push(vlan);
    const fault = faults[vlan];
    return reader(tables[vlan] ?? {}, fault === undefined ? {} : { [BRIDGE.basePortIfIndex]: fault }).read;
  };
  const neighbours = await readBridge(read, await readPorts(read), { uplinks: new Set(), inVlan });
  return { asked, found: neighbours.map(({ mac: address, portName, vlans }) => `${address} ${portName} ${vlans?.join("+")}`) };
}

const VOICE = { ...bridgePorts({ 7: 102 }), ...learnt([[PHONE_MAC, 7]]) };

test("readBridge(): where each VLAN has its own table all are asked, each with its own port numbers [snmp 5.5.14]", async () => {
  const data = { ...bridgePorts({ 7: 101 }), ...learnt([["00:11:22:33:44:55", 7]]) };
  expect(await byVlan({ 1: data, 20: VOICE })).toEqual({ asked: [1, 20], found: ["64167faabb01 Gi2 20"] });
});

test("readBridge(): VLANs that are suspended or not Ethernet are not asked", async () => {
  expect((await byVlan({ 20: VOICE }, {}, { 30: 2, 1002: 1, 1005: 1 })).asked).toEqual([20]);
});

test("readBridge(): the first silent VLAN ends the asking, what was learnt before counts", async () => {
  const silent: Fault = { kind: "unreachable", via: "snmp" };
  expect(await byVlan({ 20: VOICE, 40: VOICE }, { 30: silent })).toEqual({ asked: [20, 30], found: ["64167faabb01 Gi2 20"] });
});

test("readBridge(): a switch of the same maker that names no VLANs is read as any other", async () => {
  const { read } = reader({ ...PORTS, ...learnt([[PHONE_MAC, 1]]) });
  const inVlan = (): TableReader => {
    throw new Error("asked");
  };
  expect(await readBridge(read, await readPorts(read), { uplinks: new Set(), inVlan })).toHaveLength(1);
});
