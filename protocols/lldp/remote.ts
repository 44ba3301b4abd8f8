/**
 * The neighbours a switch has heard by LLDP (both MIBs, with MED inventory) and CDP.
 * Source: protocols/snmp.md 5.1 to 5.5; IEEE 802.1AB-2005 and -2009; ANSI/TIA-1057; CISCO-CDP-MIB.
 */

import {           parseMac } from "../core/ids.ts";
import { parseVersion,              } from "../core/version.ts";
import { familyOfModel, normaliseModel, vendorOf } from "../families/models.ts";
import { worthProbing } from "../families/oui.ts";
import { CDP, LLDP, LLDP_V2 } from "../snmp/oids.ts";
import { numberOf,                 textOf } from "../snmp/values.ts";
import { parseLldpDescription } from "./description.ts";

import { macOf,            } from "./ports.ts";
import {              indexOf,                  } from "./tables.ts";

/** LldpChassisIdSubtype and LldpPortIdSubtype. */
const CHASSIS = { mac: 4, network: 5 }         ;
const PORT_MAC = 3;
/** LldpSystemCapabilitiesMap: bit 2 of the first octet from the left. */
const BRIDGE_BIT = 0x20;
const TELEPHONE_BIT = 0x04;
const EMPTY         = new Map();

async function readRemote(read             , table        , columns                   )                  {
  const [chassisSubtype = 0, chassisId = 0, portSubtype = 0, portId = 0, sysName = 0, sysDescription = 0, enabled = 0] = columns;
  const column = (number        )                  => read.column(`${table}.${number}`);
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
function addressOf(value                       )                     {
  if (value?.type !== "octets" || value.value.length !== 5 || value.value[0] !== 1) return undefined;
  return hostAddress(value.value.subarray(1));
}

function hostAddress(octets        )                     {
  return octets.length === 4 && octets.readUInt32BE(0) !== 0 ? octets.join(".") : undefined;
}

const firstOctet = (value                       )         => (value?.type === "octets" ? (value.value[0] ?? 0) : 0);

function neighbourOf(remote        , row        )                                             {
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

/** Management addresses by remote row: the address is in the index after the row's three numbers: subtype, length, octets. */
function managementAddresses(column        )                      {
  const found = new Map                ();
  for (const row of column.keys()) {
    const [mark, port, index, subtype, length, ...octets] = indexOf(row);
    const address = subtype === 1 && length === 4 && octets.length === 4 ? hostAddress(Buffer.from(octets)) : undefined;
    const key = `${mark}.${port}.${index}`;
    if (address !== undefined && !found.has(key)) found.set(key, address);
  }
  return found;
}

const bareVersion = (text                    )                      => {
  const [, stated = text] = /^(?:SIP|UP|BR)\/([^/]*)/i.exec(text ?? "") ?? [];
  return stated === undefined ? undefined : parseVersion(stated)?.text;
};

/**
 * LLDP-MED inventory as facts. Which field a Poly phone fills with what is inferred (protocols/snmp.md 5.4), so it only fills
 * what the description leaves open, and only where maker or model is ours.
 */
function inventoryFacts(inventory        , row        )              {
  const text = (number        )                     => textOf(inventory.get(`${number}.${row}`));
  const maker = text(5);
  const model = text(6);
  if (vendorOf(maker ?? "") === undefined && familyOfModel(model ?? "") === undefined) return {};
  const [, partNumber] = /^(\d{4}-\d{5}-\d{3})/.exec(text(1) ?? "") ?? [];
  const updater = bareVersion(text(2));
  const application = bareVersion(text(3));
  const running          = { ...(application === undefined ? {} : { application }), ...(updater === undefined ? {} : { updater }) };
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
export function mergeFacts(first             , second             )              {
  const running = { ...second.running, ...first.running };
  return { ...second, ...first, ...(Object.keys(running).length === 0 ? {} : { running }) };
}

/** Neighbours of LLDP-MIB. */
export async function readLldp(read             , ports       )                       {
  const remote = await readRemote(read, LLDP.remTable, [4, 5, 6, 7, 9, 10, 12]);
  if (remote.chassisId.size === 0) return [];
  const management = managementAddresses(await read.column(`${LLDP.remManAddrTable}.3`));
  const inventory = await read.column(LLDP.medInventory);
  return [...remote.chassisId.keys()].map((row) => {
    const found = neighbourOf(remote, row);
    const facts = mergeFacts(found.facts, inventoryFacts(inventory, row));
    const managementAddress = management.get(row);
    const { name, ...port } = ports.byLldpPort(indexOf(row)[1] ?? 0);
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
export async function readLldpV2(read             , ports       )                       {
  const remote = await readRemote(read, LLDP_V2.remTable, [5, 6, 7, 8, 10, 11, 13]);
  return [...remote.chassisId.keys()].map((row) => {
    const { name, ...port } = ports.byIfIndex(indexOf(row)[1] ?? 0);
    return { ...neighbourOf(remote, row), ...port, portName: name, learntFrom: "lldp-v2" };
  });
}

/** `SEP<mac>` names the MAC; `SEP` does not mean Cisco (protocols/snmp.md 5.2). */
const CDP_DEVICE = /^SEP([0-9A-F]{12})$/i;

/** Neighbours of CISCO-CDP-MIB; only those that are ours by platform or MAC prefix carry facts. */
export async function readCdp(read             , ports       )                       {
  const names = await read.column(`${CDP.cache}.6`);
  if (names.size === 0) return [];
  const [addresses, versions, platforms, capabilities] = [
    await read.column(`${CDP.cache}.4`),
    await read.column(`${CDP.cache}.5`),
    await read.column(`${CDP.cache}.8`),
    await read.column(`${CDP.cache}.9`),
  ];
  return [...names].map(([row, value]) => {
    const sysName = textOf(value);
    const platform = textOf(platforms.get(row)) ?? "";
    const version = textOf(versions.get(row)) ?? "";
    const mac                  = parseMac(CDP_DEVICE.exec(sysName ?? "")?.[1] ?? "");
    const stated = parseLldpDescription(platform);
    const ours = stated.model !== undefined || (mac !== undefined && worthProbing(mac));
    const facts = ours ? mergeFacts(stated, parseLldpDescription(version)) : {};
    const address = addresses.get(row);
    const managementAddress = address?.type === "octets" ? hostAddress(address.value) : undefined;
    // cdpCacheCapabilities: 0x02 transparent bridge, 0x08 switch, 0x80 phone.
    const last = capabilities.get(row);
    const bits = last?.type === "octets" ? (last.value.at(-1) ?? 0) : 0;
    const { name, ...port } = ports.byIfIndex(indexOf(row)[0] ?? 0);
    return {
      ...port,
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

