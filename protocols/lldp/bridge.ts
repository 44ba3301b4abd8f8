/**
 * MACs a bridge has learnt: finds Poly devices that announce nothing, by their MAC prefix and the port they sit on.
 * Source: protocols/snmp.md 5.5; RFC 4188, RFC 4363.
 */
import { type Mac, parseMac } from "../core/ids.ts";
import { ouiOf, worthProbing } from "../families/oui.ts";
import { BRIDGE, CISCO } from "../snmp/oids.ts";
import { numberOf } from "../snmp/values.ts";
import type { Neighbour } from "./neighbour.ts";
import type { Port, Ports } from "./ports.ts";
import { type Column, indexOf, type TableReader } from "./tables.ts";

/** dot1dTpFdbStatus and dot1qTpFdbStatus. */
const LEARNED = 3;
/** More MACs than this on a port and it leads to other switches: a phone with a PC shows two, in two VLANs at most four. */
const MAX_EDGE_MACS = 8;
/** vtpVlanState; VLANs from 1002 to 1005 are Token Ring and FDDI. */
const OPERATIONAL = 1;
/** Each VLAN costs three walks; an access switch carries a few dozen at most. */
const MAX_VLANS = 64;

interface Learnt {
  readonly mac: Mac;
  readonly port: Port;
  readonly vlan?: number;
}

/** Learnt MACs of one table. `vlanOf` tells the VLAN by the row's first number. */
function learnt(table: { ports: Column; status: Column }, portOf: (bridgePort: number) => Port | undefined, vlanOf: VlanOf): Learnt[] {
  const found: Learnt[] = [];
  for (const [row, value] of table.ports) {
    const index = indexOf(row);
    const octets = index.slice(-6);
    const state = numberOf(table.status.get(row));
    if (octets.length !== 6 || octets.some((octet) => octet > 255)) continue;
    const mac = parseMac(Buffer.from(octets).toString("hex"));
    // A port the bridge ties to no interface is the switch itself, or a bundle: nobody sits there.
    const port = portOf(numberOf(value) ?? 0);
    const vlan = vlanOf(index[0] ?? 0);
    if (mac === undefined || port === undefined || (state !== undefined && state !== LEARNED)) continue;
    found.push({ mac, port, ...(vlan === undefined ? {} : { vlan }) });
  }
  return found;
}

type VlanOf = (database: number) => number | undefined;

/** The filtering databases, each with its VLAN; `undefined` where several VLANs share it. */
async function readDatabases(read: TableReader): Promise<ReadonlyMap<number, number | undefined>> {
  const vlans = new Map<number, number | undefined>();
  for (const [row, value] of await read.column(BRIDGE.vlanFdbId)) {
    const [database, vlan] = [numberOf(value), indexOf(row).at(-1)];
    if (database !== undefined) vlans.set(database, vlans.has(database) ? undefined : vlan);
  }
  return vlans;
}

async function readTable(read: TableReader, ports: Ports): Promise<Learnt[]> {
  let known: Promise<ReadonlyMap<number, number | undefined>> | undefined;
  const databases = (): Promise<ReadonlyMap<number, number | undefined>> => (known ??= readDatabases(read));
  const byDatabase = async (): Promise<readonly number[]> => [...(await databases()).keys()];
  const q = { ports: await read.longColumn(BRIDGE.qFdbPort, byDatabase), status: await read.longColumn(BRIDGE.qFdbStatus, byDatabase) };
  if (q.ports.size > 0) {
    const vlans = await databases();
    return learnt(q, ports.byBridgePort, (database) => vlans.get(database));
  }
  const plain = { ports: await read.column(BRIDGE.fdbPort), status: await read.column(BRIDGE.fdbStatus) };
  return learnt(plain, ports.byBridgePort, () => undefined);
}

/**
 * Cisco shows one VLAN at a time, with bridge ports numbered anew in each. A VLAN that stays silent ends it: the switch, or our
 * access, knows no such names.
 */
async function readByVlan(read: TableReader, ports: Ports, inVlan: (vlan: number) => TableReader): Promise<Learnt[]> {
  const states = [...(await read.column(CISCO.vlanState))].filter(([, state]) => numberOf(state) === OPERATIONAL);
  const vlans = states.map(([row]) => indexOf(row).at(-1) ?? 0).filter((vlan) => vlan >= 1 && vlan < 1002);
  const found: Learnt[] = [];
  for (const vlan of vlans.slice(0, MAX_VLANS)) {
    const own = inVlan(vlan);
    const bridge = await own.column(BRIDGE.basePortIfIndex);
    const table = { ports: await own.column(BRIDGE.fdbPort), status: await own.column(BRIDGE.fdbStatus) };
    if (own.ended !== undefined) break;
    const portOf = (bridgePort: number): Port | undefined => {
      const ifIndex = numberOf(bridge.get(String(bridgePort)));
      return ifIndex === undefined || ifIndex === 0 ? undefined : ports.byIfIndex(ifIndex);
    };
    found.push(...learnt(table, portOf, () => vlan));
  }
  return found;
}

/**
 * Devices with a Poly MAC on an edge port, each on the port with the fewest MACs.
 *
 * @param by.uplinks  names of ports with a bridge behind them, whatever they have learnt
 * @param by.inVlan   the tables of one VLAN, on a switch that keeps them apart
 */
export async function readBridge(
  read: TableReader,
  ports: Ports,
  by: { readonly uplinks: ReadonlySet<string>; readonly inVlan?: (vlan: number) => TableReader },
): Promise<Neighbour[]> {
  const apart = by.inVlan === undefined ? [] : await readByVlan(read, ports, by.inVlan);
  const entries = apart.length > 0 ? apart : await readTable(read, ports);
  /** What each port has learnt: MACs, and the VLANs of each. */
  const macsOn = new Map<string, Map<Mac, Set<number>>>();
  for (const { mac, port, vlan } of entries) {
    const macs = macsOn.get(port.name) ?? new Map<Mac, Set<number>>();
    macsOn.set(port.name, macs);
    const vlans = macs.get(mac) ?? new Set();
    macs.set(mac, vlan === undefined ? vlans : vlans.add(vlan));
  }
  const count = (port: Port): number => macsOn.get(port.name)?.size ?? 0;
  const best = new Map<Mac, Port>();
  for (const { mac, port } of entries) {
    const other = best.get(mac);
    if (worthProbing(mac) && (other === undefined || count(port) < count(other))) best.set(mac, port);
  }
  const found: Neighbour[] = [];
  for (const [mac, port] of best) {
    if (by.uplinks.has(port.name) || count(port) > MAX_EDGE_MACS) continue;
    const { name, ...rest } = port;
    const vlans = [...(macsOn.get(name)?.get(mac) ?? [])].toSorted((a, b) => a - b);
    const behind = [...(macsOn.get(name)?.keys() ?? [])].filter((other) => !worthProbing(other)).toSorted();
    const vendor = ouiOf(mac)?.maker;
    const facts = { mac, ...(vendor === undefined ? {} : { vendor }) };
    const more = { ...(vlans.length === 0 ? {} : { vlans }), ...(behind.length === 0 ? {} : { behind }) };
    found.push({ ...rest, ...more, portName: name, mac, facts, isBridge: false, learntFrom: "bridge" });
  }
  return found;
}
