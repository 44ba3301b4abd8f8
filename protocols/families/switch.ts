/**
 * Switches: watched, never updated. What they know of their neighbours is read by `lldp/neighbours.ts`.
 * Source: protocols/snmp.md 5.5 (RFC 2863, RFC 3621, RFC 4188, RFC 6933).
 */

import type { DeviceFacts, DeviceRead } from "../core/device.ts";
import type { Reading } from "../core/reading.ts";
import { MINUTE } from "../core/time.ts";
import { macOf } from "../lldp/ports.ts";
import { type TableReader, tableReader } from "../lldp/tables.ts";
import { BRIDGE, CDP, ENTITY, INTERFACES, isUnder, LLDP, LLDP_V2, POE } from "../snmp/oids.ts";
import { numberOf, textOf } from "../snmp/values.ts";
import { defineFamily, type FamilyIo, type FirstLook, type Recognised, type Target } from "./family.ts";
import { lookAtSystem, nothingRead, readSystem, type SystemGroup, systemEvidence, systemFacts } from "./snmp-system.ts";

/**
 * Where makers of access switches register them. From the public enterprise numbers and general knowledge, so it makes a switch
 * likely, not certain: bridge ports found by a read decide.
 */
const SWITCH_OBJECTS: readonly { readonly under: string; readonly vendor: string }[] = [
  { under: "1.3.6.1.4.1.9.1", vendor: "Cisco" },
  { under: "1.3.6.1.4.1.11.2.3.7.11", vendor: "HP" },
  { under: "1.3.6.1.4.1.47196.4.1.1", vendor: "Aruba" },
  { under: "1.3.6.1.4.1.2636.1.1.1", vendor: "Juniper" },
  { under: "1.3.6.1.4.1.1916.2", vendor: "Extreme" },
  { under: "1.3.6.1.4.1.1991.1.3", vendor: "Ruckus" },
  { under: "1.3.6.1.4.1.674.10895", vendor: "Dell" },
  { under: "1.3.6.1.4.1.4526.100", vendor: "Netgear" },
  { under: "1.3.6.1.4.1.171.10", vendor: "D-Link" },
  { under: "1.3.6.1.4.1.2011.2.23", vendor: "Huawei" },
  { under: "1.3.6.1.4.1.207.1", vendor: "Allied Telesis" },
];
const SAYS_SWITCH = /\bswitch\b|\bcatalyst\b|\bprocurve\b/i;
/** entPhysicalClass. */
const CHASSIS = 3;
/** ifType ethernetCsmacd; ifOperStatus up; pethPsePortDetectionStatus deliveringPower. */
const ETHERNET = 6;
const UP = 1;
const DELIVERING = 3;

function recognise(look: FirstLook, atMs: number): Recognised | undefined {
  const { snmp } = look;
  if (snmp === undefined) return undefined;
  const maker = SWITCH_OBJECTS.find(({ under }) => isUnder(snmp.sysObjectId ?? "", under));
  const says = SAYS_SWITCH.test(snmp.sysDescr ?? "");
  if (maker === undefined && !says) return undefined;
  return {
    confidence: maker === undefined ? 0.55 : says ? 0.8 : 0.6,
    facts: { ...systemFacts(snmp), family: "switch", ...(maker === undefined ? {} : { vendor: maker.vendor }) },
    evidence: systemEvidence(snmp, atMs),
  };
}

async function chassisFacts(read: TableReader): Promise<DeviceFacts> {
  const classes = await read.column(ENTITY.class);
  const row = [...classes].find(([, value]) => numberOf(value) === CHASSIS)?.[0];
  if (row === undefined) return {};
  const columns = [ENTITY.software, ENTITY.firmware, ENTITY.hardware, ENTITY.serial, ENTITY.maker, ENTITY.model];
  const values = await read.get(columns.map((column) => `${column}.${row}`));
  const text = (column: string): string | undefined => textOf(values.get(`${column}.${row}`));
  const [serial, vendor, model] = [text(ENTITY.serial), text(ENTITY.maker), text(ENTITY.model)];
  // Every maker has its own form: kept as it is told. Whoever orders versions finds those that are none of Poly's not comparable.
  const application = text(ENTITY.software) ?? text(ENTITY.firmware);
  const revision = text(ENTITY.hardware);
  return {
    ...(serial === undefined ? {} : { serial }),
    ...(vendor === undefined ? {} : { vendor }),
    ...(model === undefined ? {} : { model }),
    ...(revision === undefined ? {} : { revision }),
    ...(application === undefined ? {} : { running: { application } }),
  };
}

/** `undefined` where no table lists one and not every table could be read. */
async function countNeighbours(read: TableReader): Promise<number | undefined> {
  const faultsBefore = read.faults.length;
  // One of them is enough: a device that speaks both LLDP and CDP must not count twice.
  for (const column of [`${LLDP.remTable}.5`, `${LLDP_V2.remTable}.6`, `${CDP.cache}.6`]) {
    const rows = await read.column(column);
    if (rows.size > 0) return rows.size;
  }
  return read.faults.length === faultsBefore && read.ended === undefined ? 0 : undefined;
}

async function portReading(read: TableReader): Promise<Reading> {
  const types = await read.column(INTERFACES.ifType);
  const states = await read.column(INTERFACES.ifOperStatus);
  const poe = await read.column(POE.detectionStatus);
  const up = [...states].filter(([row, value]) => numberOf(value) === UP && numberOf(types.get(row)) === ETHERNET).length;
  const delivering = [...poe.values()].filter((value) => numberOf(value) === DELIVERING).length;
  const neighbours = await countNeighbours(read);
  return {
    ...(states.size === 0 || types.size === 0 ? {} : { portsUp: up }),
    ...(states.size === 0 || neighbours === undefined ? {} : { neighbours }),
    ...(poe.size === 0 ? {} : { poePortsDelivering: delivering }),
  };
}

/** Everything read of an agent with interfaces, and its tables for whoever knows more of it. */
export interface NetworkDevice extends DeviceRead {
  readonly bridgePorts: number;
  /** Absent where it did not answer. */
  readonly open?: { readonly read: TableReader; readonly sysObjectId: string };
}

export async function readNetworkDevice(target: Target, io: FamilyIo, signal: AbortSignal): Promise<NetworkDevice> {
  const system = await readSystem(target, io, signal, [BRIDGE.numPorts, BRIDGE.baseAddress]);
  if (!system.ok) return { ...nothingRead(system.fault), bridgePorts: 0 };
  const { look, values, uptimeSeconds, target: way }: SystemGroup = system.value;
  const read = tableReader(way, io.snmp, signal);
  const reading = await portReading(read);
  const chassis = await chassisFacts(read);
  const mac = macOf(values.get(BRIDGE.baseAddress));
  return {
    ...nothingRead({ kind: "off", via: "snmp" }),
    bridgePorts: numberOf(values.get(BRIDGE.numPorts)) ?? 0,
    facts: { ...systemFacts(look), ...chassis, ...(mac === undefined ? {} : { mac }) },
    reading: { ...reading, ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }) },
    evidence: systemEvidence(look, io.clock.nowMs()),
    faults: read.faults,
    open: { read, sysObjectId: look.sysObjectId ?? "" },
  };
}

export const switchFamily = defineFamily({
  id: "switch",
  name: "Network switch",
  recognise,
  async read(target, io, signal) {
    const { bridgePorts: _, open: _open, ...read } = await readNetworkDevice(target, io, signal);
    return { ...read, facts: { ...read.facts, family: "switch" } };
  },
  look: lookAtSystem,
  snmpAlone: true,
  limits: { inFlightPerSite: 1, pollMs: 5 * MINUTE },
});
