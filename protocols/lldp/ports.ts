/**
 * A switch's ports under the numbers its tables use: LLDP local port, bridge port, ifIndex, PoE group and port.
 */
import { type Mac, parseMac } from "../core/ids.ts";
import { BRIDGE, INTERFACES, LLDP, POE } from "../snmp/oids.ts";
import { numberOf, type SnmpValue, textOf } from "../snmp/values.ts";
import type { Column, TableReader } from "./tables.ts";

/** One port of the switch; `ifIndex` is absent where no table ties the number to an interface. */
export interface Port {
  readonly name: string;
  readonly ifIndex?: number;
  /** Absent where the switch does not say, as the rest. */
  readonly poeDelivering?: boolean;
  /** What the administrator calls it. */
  readonly alias?: string;
  readonly speedMbps?: number;
  /** The VLAN of untagged frames: a PC's; a phone's own is another, tagged. */
  readonly nativeVlan?: number;
}

/** Ports by the numbers the tables use; an unknown number gets a name made of it. */
export interface Ports {
  /** Of every interface that has a name. */
  readonly ifIndexes: readonly number[];
  byIfIndex(ifIndex: number): Port;
  byLldpPort(localPort: number): Port;
  /** `undefined` where the bridge ties the port to no interface. */
  byBridgePort(bridgePort: number): Port | undefined;
}

/** What is known of interfaces, by ifIndex. */
interface Tables {
  readonly names: ReadonlyMap<number, string>;
  readonly descriptions: ReadonlyMap<number, string>;
  readonly bridge: ReadonlyMap<number, number>;
  readonly poe: ReadonlyMap<number, boolean>;
  readonly aliases: ReadonlyMap<number, string>;
  readonly speeds: ReadonlyMap<number, number>;
  readonly nativeVlans: ReadonlyMap<number, number>;
}

/** Six octets as a MAC. */
export function macOf(value: SnmpValue | undefined): Mac | undefined {
  return value?.type === "octets" && value.value.length === 6 ? parseMac(value.value.toString("hex")) : undefined;
}

/** ifOperStatus, pethPsePortDetectionStatus. */
const DELIVERING = 3;
/** LldpPortIdSubtype (IEEE 802.1AB-2005, 9.5.3.2). */
const PORT_ID = { mac: 3, ifName: 5 } as const;

function texts(column: Column): Map<number, string> {
  const found = new Map<number, string>();
  for (const [row, value] of column) {
    const text = textOf(value);
    if (text !== undefined) found.set(Number(row), text);
  }
  return found;
}

function numbers(column: Column): Map<number, number> {
  const found = new Map<number, number>();
  for (const [row, value] of column) {
    const number = numberOf(value);
    if (number !== undefined && number > 0) found.set(Number(row), number);
  }
  return found;
}

/** What the tables say of an interface besides its name. */
function detailsOf(ifIndex: number, tables: Tables): Omit<Port, "name"> {
  const poe = tables.poe.get(ifIndex);
  const alias = tables.aliases.get(ifIndex);
  const speed = tables.speeds.get(ifIndex);
  const vlan = tables.nativeVlans.get(ifIndex);
  return {
    ifIndex,
    ...(poe === undefined ? {} : { poeDelivering: poe }),
    ...(alias === undefined ? {} : { alias }),
    ...(speed === undefined ? {} : { speedMbps: speed }),
    ...(vlan === undefined ? {} : { nativeVlan: vlan }),
  };
}

function firstWith<K>(map: ReadonlyMap<K, string>, wanted: string | undefined): K | undefined {
  if (wanted === undefined) return undefined;
  for (const [key, value] of map) if (value === wanted) return key;
  return undefined;
}

/**
 * PoE rows are group.port, which no standard ties to an ifIndex: with one group the port is the bridge port (or the ifIndex);
 * with several (a stack) the interface whose name begins its numbers with the group and ends them with the port.
 */
function poeByIfIndex(column: Column, names: ReadonlyMap<number, string>, bridge: ReadonlyMap<number, number>): Map<number, number> {
  const groups = new Set([...column.keys()].map((row) => row.split(".", 1)[0]));
  const byNumbers = new Map<string, number>();
  for (const [ifIndex, name] of names) {
    const numbers = name.match(/\d+/g);
    if (numbers !== null && numbers.length > 1) byNumbers.set(`${numbers[0]}.${numbers.at(-1)}`, ifIndex);
  }
  const found = new Map<number, number>();
  for (const [row, value] of column) {
    const status = numberOf(value);
    const port = Number(row.split(".")[1]);
    const ifIndex = groups.size > 1 ? byNumbers.get(row) : (bridge.get(port) ?? (names.has(port) ? port : undefined));
    if (status !== undefined && ifIndex !== undefined) found.set(ifIndex, status);
  }
  return found;
}

/** The local LLDP port as an interface: by interface name, by MAC, or by a description that is an interface's. */
function lldpPorts(local: { id: Column; subtype: Column; description: Column }, physical: Column, tables: Tables): Map<number, Port> {
  const byMac = new Map<Mac, number>();
  for (const [row, value] of physical) {
    const mac = macOf(value);
    // A MAC that many interfaces share names none of them.
    if (mac !== undefined) byMac.set(mac, byMac.has(mac) ? Number.NaN : Number(row));
  }
  const found = new Map<number, Port>();
  for (const [row, value] of local.id) {
    const subtype = numberOf(local.subtype.get(row));
    const id = subtype === PORT_ID.mac ? undefined : textOf(value);
    const description = textOf(local.description.get(row));
    const mac = subtype === PORT_ID.mac ? macOf(value) : undefined;
    const byAddress = mac === undefined ? undefined : byMac.get(mac);
    const ifIndex =
      (Number.isNaN(byAddress) ? undefined : byAddress) ??
      firstWith(tables.names, id) ??
      firstWith(tables.descriptions, id) ??
      firstWith(tables.descriptions, description) ??
      firstWith(tables.names, description);
    const name =
      (ifIndex === undefined ? undefined : tables.names.get(ifIndex)) ?? (subtype === PORT_ID.ifName ? id : undefined) ?? description ?? id;
    found.set(Number(row), { name: name ?? `port ${row}`, ...(ifIndex === undefined ? {} : detailsOf(ifIndex, tables)) });
  }
  return found;
}

/** Reads what names the ports: IF-MIB, the LLDP local port table, the bridge's ports, PoE. */
export async function readPorts(read: TableReader): Promise<Ports> {
  const names = texts(await read.column(INTERFACES.ifName));
  const descriptions = texts(await read.column(INTERFACES.ifDescr));
  const bridge = numbers(await read.column(BRIDGE.basePortIfIndex));
  const known = names.size > 0 ? names : descriptions;
  const vlans = [...numbers(await read.column(BRIDGE.pvid))].flatMap(([port, vlan]) => {
    const ifIndex = bridge.get(port);
    return ifIndex === undefined ? [] : [[ifIndex, vlan] as const];
  });
  const tables: Tables = {
    names: known,
    descriptions,
    bridge,
    poe: new Map(
      [...poeByIfIndex(await read.column(POE.detectionStatus), known, bridge)].map(([ifIndex, status]) => [ifIndex, status === DELIVERING]),
    ),
    aliases: texts(await read.column(INTERFACES.ifAlias)),
    speeds: numbers(await read.column(INTERFACES.ifHighSpeed)),
    nativeVlans: new Map(vlans),
  };
  const local = {
    subtype: await read.column(LLDP.locPortIdSubtype),
    id: await read.column(LLDP.locPortId),
    description: await read.column(LLDP.locPortDesc),
  };
  const byMac = [...local.subtype.values()].some((value) => numberOf(value) === PORT_ID.mac);
  const lldp = lldpPorts(local, byMac ? await read.column(INTERFACES.ifPhysAddress) : new Map(), tables);
  const byIfIndex = (ifIndex: number): Port => ({
    name: known.get(ifIndex) ?? `interface ${ifIndex}`,
    ...detailsOf(ifIndex, tables),
  });
  return {
    ifIndexes: [...known.keys()],
    byIfIndex,
    byLldpPort: (localPort) => lldp.get(localPort) ?? { name: `port ${localPort}` },
    byBridgePort(bridgePort) {
      const ifIndex = bridge.get(bridgePort);
      return ifIndex === undefined ? undefined : byIfIndex(ifIndex);
    },
  };
}

/** Does a port have a link, and does the switch feed what hangs there? `searching`: it would, and finds nobody. */
export interface PortState {
  readonly name: string;
  readonly isUp: boolean;
  readonly power: "delivering" | "searching" | "off" | "fault" | "unknown";
}

/** ifOperStatus up, ifType ethernetCsmacd. */
const UP = 1;
const ETHERNET = 6;
/** pethPsePortDetectionStatus: disabled, searching, deliveringPower, fault, test, otherFault. Source: RFC 3621. */
const POWER: Readonly<Record<number, PortState["power"]>> = {
  1: "off",
  2: "searching",
  3: "delivering",
  4: "fault",
  5: "unknown",
  6: "fault",
};

/** How each Ethernet port stands now; empty where the agent has none. */
export async function readPortStates(read: TableReader): Promise<readonly PortState[]> {
  const names = texts(await read.column(INTERFACES.ifName));
  const known = names.size > 0 ? names : texts(await read.column(INTERFACES.ifDescr));
  const types = await read.column(INTERFACES.ifType);
  const states = await read.column(INTERFACES.ifOperStatus);
  const bridge = numbers(await read.column(BRIDGE.basePortIfIndex));
  const poe = poeByIfIndex(await read.column(POE.detectionStatus), known, bridge);
  return [...known].flatMap(([ifIndex, name]): PortState[] => {
    const state = numberOf(states.get(String(ifIndex)));
    const type = numberOf(types.get(String(ifIndex)));
    if (state === undefined || (type !== undefined && type !== ETHERNET)) return [];
    return [{ name, isUp: state === UP, power: POWER[poe.get(ifIndex) ?? 0] ?? "unknown" }];
  });
}
