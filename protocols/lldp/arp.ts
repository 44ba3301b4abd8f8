/**
 * The addresses behind MACs, as a router tells them. Those of a voice VLAN stand in its router, not in the access switch.
 * Source: protocols/snmp.md 5.5; RFC 4293.
 */
import type { Mac } from "../core/ids.ts";
import { worthProbing } from "../families/oui.ts";
import { ARP } from "../snmp/oids.ts";
import { macOf } from "./ports.ts";
import { type Column, indexOf, type TableReader } from "./tables.ts";

/** InetAddressType. */
const IPV4 = 1;

/**
 * Addresses of Poly MACs; of two addresses of one MAC the later in the table. The older table is everywhere, so it is asked first.
 *
 * @param ifIndexes  of the router's interfaces: a table too long for one ask is asked for by them
 */
export async function readArp(read: TableReader, ifIndexes: readonly number[]): Promise<ReadonlyMap<Mac, string>> {
  const byInterface = async (): Promise<readonly number[]> => ifIndexes;
  const plain = await read.longColumn(ARP.netToMedia, byInterface);
  if (plain.size > 0) return addresses(plain, ([_ifIndex, ...octets]) => octets);
  return addresses(await read.longColumn(ARP.netToPhysical, byInterface), ([_ifIndex, type, length, ...octets]) =>
    type === IPV4 && length === octets.length ? octets : [],
  );
}

function addresses(column: Column, octetsIn: (index: readonly number[]) => readonly number[]): ReadonlyMap<Mac, string> {
  const found = new Map<Mac, string>();
  for (const [row, value] of column) {
    const mac = macOf(value);
    const octets = octetsIn(indexOf(row));
    const whole = octets.length === 4 && octets.every((octet) => octet <= 255) && octets.some((octet) => octet !== 0);
    if (mac !== undefined && whole && worthProbing(mac)) found.set(mac, octets.join("."));
  }
  return found;
}
