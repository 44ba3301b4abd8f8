import { expect, test } from "vitest";
import type { Version } from "../../../protocols/core/version.ts";
import { readPorts } from "../../../protocols/lldp/ports.ts";
import { mergeFacts, readCdp, readLldp, readLldpV2 } from "../../../protocols/lldp/remote.ts";
import { LLDP } from "../../../protocols/snmp/oids.ts";
import { hex, number, type Recording, text } from "./fake-snmp.ts";
import { cdpRow, interfaces, lldpRow, lldpV2Row, localPorts, network, PHONE, PHONE_MAC, phoneColumns, reader } from "./switch.ts";

const PORTS = { ...interfaces({ 101: "Gi1/0/1", 102: "Gi1/0/2" }), ...localPorts({ 1: "Gi1/0/1", 2: "Gi1/0/2" }) };

async function lldp(recording: Recording) {
  const { read } = reader({ ...PORTS, ...recording });
  return readLldp(read, await readPorts(read));
}

test("readLldp(): a phone by its own words: MAC in the port id, address in the chassis id, model, part and versions [snmp 5.1.1] [snmp 5.1.2] [snmp 5.1.3] [snmp 5.1.6] [snmp 5.1.8] [snmp 5.1.10] [snmp 5.1.13]", async () => {
  const management = { [`${LLDP.remManAddrTable}.3.0.1.1.1.4.192.0.2.21`]: number(1) };
  expect(await lldp({ ...lldpRow("0.1.1", phoneColumns()), ...management })).toEqual([
    {
      portName: "Gi1/0/1",
      ifIndex: 101,
      mac: "64167faabb01",
      chassisAddress: "192.0.2.20",
      managementAddress: "192.0.2.21",
      sysName: "Polycom VVX 311",
      description: PHONE,
      facts: {
        vendor: "Polycom",
        family: "uc-phone",
        model: "VVX 311",
        partNumber: "3111-48350-001",
        revision: "1",
        mac: "64167faabb01",
        running: { application: "5.6.0.18519", updater: "5.8.0.23953" },
      },
      isBridge: false,
      learntFrom: "lldp",
    },
  ]);
});

test("readLldp(): a device that puts its MAC in the chassis id", async () => {
  const [found] = await lldp(lldpRow("0.1.1", { 4: number(4), 5: hex("00:e0:db:01:02:03"), 6: number(5), 7: text("eth0") }));
  expect([found?.mac, found?.chassisAddress]).toEqual(["00e0db010203", undefined]);
});

test.each<[string, Recording]>([
  ["a chassis id that is a name", lldpRow("0.1.1", { 4: number(7), 5: text("switch-9"), 6: number(5), 7: text("Gi1") })],
  ["a MAC of five octets", lldpRow("0.1.1", { 4: number(4), 5: hex("0102030405"), 6: number(3), 7: hex("0102030405") })],
  ["a MAC of zeros", lldpRow("0.1.1", { 4: number(4), 5: hex("000000000000") })],
  ["a chassis id and nothing else", lldpRow("0.1.1", { 5: hex("00:e0:db:01:02:03") })],
  [
    "values of the wrong type",
    lldpRow("0.1.1", { 4: text("4"), 5: number(5), 6: text("3"), 7: number(3), 9: number(9), 10: number(10), 12: number(12) }),
  ],
])("readLldp(): %s gives a neighbour without MAC and address", async (_name, recording) => {
  const [found] = await lldp(recording);
  expect(found).toMatchObject({ portName: "Gi1/0/1", facts: {}, isBridge: false, learntFrom: "lldp" });
  expect([found?.mac, found?.chassisAddress]).toEqual([undefined, undefined]);
});

test.each<[string, ReturnType<typeof network>]>([
  ["0.0.0.0, before DHCP", network("0.0.0.0")],
  ["of another family", hex("02 c0000214")],
  ["of IPv6 length", hex(`01 ${"00".repeat(16)}`)],
])("readLldp(): a chassis address %s is none, the MAC still counts", async (_name, chassis) => {
  const [found] = await lldp(lldpRow("0.1.1", phoneColumns({ 5: chassis })));
  expect([found?.mac, found?.chassisAddress]).toEqual(["64167faabb01", undefined]);
});

test.each([
  ["a switch", "20 00", true],
  ["a phone that bridges its PC", "24 00", false],
  ["a phone", "04 00", false],
  ["an empty field", "", false],
])("readLldp(): %s by its capabilities [snmp 5.1.7] [snmp 5.3.7]", async (_name, bits, isBridge) => {
  const [found] = await lldp(lldpRow("0.1.1", phoneColumns({ 12: hex(bits) })));
  expect(found?.isBridge).toBe(isBridge);
});

test("readLldp(): rows under an old time mark and a port nobody knows are read like any other", async () => {
  const found = await lldp({
    ...lldpRow("5.1.1", phoneColumns()),
    ...lldpRow("77000.99.3", phoneColumns({ 7: hex("64:16:7f:aa:bb:02") })),
  });
  expect(found.map(({ portName, mac }) => [portName, mac])).toEqual([
    ["Gi1/0/1", "64167faabb01"],
    ["port 99", "64167faabb02"],
  ]);
});

test("readLldp(): a time mark that changes in the midst of the walk splits nobody in two [snmp 5.3.9]", async () => {
  const { 10: description, 7: port, ...earlier } = phoneColumns();
  const found = await lldp({
    ...lldpRow("500.1.1", earlier),
    ...lldpRow("900.1.1", {
      5: network("192.0.2.21"),
      ...(port === undefined || description === undefined ? {} : { 7: port, 10: description }),
    }),
    ...med("900.1.1", INVENTORY),
    [`${LLDP.remManAddrTable}.3.901.1.1.1.4.192.0.2.21`]: number(1),
  });
  expect(found).toMatchObject([
    {
      mac: "64167faabb01",
      chassisAddress: "192.0.2.21",
      managementAddress: "192.0.2.21",
      facts: { model: "VVX 311", partNumber: "3111-48350-001" },
    },
  ]);
});

test("readLldp(): the system name tells the model where the description does not [snmp 5.1.5]", async () => {
  const [found] = await lldp(lldpRow("0.1.1", phoneColumns({ 10: text("1") })));
  expect(found?.facts).toMatchObject({ model: "VVX 311", family: "uc-phone" });
});

const med = (row: string, fields: Readonly<Record<number, string>>): Recording =>
  Object.fromEntries(Object.entries(fields).map(([field, value]) => [`${LLDP.medInventory}.${field}.${row}`, text(value)]));
const INVENTORY = { 1: "3111-48820-001 Rev B", 2: "UP/6.4.6.2681", 3: "SIP/6.4.6.2700", 4: "64167faabb09", 5: "Polycom", 6: "VVX 250" };

test("readLldp(): the inventory fills what the description leaves open, and never corrects it [snmp 5.1.9] [snmp 5.4.12]", async () => {
  const [bare] = await lldp({ ...lldpRow("0.1.1", { 4: number(5), 5: network("192.0.2.20") }), ...med("0.1.1", INVENTORY) });
  expect(bare).toMatchObject({
    mac: "64167faabb09",
    facts: { model: "VVX 250", partNumber: "3111-48820-001", running: { application: "6.4.6.2700", updater: "6.4.6.2681" } },
  });
  const [stated] = await lldp({ ...lldpRow("0.1.1", phoneColumns()), ...med("0.1.1", INVENTORY) });
  expect(stated).toMatchObject({ mac: "64167faabb01", facts: { model: "VVX 311", running: { application: "5.6.0.18519" } } });
});

test("readLldp(): somebody else's inventory says nothing about a device of ours", async () => {
  const [found] = await lldp({
    ...lldpRow("0.1.1", { 4: number(7), 5: text("x") }),
    ...med("0.1.1", { ...INVENTORY, 5: "Acme", 6: "Router 9" }),
  });
  expect([found?.facts, found?.mac]).toEqual([{}, undefined]);
});

test.each([
  ["IPv6", "0.1.1.2.16.32.1.13.184.0.0.0.0.0.0.0.0.0.0.0.1"],
  ["too short", "0.1.1.1.4.192.0.2"],
  ["longer than it says", "0.1.1.1.4.192.0.2.1.5"],
  ["of another neighbour", "0.1.2.1.4.192.0.2.1"],
])("readLldp(): a management address that is %s is passed over", async (_name, row) => {
  const [found] = await lldp({ ...lldpRow("0.1.1", phoneColumns()), [`${LLDP.remManAddrTable}.3.${row}`]: number(1) });
  expect(found?.managementAddress).toBeUndefined();
});

test("readLldp(): of several management addresses the first is taken", async () => {
  const rows = {
    [`${LLDP.remManAddrTable}.3.0.1.1.1.4.192.0.2.9`]: number(1),
    [`${LLDP.remManAddrTable}.3.0.1.1.1.4.192.0.2.8`]: number(1),
  };
  const [found] = await lldp({ ...lldpRow("0.1.1", phoneColumns()), ...rows });
  expect(found?.managementAddress).toBe("192.0.2.8");
});

test("readLldp(): a switch without the table is asked for one column of it", async () => {
  const { read, snmp } = reader({});
  const ports = await readPorts(read);
  snmp.asked.length = 0;
  expect([await readLldp(read, ports), snmp.asked]).toEqual([[], [`${LLDP.remTable}.5`]]);
});

test("readLldpV2(): rows carry the ifIndex itself [snmp 5.3.10]", async () => {
  const columns = {
    5: number(5),
    6: network("192.0.2.20"),
    7: number(3),
    8: hex(PHONE_MAC),
    10: text("Polycom VVX 311"),
    11: text(PHONE),
    13: hex("04"),
  };
  const { read } = reader({ ...PORTS, ...lldpV2Row("0.102.1.1", columns) });
  expect(await readLldpV2(read, await readPorts(read))).toMatchObject([
    { portName: "Gi1/0/2", ifIndex: 102, mac: "64167faabb01", facts: { model: "VVX 311" }, learntFrom: "lldp-v2" },
  ]);
});

async function cdp(columns: Parameters<typeof cdpRow>[1]) {
  const { read } = reader({ ...PORTS, ...cdpRow("101.1", columns) });
  return (await readCdp(read, await readPorts(read)))[0];
}

test("readCdp(): a phone by its SEP name and platform; 0.0.0.0 while DHCP runs is no address [snmp 5.2.1] [snmp 5.5.1]", async () => {
  const columns = {
    4: hex("00000000"),
    5: text("Updater: 5.6.5.6003, App: 5.4.5.6840"),
    6: text("SEP64167FAABB01"),
    7: text("Port 1"),
    8: text("Polycom VVX 311"),
    9: hex("00000090"),
    11: number(10),
    14: number(20),
    15: number(4_500),
  };
  expect(await cdp(columns)).toEqual({
    portName: "Gi1/0/1",
    ifIndex: 101,
    nativeVlan: 10,
    voiceVlan: 20,
    powerMilliwatts: 4_500,
    learntFrom: "cdp",
    mac: "64167faabb01",
    sysName: "SEP64167FAABB01",
    description: "Polycom VVX 311",
    facts: {
      vendor: "Polycom",
      family: "uc-phone",
      model: "VVX 311",
      mac: "64167faabb01",
      running: { application: "5.4.5.6840", updater: "5.6.5.6003" },
    },
    isBridge: false,
  });
});

test("readCdp(): numbers that mean 'not said' are absent", async () => {
  const found = await cdp({
    6: text("SEP64167FAABB01"),
    8: text("Polycom VVX 311"),
    11: number(0),
    14: number(4_095),
    15: number(2 ** 31 - 1),
  });
  for (const field of ["nativeVlan", "voiceVlan", "powerMilliwatts"]) expect(found).not.toHaveProperty(field);
});

test("readCdp(): SEP does not mean ours: a Cisco phone carries its MAC alone [snmp 5.2.2]", async () => {
  const found = await cdp({ 6: text("SEP001122334455"), 8: text("Cisco IP Phone 7960"), 5: text("App: 1.2.3.4"), 9: hex("00000090") });
  expect([found?.facts, found?.isBridge]).toEqual([{ mac: "001122334455" }, false]);
});

test("readCdp(): a switch is a bridge, with its address; missing columns are no trouble", async () => {
  const found = await cdp({ 4: hex("c0000201"), 6: text("core-1"), 9: hex("00000028") });
  expect(found).toEqual({
    portName: "Gi1/0/1",
    ifIndex: 101,
    learntFrom: "cdp",
    sysName: "core-1",
    managementAddress: "192.0.2.1",
    facts: {},
    isBridge: true,
  });
  expect(await cdp({ 6: text("core-1") })).toMatchObject({ isBridge: false });
});

test("mergeFacts(): the first counts, the second fills what is open, versions one by one", () => {
  const version = (text: string): Version => text as Version;
  const first = { model: "VVX 311", running: { application: version("5.6.0") } };
  const second = { model: "VVX 411", vendor: "Polycom", running: { application: version("1.0.0"), updater: version("5.8.0") } };
  expect(mergeFacts(first, second)).toEqual({ model: "VVX 311", vendor: "Polycom", running: { application: "5.6.0", updater: "5.8.0" } });
  expect(mergeFacts({}, {})).toEqual({});
});
