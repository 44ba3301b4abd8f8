/** A switch's tables for tests: rows as an agent has them, read through the fake client. */
import type { Fault } from "../../../protocols/core/fault.ts";
import { type Mac, parseMac } from "../../../protocols/core/ids.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { type TableReader, tableReader } from "../../../protocols/lldp/tables.ts";
import type { SnmpTarget } from "../../../protocols/snmp/client.ts";
import { BRIDGE, CDP, INTERFACES, LLDP, LLDP_V2 } from "../../../protocols/snmp/oids.ts";
import type { SnmpValue } from "../../../protocols/snmp/values.ts";
import { type FakeSnmp, fakeSnmp, hex, number, type Recording, text } from "./fake-snmp.ts";

export const target: SnmpTarget = { address: "192.0.2.1", port: 161, access: { version: "2c", community: new Secret("public") } };
export const never = new AbortController().signal;
/** A made-up phone in the shape of the records. Source: protocols/snmp.md 5.1. */
export const PHONE_MAC = "64:16:7f:aa:bb:01";
export const PHONE = "Polycom;VVX-VVX_311;3111-48350-001,1;SIP/5.6.0.18519/15-Nov-17 23:08;UP/5.8.0.23953/15-Nov-17 23:29;";

export const mac = (spelling: string): Mac => parseMac(spelling) as Mac;
/** An LLDP network address: family 1 and four octets. */
export const network = (address: string): SnmpValue => ({ type: "octets", value: Buffer.from([1, ...address.split(".").map(Number)]) });

export function reader(recording: Recording, faults: Readonly<Record<string, Fault>> = {}): { read: TableReader; snmp: FakeSnmp } {
  const snmp = fakeSnmp(recording, faults);
  return { read: tableReader(target, snmp, never), snmp };
}

/** Columns by number, under a table's entry, in one row. */
const rowOf = (entry: string, row: string, columns: Readonly<Record<number, SnmpValue>>): Recording =>
  Object.fromEntries(Object.entries(columns).map(([column, value]) => [`${entry}.${column}.${row}`, value]));

/** lldpRemTable: chassis as network address, MAC as port id, and so on. Without a column it is absent. */
export const lldpRow = (row: string, columns: Readonly<Record<number, SnmpValue>>): Recording => rowOf(LLDP.remTable, row, columns);
export const lldpV2Row = (row: string, columns: Readonly<Record<number, SnmpValue>>): Recording => rowOf(LLDP_V2.remTable, row, columns);
export const cdpRow = (row: string, columns: Readonly<Record<number, SnmpValue>>): Recording => rowOf(CDP.cache, row, columns);

/** What a Poly phone announces. */
export function phoneColumns(more: Readonly<Record<number, SnmpValue>> = {}): Readonly<Record<number, SnmpValue>> {
  return {
    4: number(5),
    5: network("192.0.2.20"),
    6: number(3),
    7: hex(PHONE_MAC),
    8: text("1"),
    9: text("Polycom VVX 311"),
    10: text(PHONE),
    12: hex("24 00"),
    ...more,
  };
}

/** Interfaces by ifIndex with their names. */
export function interfaces(names: Readonly<Record<number, string>>): Recording {
  return Object.fromEntries(Object.entries(names).map(([index, name]) => [`${INTERFACES.ifName}.${index}`, text(name)]));
}

/** LLDP local ports by number, named by interface name. */
export function localPorts(names: Readonly<Record<number, string>>): Recording {
  return Object.fromEntries(
    Object.entries(names).flatMap(([port, name]) => [
      [`${LLDP.locPortIdSubtype}.${port}`, number(5)],
      [`${LLDP.locPortId}.${port}`, text(name)],
    ]),
  );
}

export function bridgePorts(ifIndexes: Readonly<Record<number, number>>): Recording {
  return Object.fromEntries(Object.entries(ifIndexes).map(([port, ifIndex]) => [`${BRIDGE.basePortIfIndex}.${port}`, number(ifIndex)]));
}

/** dot1dTpFdb rows: MAC to bridge port; status 3 is learned. */
export function learnt(entries: readonly (readonly [mac: string, port: number, status?: number])[]): Recording {
  return Object.fromEntries(
    entries.flatMap(([spelling, port, status = 3]) => {
      const row = [...Buffer.from(mac(spelling), "hex")].join(".");
      return [
        [`${BRIDGE.fdbPort}.${row}`, number(port)],
        [`${BRIDGE.fdbStatus}.${row}`, number(status)],
      ];
    }),
  );
}
