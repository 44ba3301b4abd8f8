/**
 * The neighbours a switch has heard by LLDP (both MIBs, with MED inventory) and CDP.
 * Source: protocols/snmp.md 5.1 to 5.5; IEEE 802.1AB-2005 and -2009; ANSI/TIA-1057; CISCO-CDP-MIB.
 */
import type { DeviceFacts, Running } from "../core/device.ts";
import { type Mac, parseMac } from "../core/ids.ts";
import { parseVersion, type Version } from "../core/version.ts";
import { familyOfModel, normaliseModel, vendorOf } from "../families/models.ts";
import { worthProbing } from "../families/oui.ts";
import { withModelOfPart } from "../families/part-numbers.ts";
import { CDP, LLDP, LLDP_V2 } from "../snmp/oids.ts";
import { numberOf, type SnmpValue, textOf } from "../snmp/values.ts";
import { parseLldpDescription } from "./description.ts";
import type { Neighbour } from "./neighbour.ts";
import { macOf, type Ports } from "./ports.ts";
import { type Column, indexOf, type TableReader } from "./tables.ts";

/** LldpChassisIdSubtype and LldpPortIdSubtype. */
const CHASSIS = { mac: 4, network: 5 } as const;
const PORT_MAC = 3;
/** LldpSystemCapabilitiesMap: bit 2 of the first octet from the left. */
const BRIDGE_BIT = 0x20;
const TELEPHONE_BIT = 0x04;
const EMPTY: Column = new Map();

/** The columns of a remote table that are read. */
interface Remote {
  readonly chassisSubtype: Column;
  readonly chassisId: Column;
  readonly portSubtype: Column;
  readonly portId: Column;
  readonly sysName: Column;
  readonly sysDescription: Column;
  readonly enabled: Column;
}

/**
 * Rows without their TimeMark, the number at `at`: it changes while we walk, so a neighbour may stand under one in this column and
 * under another in the next; of several the latest counts. Source: protocols/snmp.md 5.3.
 */
function withoutTimeMark(column: Column, at = 0): Column {
  return new Map([...column].map(([row, value]) => [row.split(".").toSpliced(at, 1).join("."), value]));
}

async function readRemote(read: TableReader, table: string, columns: readonly number[]): Promise<Remote> {
  const [chassisSubtype = 0, chassisId = 0, portSubtype = 0, portId = 0, sysName = 0, sysDescription = 0, enabled = 0] = columns;
  const column = async (number: number): Promise<Column> => withoutTimeMark(await read.column(`${table}.${number}`));
  // The chassis id is the one column every neighbour has: without it there is no table.
  const ids = await column(chassisId);
  if (ids.size === 0) {
    return {
      chassisSubtype: EMPTY,
      chassisId: EMPTY,
      portSubtype: EMPTY,
      portId: EMPTY,
      sysName: EMPTY,
      sysDescription: EMPTY,
      enabled: EMPTY,
    };
  }
  return {
    chassisId: ids,
    chassisSubtype: await column(chassisSubtype),
    portSubtype: await column(portSubtype),
    portId: await column(portId),
    sysName: await column(sysName),
    sysDescription: await column(sysDescription),
    enabled: await column(enabled),
  };
}

/** Family octet 1 and four octets; 0.0.0.0 is a phone still waiting for DHCP. */
function addressOf(value: SnmpValue | undefined): string | undefined {
  if (value?.type !== "octets" || value.value.length !== 5 || value.value[0] !== 1) return undefined;
  return hostAddress(value.value.subarray(1));
}

function hostAddress(octets: Buffer): string | undefined {
  return octets.length === 4 && octets.readUInt32BE(0) !== 0 ? octets.join(".") : undefined;
}

const firstOctet = (value: SnmpValue | undefined): number => (value?.type === "octets" ? (value.value[0] ?? 0) : 0);

function neighbourOf(remote: Remote, row: string): Omit<Neighbour, "portName" | "learntFrom"> {
  const chassisKind = numberOf(remote.chassisSubtype.get(row));
  const chassis = remote.chassisId.get(row);
  // Poly phones put their address in the chassis id and their MAC in the port id; most others the MAC in the chassis id.
  const mac =
    (numberOf(remote.portSubtype.get(row)) === PORT_MAC ? macOf(remote.portId.get(row)) : undefined) ??
    (chassisKind === CHASSIS.mac ? macOf(chassis) : undefined);
  const chassisAddress = chassisKind === CHASSIS.network ? addressOf(chassis) : undefined;
  const sysName = textOf(remote.sysName.get(row));
  const description = textOf(remote.sysDescription.get(row));
  const stated = parseLldpDescription(description ?? "");
  const facts = stated.model === undefined && sysName !== undefined ? { ...parseLldpDescription(sysName), ...stated } : stated;
  const enabled = firstOctet(remote.enabled.get(row));
  return {
    facts: { ...facts, ...(mac === undefined ? {} : { mac }) },
    isBridge: (enabled & BRIDGE_BIT) !== 0 && (enabled & TELEPHONE_BIT) === 0,
    ...(mac === undefined ? {} : { mac }),
    ...(chassisAddress === undefined ? {} : { chassisAddress }),
    ...(sysName === undefined ? {} : { sysName }),
    ...(description === undefined ? {} : { description }),
  };
}

/** Management addresses by remote row: the address is in the index after the row's numbers: subtype, length, octets. */
function managementAddresses(column: Column): Map<string, string> {
  const found = new Map<string, string>();
  for (const row of column.keys()) {
    const [port, index, subtype, length, ...octets] = indexOf(row);
    const address = subtype === 1 && length === 4 && octets.length === 4 ? hostAddress(Buffer.from(octets)) : undefined;
    const key = `${port}.${index}`;
    if (address !== undefined && !found.has(key)) found.set(key, address);
  }
  return found;
}

const bareVersion = (text: string | undefined): Version | undefined => {
  const [, stated = text] = /^(?:SIP|UP|BR)\/([^/]*)/i.exec(text ?? "") ?? [];
  return stated === undefined ? undefined : parseVersion(stated)?.text;
};

/**
 * LLDP-MED inventory as facts. Which field a Poly phone fills with what is inferred (protocols/snmp.md 5.4), so it only fills
 * what the description leaves open, and only where maker or model is ours.
 */
function inventoryFacts(inventory: Column, row: string): DeviceFacts {
  const text = (number: number): string | undefined => textOf(inventory.get(`${number}.${row}`));
  const maker = text(5);
  const model = text(6);
  if (vendorOf(maker ?? "") === undefined && familyOfModel(model ?? "") === undefined) return {};
  const [, partNumber] = /^(\d{4}-\d{5}-\d{3})/.exec(text(1) ?? "") ?? [];
  const updater = bareVersion(text(2));
  const application = bareVersion(text(3));
  const running: Running = { ...(application === undefined ? {} : { application }), ...(updater === undefined ? {} : { updater }) };
  const family = model === undefined ? undefined : familyOfModel(model);
  const mac = parseMac(text(4) ?? "");
  return {
    ...(maker === undefined ? {} : { vendor: vendorOf(maker) ?? maker }),
    ...(family === undefined ? {} : { family }),
    ...(model === undefined ? {} : { model: normaliseModel(model) }),
    ...(partNumber === undefined ? {} : { partNumber }),
    ...(Object.keys(running).length === 0 ? {} : { running }),
    ...(mac === undefined ? {} : { mac }),
  };
}

/** What `first` states, and from `second` what it leaves open. */
export function mergeFacts(first: DeviceFacts, second: DeviceFacts): DeviceFacts {
  const running = { ...second.running, ...first.running };
  return { ...second, ...first, ...(Object.keys(running).length === 0 ? {} : { running }) };
}

/** Neighbours of LLDP-MIB. */
export async function readLldp(read: TableReader, ports: Ports): Promise<Neighbour[]> {
  const remote = await readRemote(read, LLDP.remTable, [4, 5, 6, 7, 9, 10, 12]);
  if (remote.chassisId.size === 0) return [];
  const management = managementAddresses(withoutTimeMark(await read.column(`${LLDP.remManAddrTable}.3`)));
  const inventory = withoutTimeMark(await read.column(LLDP.medInventory), 1);
  return [...remote.chassisId.keys()].map((row) => {
    const found = neighbourOf(remote, row);
    const facts = withModelOfPart(mergeFacts(found.facts, inventoryFacts(inventory, row)));
    const managementAddress = management.get(row);
    const { name, ...port } = ports.byLldpPort(indexOf(row)[0] ?? 0);
    const mac = found.mac ?? facts.mac;
    return {
      ...found,
      ...port,
      portName: name,
      facts,
      learntFrom: "lldp",
      ...(mac === undefined ? {} : { mac }),
      ...(managementAddress === undefined ? {} : { managementAddress }),
    };
  });
}

/** Neighbours of LLDP-V2-MIB, whose rows carry the ifIndex itself. */
export async function readLldpV2(read: TableReader, ports: Ports): Promise<Neighbour[]> {
  const remote = await readRemote(read, LLDP_V2.remTable, [5, 6, 7, 8, 10, 11, 13]);
  return [...remote.chassisId.keys()].map((row) => {
    const { name, ...port } = ports.byIfIndex(indexOf(row)[0] ?? 0);
    return { ...neighbourOf(remote, row), ...port, portName: name, learntFrom: "lldp-v2" };
  });
}

/** `SEP<mac>` names the MAC; `SEP` does not mean Cisco (protocols/snmp.md 5.2). */
const CDP_DEVICE = /^SEP([0-9A-F]{12})$/i;

/** Neighbours of CISCO-CDP-MIB; only those that are ours by platform or MAC prefix carry facts. */
export async function readCdp(read: TableReader, ports: Ports): Promise<Neighbour[]> {
  const names = await read.column(`${CDP.cache}.6`);
  if (names.size === 0) return [];
  const column = (number: number): Promise<Column> => read.column(`${CDP.cache}.${number}`);
  const [addresses, versions, platforms, capabilities] = [await column(4), await column(5), await column(8), await column(9)];
  const [nativeVlans, voiceVlans, powers] = [await column(11), await column(14), await column(15)];
  return [...names].map(([row, value]) => {
    const sysName = textOf(value);
    const platform = textOf(platforms.get(row)) ?? "";
    const version = textOf(versions.get(row)) ?? "";
    const mac: Mac | undefined = parseMac(CDP_DEVICE.exec(sysName ?? "")?.[1] ?? "");
    const named = parseLldpDescription(platform);
    const ours = named.model !== undefined || (mac !== undefined && worthProbing(mac));
    const facts = ours ? mergeFacts(named, parseLldpDescription(version)) : {};
    const address = addresses.get(row);
    const managementAddress = address?.type === "octets" ? hostAddress(address.value) : undefined;
    // cdpCacheCapabilities: 0x02 transparent bridge, 0x08 switch, 0x80 phone.
    const last = capabilities.get(row);
    const bits = last?.type === "octets" ? (last.value.at(-1) ?? 0) : 0;
    const { name, ...port } = ports.byIfIndex(indexOf(row)[0] ?? 0);
    // All ones and zero mean that the neighbour does not say.
    const stated = (of: Column, most: number): number | undefined => {
      const number = numberOf(of.get(row));
      return number === undefined || number <= 0 || number > most ? undefined : number;
    };
    const [nativeVlan, voiceVlan, powerMilliwatts] = [stated(nativeVlans, 4_094), stated(voiceVlans, 4_094), stated(powers, 100_000)];
    return {
      ...port,
      ...(nativeVlan === undefined ? {} : { nativeVlan }),
      ...(voiceVlan === undefined ? {} : { voiceVlan }),
      ...(powerMilliwatts === undefined ? {} : { powerMilliwatts }),
      portName: name,
      learntFrom: "cdp",
      facts: { ...facts, ...(mac === undefined ? {} : { mac }) },
      isBridge: (bits & 0x0a) !== 0 && (bits & 0x80) === 0 && !ours,
      ...(mac === undefined ? {} : { mac }),
      ...(sysName === undefined ? {} : { sysName }),
      ...(platform === "" ? {} : { description: platform }),
      ...(managementAddress === undefined ? {} : { managementAddress }),
    };
  });
}
