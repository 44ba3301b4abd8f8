import { expect, test } from "vitest";
import { readBridge } from "../../../protocols/lldp/bridge.ts";
import { readPorts } from "../../../protocols/lldp/ports.ts";
import { BRIDGE } from "../../../protocols/snmp/oids.ts";
import { number, type Recording, text } from "./fake-snmp.ts";
import { bridgePorts, interfaces, learnt, mac, PHONE_MAC, reader } from "./switch.ts";

const PORTS = { ...interfaces({ 101: "Gi1", 102: "Gi2", 103: "Gi3" }), ...bridgePorts({ 1: 101, 2: 102, 3: 103 }) };
const others = (count: number, port: number) =>
  Array.from({ length: count }, (_, i): [string, number] => [`00:11:22:33:44:${(i + 16).toString(16)}`, port]);

async function found(recording: Recording, uplinks: readonly string[] = []) {
  const { read } = reader({ ...PORTS, ...recording });
  const neighbours = await readBridge(read, await readPorts(read), new Set(uplinks));
  return neighbours.map(({ mac: address, portName }) => `${address} ${portName}`);
}

test("readBridge(): a silent Poly device is found by its MAC, with its port and nothing invented [snmp 5.5.3]", async () => {
  const { read } = reader({ ...PORTS, ...learnt([[PHONE_MAC, 1]]) });
  expect(await readBridge(read, await readPorts(read), new Set())).toEqual([
    { portName: "Gi1", ifIndex: 101, mac: mac(PHONE_MAC), facts: { mac: mac(PHONE_MAC) }, isBridge: false, learntFrom: "bridge" },
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

test("readBridge(): a phone with its PC is on an edge port; one MAC more than eight and it is behind an uplink", async () => {
  expect(await found(learnt([[PHONE_MAC, 1], ...others(7, 1)]))).toEqual(["64167faabb01 Gi1"]);
  expect(await found(learnt([[PHONE_MAC, 1], ...others(8, 1)]))).toEqual([]);
});

test("readBridge(): a port with a bridge behind it is an uplink, whatever it has learnt", async () => {
  expect(await found(learnt([[PHONE_MAC, 1]]), ["Gi1"])).toEqual([]);
});

const vlanRow = (vlan: number, spelling: string, port: number): Recording => {
  const row = `${vlan}.${[...Buffer.from(mac(spelling), "hex")].join(".")}`;
  return { [`${BRIDGE.qFdbPort}.${row}`]: number(port), [`${BRIDGE.qFdbStatus}.${row}`]: number(3) };
};

test("readBridge(): a MAC on two ports is on the one with the fewest MACs, in whatever order", async () => {
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
