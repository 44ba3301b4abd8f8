import { expect, test } from "vitest";
import { readArp } from "../../../protocols/lldp/arp.ts";
import { ARP } from "../../../protocols/snmp/oids.ts";
import { hex, number, type Recording } from "./fake-snmp.ts";
import { PHONE_MAC, reader } from "./switch.ts";

const found = async (recording: Recording): Promise<unknown> => Object.fromEntries(await readArp(reader(recording).read, []));

test("readArp(): the address of a Poly MAC by the older table, which every router has [snmp 5.5.7]", async () => {
  expect(await found({ [`${ARP.netToMedia}.20.192.0.2.20`]: hex(PHONE_MAC) })).toEqual({ "64167faabb01": "192.0.2.20" });
});

test("readArp(): by the newer table where the older is empty; its IPv6 rows are passed over [snmp 5.5.8]", async () => {
  const v6 = `2.16.${[...Buffer.from("20010db8000000000000000000000001", "hex")].join(".")}`;
  const rows = { [`${ARP.netToPhysical}.20.1.4.192.0.2.21`]: hex(PHONE_MAC), [`${ARP.netToPhysical}.20.${v6}`]: hex("64:16:7f:aa:bb:02") };
  expect(await found(rows)).toEqual({ "64167faabb01": "192.0.2.21" });
  expect(await found({ ...rows, [`${ARP.netToMedia}.20.192.0.2.20`]: hex(PHONE_MAC) })).toEqual({ "64167faabb01": "192.0.2.20" });
});

test.each<[string, Recording]>([
  ["another maker's MAC", { [`${ARP.netToMedia}.20.192.0.2.20`]: hex("00:11:22:33:44:55") }],
  ["no MAC", { [`${ARP.netToMedia}.20.192.0.2.20`]: number(1) }],
  ["no address", { [`${ARP.netToMedia}.20.0.0.0.0`]: hex(PHONE_MAC) }],
  ["half an address", { [`${ARP.netToMedia}.20.192.0`]: hex(PHONE_MAC) }],
  ["numbers that are no octets", { [`${ARP.netToMedia}.20.192.0.2.256`]: hex(PHONE_MAC) }],
  ["a length that is wrong", { [`${ARP.netToPhysical}.20.1.5.192.0.2.20`]: hex(PHONE_MAC) }],
])("readArp(): %s is passed over", async (_name, recording) => {
  expect(await found(recording)).toEqual({});
});

test("readArp(): a table longer than one ask may bring is asked for by interface", async () => {
  const rows = { [`${ARP.netToMedia}.20.192.0.2.20`]: hex(PHONE_MAC), [`${ARP.netToMedia}.30.192.0.2.30`]: hex("64:16:7f:aa:bb:02") };
  const { read, snmp } = reader(rows, { [ARP.netToMedia]: { kind: "overBudget", via: "snmp", budget: "items", limit: 2_000 } });
  expect([...(await readArp(read, [20, 30, 40])).values()]).toEqual(["192.0.2.20", "192.0.2.30"]);
  expect([snmp.asked.length, read.faults]).toEqual([4, []]);
});
