/**
 * Object identifiers we ask for, and how they are compared: by components, never as text.
 * Source: protocols/snmp.md 3 to 5.
 */

/** SNMPv2-MIB system group. */
export const SYSTEM = {
  sysDescr: "1.3.6.1.2.1.1.1.0",
  sysObjectID: "1.3.6.1.2.1.1.2.0",
  sysUpTime: "1.3.6.1.2.1.1.3.0",
  sysContact: "1.3.6.1.2.1.1.4.0",
  sysName: "1.3.6.1.2.1.1.5.0",
  sysLocation: "1.3.6.1.2.1.1.6.0",
} as const;

/** Enterprises whose devices we know something about. */
export const ENTERPRISE = {
  polycom: "1.3.6.1.4.1.13885",
  /** RealPresence Group; the same layout is expected on VideoOS. */
  polycomEndpoint: "1.3.6.1.4.1.13885.101",
  polycomMcu: "1.3.6.1.4.1.13885.110",
  polycomRmx: "1.3.6.1.4.1.13885.9.1.10",
  polycomRprm: "1.3.6.1.4.1.13885.102",
  polycomDma: "1.3.6.1.4.1.13885.13",
  /** ViaVideo: HDX and VSX. */
  viaVideo: "1.3.6.1.4.1.2684.1.1",
  /** Any Linux with net-snmp left at its defaults, and some RMX traps: names nobody. */
  netSnmp: "1.3.6.1.4.1.8072.3.2.10",
} as const;

/** Under `ENTERPRISE.polycomEndpoint`: 1 disabled, 2 ok, 3 failed. */
export const ENDPOINT = {
  overallStatus: "1.3.6.1.4.1.13885.101.1.3.1.0",
  microphoneName: "1.3.6.1.4.1.13885.101.1.3.5.2.1.2",
  microphoneStatus: "1.3.6.1.4.1.13885.101.1.3.5.2.1.3",
  cameraName: "1.3.6.1.4.1.13885.101.1.3.6.2.1.2",
  cameraStatus: "1.3.6.1.4.1.13885.101.1.3.6.2.1.3",
  nicName: "1.3.6.1.4.1.13885.101.1.3.10.2.1.2",
  nicStatus: "1.3.6.1.4.1.13885.101.1.3.10.2.1.6",
  ptcStatus: "1.3.6.1.4.1.13885.101.1.3.11.1.0",
  ucBoardStatus: "1.3.6.1.4.1.13885.101.1.3.12.1.0",
  activeConferences: "1.3.6.1.4.1.13885.101.1.5.1.0",
} as const;

/** Conference bridge, under `ENTERPRISE.polycomMcu`: hardware states as in `ENDPOINT`. */
export const MCU = {
  software: "1.3.6.1.4.1.13885.110.1.1.1.0",
  type: "1.3.6.1.4.1.13885.110.1.1.3.0",
  overallStatus: "1.3.6.1.4.1.13885.110.1.3.1.0",
  boardStatus: "1.3.6.1.4.1.13885.110.1.3.2.1.0",
  fanStatus: "1.3.6.1.4.1.13885.110.1.3.3.1.0",
  supplyStatus: "1.3.6.1.4.1.13885.110.1.3.4.1.0",
  newCalls: "1.3.6.1.4.1.13885.110.1.4.2.1.0",
  voiceCalls: "1.3.6.1.4.1.13885.110.1.4.4.1.1.0",
  videoCalls: "1.3.6.1.4.1.13885.110.1.4.4.2.1.0",
  conferences: "1.3.6.1.4.1.13885.110.1.5.1.0",
} as const;

/** Resource Manager, under `ENTERPRISE.polycomRprm`. */
export const RPRM = {
  provisioningStatus: "1.3.6.1.4.1.13885.102.1.2.2.1.0",
  updateStatus: "1.3.6.1.4.1.13885.102.1.2.3.1.0",
  /** Both of the last 60 minutes. */
  updateFailures: "1.3.6.1.4.1.13885.102.1.2.3.2.0",
  updateSuccesses: "1.3.6.1.4.1.13885.102.1.2.3.3.0",
  sites: "1.3.6.1.4.1.13885.102.1.2.14.3.0",
  siteNames: "1.3.6.1.4.1.13885.102.1.2.14.4.1.2",
  siteCalls: "1.3.6.1.4.1.13885.102.1.2.14.4.1.4",
  siteLinks: "1.3.6.1.4.1.13885.102.1.2.14.5.0",
  availabilityState: "1.3.6.1.4.1.13885.102.1.2.16.1.0",
  availabilityReason: "1.3.6.1.4.1.13885.102.1.2.16.2.0",
  licenceCapacity: "1.3.6.1.4.1.13885.102.1.2.20.1.0",
  licenceUsage: "1.3.6.1.4.1.13885.102.1.2.20.2.0",
  /** 0 by user, 1 by device. */
  licenceMode: "1.3.6.1.4.1.13885.102.1.2.20.3.0",
  endpointLicences: {
    "audio 1": "1.3.6.1.4.1.13885.102.1.2.23.1.0",
    "audio 2": "1.3.6.1.4.1.13885.102.1.2.23.2.0",
    "video 1": "1.3.6.1.4.1.13885.102.1.2.24.1.0",
    "video 2": "1.3.6.1.4.1.13885.102.1.2.24.2.0",
  },
} as const;

/** DMA, under `ENTERPRISE.polycomDma`: columns, and the table of active alerts. */
export const DMA = {
  clusterNames: "1.3.6.1.4.1.13885.13.2.2.3.2.1.2",
  clusterStates: "1.3.6.1.4.1.13885.13.2.2.3.2.1.3",
  activeEndpoints: "1.3.6.1.4.1.13885.13.2.3.3.1.2.1.3",
  inactiveEndpoints: "1.3.6.1.4.1.13885.13.2.3.3.1.2.1.4",
  alerts: "1.3.6.1.4.1.13885.13.2.4.1.2.1",
} as const;

/** HOST-RESOURCES-MIB hrProcessorLoad in percent; UCD-SNMP-MIB real memory in KB. Source: RFC 2790; UCD-SNMP-MIB. */
export const HOST = {
  processorLoad: "1.3.6.1.2.1.25.3.3.1.2",
  memoryTotal: "1.3.6.1.4.1.2021.4.5.0",
  memoryAvailable: "1.3.6.1.4.1.2021.4.6.0",
} as const;

/** Columns of IF-MIB; the row is the ifIndex. */
export const INTERFACES = {
  ifDescr: "1.3.6.1.2.1.2.2.1.2",
  ifType: "1.3.6.1.2.1.2.2.1.3",
  ifPhysAddress: "1.3.6.1.2.1.2.2.1.6",
  ifOperStatus: "1.3.6.1.2.1.2.2.1.8",
  ifName: "1.3.6.1.2.1.31.1.1.1.1",
  /** In million bits per second. */
  ifHighSpeed: "1.3.6.1.2.1.31.1.1.1.15",
  /** What the administrator calls the port. */
  ifAlias: "1.3.6.1.2.1.31.1.1.1.18",
} as const;

/** LLDP-MIB. Rows of the remote tables are TimeMark.LocalPortNum.RemIndex. Source: IEEE 802.1AB-2005. */
export const LLDP = {
  lastChange: "1.0.8802.1.1.2.1.2.1.0",
  locPortIdSubtype: "1.0.8802.1.1.2.1.3.7.1.2",
  locPortId: "1.0.8802.1.1.2.1.3.7.1.3",
  locPortDesc: "1.0.8802.1.1.2.1.3.7.1.4",
  remTable: "1.0.8802.1.1.2.1.4.1.1",
  remManAddrTable: "1.0.8802.1.1.2.1.4.2.1",
  medInventory: "1.0.8802.1.1.2.1.5.4795.1.3.3.1",
} as const;

/** LLDP-V2-MIB: rows are TimeMark.LocalIfIndex.LocalDestMAC.RemIndex. Source: IEEE 802.1AB-2009. */
export const LLDP_V2 = { remTable: "1.3.111.2.802.1.1.13.1.4.1.1" } as const;

/** CISCO-CDP-MIB cdpCacheEntry: rows are ifIndex.deviceIndex. */
export const CDP = { cache: "1.3.6.1.4.1.9.9.23.1.2.1.1" } as const;

/** BRIDGE-MIB, Q-BRIDGE-MIB. Source: RFC 4188, RFC 4363. */
export const BRIDGE = {
  basePortIfIndex: "1.3.6.1.2.1.17.1.4.1.2",
  baseAddress: "1.3.6.1.2.1.17.1.1.0",
  numPorts: "1.3.6.1.2.1.17.1.2.0",
  fdbPort: "1.3.6.1.2.1.17.4.3.1.2",
  fdbStatus: "1.3.6.1.2.1.17.4.3.1.3",
  qFdbPort: "1.3.6.1.2.1.17.7.1.2.2.1.2",
  qFdbStatus: "1.3.6.1.2.1.17.7.1.2.2.1.3",
  /** Row TimeMark.VLAN, value the filtering database. */
  vlanFdbId: "1.3.6.1.2.1.17.7.1.4.2.1.3",
  /** The VLAN of untagged frames, by bridge port. */
  pvid: "1.3.6.1.2.1.17.7.1.4.5.1.1",
} as const;

/** Cisco's enterprise, and CISCO-VTP-MIB vtpVlanState by domain.VLAN: 1 is operational. */
export const CISCO = { enterprise: "1.3.6.1.4.1.9", vlanState: "1.3.6.1.4.1.9.9.46.1.3.1.1.2" } as const;

/** The MAC of an address: row ifIndex.octets, and ifIndex.type.length.octets in the newer table. Source: RFC 4293. */
export const ARP = { netToMedia: "1.3.6.1.2.1.4.22.1.2", netToPhysical: "1.3.6.1.2.1.4.35.1.4" } as const;

/** ENTITY-MIB: columns of the device itself and its parts. Source: RFC 6933. */
export const ENTITY = {
  class: "1.3.6.1.2.1.47.1.1.1.1.5",
  hardware: "1.3.6.1.2.1.47.1.1.1.1.8",
  firmware: "1.3.6.1.2.1.47.1.1.1.1.9",
  software: "1.3.6.1.2.1.47.1.1.1.1.10",
  serial: "1.3.6.1.2.1.47.1.1.1.1.11",
  maker: "1.3.6.1.2.1.47.1.1.1.1.12",
  model: "1.3.6.1.2.1.47.1.1.1.1.13",
} as const;

/** POWER-ETHERNET-MIB pethPsePortDetectionStatus, row group.port: 3 is delivering. Source: RFC 3621. */
export const POE = { detectionStatus: "1.3.6.1.2.1.105.1.1.1.6" } as const;

/** The components of an OID, or `undefined` for text that is none: 2 to 128 numbers of at most 32 bits (RFC 2578, 3.5). */
export function parseOid(text: string): readonly number[] | undefined {
  if (text.length > 1_408 || !/^\d{1,10}(?:\.\d{1,10}){1,127}$/.test(text)) return undefined;
  const parts = text.split(".").map(Number);
  return parts.every((part) => part <= 0xffff_ffff) ? parts : undefined;
}

/** Negative where `a` comes first in a walk, 0 where equal, positive where it comes later. */
export function compareOids(a: readonly number[], b: readonly number[]): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Is `oid` below or equal to `root`? By components: 1.3.6.1.4.1.1388.5 is not under 1.3.6.1.4.1.13885, nor the other way. */
export function isUnder(oid: string, root: string): boolean {
  return oid === root || oid.startsWith(`${root}.`);
}
