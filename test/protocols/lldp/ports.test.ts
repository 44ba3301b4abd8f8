import { expect, test } from "vitest";
import { macOf, readPortStates, readPorts } from "../../../protocols/lldp/ports.ts";
import { BRIDGE, INTERFACES, LLDP, POE } from "../../../protocols/snmp/oids.ts";
import { hex, number, type Recording, text } from "./fake-snmp.ts";
import { bridgePorts, interfaces, localPorts, reader } from "./switch.ts";

const ports = (recording: Recording) => readPorts(reader(recording).read);
const local = (port: number, subtype: number, id: ReturnType<typeof hex>, description?: string): Recording => ({
  [`${LLDP.locPortIdSubtype}.${port}`]: number(subtype),
  [`${LLDP.locPortId}.${port}`]: id,
  ...(description === undefined ? {} : { [`${LLDP.locPortDesc}.${port}`]: text(description) }),
});

test("byLldpPort(): the local port number is not the ifIndex: it is mapped by interface name [snmp 5.3.9] [snmp 5.5.10]", async () => {
  const { byLldpPort } = await ports({ ...interfaces({ 10112: "Gi1/0/12", 12: "Gi1/0/1" }), ...localPorts({ 12: "Gi1/0/12" }) });
  expect(byLldpPort(12)).toEqual({ name: "Gi1/0/12", ifIndex: 10_112 });
});

test("byLldpPort(): mapped by the port's MAC where one interface has it, by no MAC that several share [snmp 5.3.9] [snmp 5.5.9]", async () => {
  const recording = {
    ...interfaces({ 1: "ge-0", 2: "ge-1", 3: "ge-2" }),
    [`${INTERFACES.ifPhysAddress}.1`]: hex("00:11:22:33:44:01"),
    [`${INTERFACES.ifPhysAddress}.2`]: hex("00:11:22:33:44:ff"),
    [`${INTERFACES.ifPhysAddress}.3`]: hex("00:11:22:33:44:ff"),
    ...local(7, 3, hex("00:11:22:33:44:01")),
    ...local(8, 3, hex("00:11:22:33:44:ff")),
  };
  const { byLldpPort } = await ports(recording);
  expect([byLldpPort(7), byLldpPort(8)]).toEqual([{ name: "ge-0", ifIndex: 1 }, { name: "port 8" }]);
});

test("byLldpPort(): mapped by a description that is an interface's, else named by what the switch says", async () => {
  const recording = {
    ...interfaces({ 5: "g5" }),
    [`${INTERFACES.ifDescr}.5`]: text("GigabitEthernet5"),
    ...local(5, 7, text("5"), "GigabitEthernet5"),
    ...local(6, 7, text("6")),
  };
  const { byLldpPort } = await ports(recording);
  expect([byLldpPort(5), byLldpPort(6)]).toEqual([{ name: "g5", ifIndex: 5 }, { name: "6" }]);
});

test("readPorts(): numbers no table knows get a name made of them, a bridge port none knows is nothing", async () => {
  const { byLldpPort, byIfIndex, byBridgePort } = await ports({});
  expect([byLldpPort(4), byIfIndex(5), byBridgePort(6)]).toEqual([{ name: "port 4" }, { name: "interface 5", ifIndex: 5 }, undefined]);
});

test("readPorts(): descriptions stand in for names on a switch that has no IF-MIB extension [snmp 5.5.9]", async () => {
  const { byIfIndex } = await ports({ [`${INTERFACES.ifDescr}.5`]: text("Port 5") });
  expect(byIfIndex(5)).toEqual({ name: "Port 5", ifIndex: 5 });
});

test("byBridgePort(): through the interface, a bridge port of interface 0 is none [snmp 5.5.2]", async () => {
  const { byBridgePort } = await ports({ ...interfaces({ 101: "Gi1" }), ...bridgePorts({ 1: 101, 2: 0 }) });
  expect([byBridgePort(1), byBridgePort(2)]).toEqual([{ name: "Gi1", ifIndex: 101 }, undefined]);
});

test("byIfIndex(): alias, speed and untagged VLAN of the port, as far as the switch says [snmp 5.5.6] [snmp 5.5.9] [snmp 5.5.10]", async () => {
  const { byIfIndex, byLldpPort } = await ports({
    ...interfaces({ 101: "Gi1", 102: "Gi2" }),
    ...bridgePorts({ 1: 101, 2: 102 }),
    ...localPorts({ 1: "Gi1" }),
    [`${INTERFACES.ifAlias}.101`]: text("desk 5"),
    [`${INTERFACES.ifAlias}.102`]: text(""),
    [`${INTERFACES.ifHighSpeed}.101`]: number(100),
    [`${INTERFACES.ifHighSpeed}.102`]: number(0),
    [`${BRIDGE.pvid}.1`]: number(10),
    [`${BRIDGE.pvid}.9`]: number(10),
  });
  const first = { name: "Gi1", ifIndex: 101, alias: "desk 5", speedMbps: 100, nativeVlan: 10 };
  expect([byIfIndex(101), byLldpPort(1), byIfIndex(102)]).toEqual([first, first, { name: "Gi2", ifIndex: 102 }]);
});

const poe = (rows: Readonly<Record<string, number>>): Recording =>
  Object.fromEntries(Object.entries(rows).map(([row, status]) => [`${POE.detectionStatus}.${row}`, number(status)]));

test("readPorts(): PoE with one group goes by bridge port, else by ifIndex; only 3 is delivering [snmp 5.5.11]", async () => {
  const bridged = await ports({
    ...interfaces({ 101: "Gi1", 102: "Gi2" }),
    ...bridgePorts({ 1: 101, 2: 102 }),
    ...poe({ "1.1": 3, "1.2": 2 }),
  });
  const plain = await ports({ ...interfaces({ 1: "g1" }), ...poe({ "1.1": 3 }) });
  expect([bridged.byIfIndex(101).poeDelivering, bridged.byIfIndex(102).poeDelivering, plain.byIfIndex(1).poeDelivering]).toEqual([
    true,
    false,
    true,
  ]);
});

test("readPorts(): PoE of a stack goes by the numbers of the name", async () => {
  const { byIfIndex } = await ports({
    ...interfaces({ 10105: "Gi1/0/5", 10605: "Gi2/0/5", 9: "Vlan9" }),
    ...poe({ "1.5": 2, "2.5": 3, "2.9": 3 }),
  });
  expect([byIfIndex(10_105).poeDelivering, byIfIndex(10_605).poeDelivering, byIfIndex(9).poeDelivering]).toEqual([false, true, undefined]);
});

test("readPorts(): rows of another form and values of another type are passed over", async () => {
  const recording = {
    ...interfaces({ 1: "g1" }),
    [`${INTERFACES.ifName}.2.7`]: text("odd"),
    [`${INTERFACES.ifName}.3`]: number(3),
    [`${POE.detectionStatus}.7`]: number(3),
    [`${POE.detectionStatus}.1.1`]: text("on"),
    ...local(4, 3, text("no MAC")),
  };
  const { byIfIndex, byLldpPort } = await ports(recording);
  expect([byIfIndex(1), byIfIndex(2), byIfIndex(3), byLldpPort(4)]).toEqual([
    { name: "g1", ifIndex: 1 },
    { name: "interface 2", ifIndex: 2 },
    { name: "interface 3", ifIndex: 3 },
    { name: "port 4" },
  ]);
});

test("macOf(): six octets that are somebody's", () => {
  expect([
    macOf(hex("64:16:7f:aa:bb:01")),
    macOf(hex("000000000000")),
    macOf(hex("6416")),
    macOf(text("64167faabb01")),
    macOf(number(6)),
  ]).toEqual(["64167faabb01", undefined, undefined, undefined, undefined]);
});

test("readPortStates(): link and power of each Ethernet port; what it does not tell is unknown [snmp 5.5.9]", async () => {
  const recording = {
    ...interfaces({ 1: "Gi1/0/1", 2: "Gi1/0/2", 3: "Gi1/0/3", 4: "Vlan1" }),
    ...bridgePorts({ 1: 1, 2: 2, 3: 3 }),
    ...Object.fromEntries([1, 2, 3, 4].map((row) => [`${INTERFACES.ifType}.${row}`, number(row === 4 ? 53 : 6)])),
    ...Object.fromEntries([1, 2, 3, 4].map((row) => [`${INTERFACES.ifOperStatus}.${row}`, number(row === 2 ? 2 : 1)])),
    [`${POE.detectionStatus}.1.1`]: number(3),
    [`${POE.detectionStatus}.1.2`]: number(4),
  };
  expect(await readPortStates(reader(recording).read)).toEqual([
    { name: "Gi1/0/1", isUp: true, power: "delivering" },
    { name: "Gi1/0/2", isUp: false, power: "fault" },
    { name: "Gi1/0/3", isUp: true, power: "unknown" },
  ]);
  expect(await readPortStates(reader({}).read)).toEqual([]);
});
