/**
 * Polycom's servers by SNMP: RMX (the conference bridge), Resource Manager, DMA. Watched, never updated; a Resource Manager
 * updates endpoints itself, which whoever plans a wave must know. Source: protocols/snmp.md 4.3 to 4.5 (centreon rmx, rprm, dma;
 * POLYCOM-MCU-MIB as coded in a Nagios library).
 */
import type { DeviceFacts } from "../core/device.ts";
import type { Reading, ReadingName } from "../core/reading.ts";
import { parseVersion } from "../core/version.ts";
import { type Column, indexOf, type TableReader } from "../lldp/tables.ts";
import { DMA, ENTERPRISE, HOST, isUnder, MCU, RPRM } from "../snmp/oids.ts";
import { numberOf, type SnmpValue, textOf } from "../snmp/values.ts";

/** What a server of ours adds to the system group. */
export interface Infrastructure {
  readonly facts: DeviceFacts;
  readonly reading: Reading;
  /** For people, one thing each. */
  readonly says: readonly string[];
}

/** 1 is disabled, 2 ok, 3 failed. */
const OK = 2;
const FAILED = 3;
/** Of Resource Manager's provisioning 0 is clear, 2 in progress, 3 success, 4 failed; in progress is neither. */
const PROVISIONING: Readonly<Record<number, number>> = { 0: 0, 3: 0, 4: 1 };
/** Sites and clusters told in words; a company has a handful, a table may have thousands. */
const MAX_SAID = 20;

type Values = ReadonlyMap<string, SnmpValue>;

/** The server an agent's object id names; an id of net-snmp's own names nobody. */
export function infrastructureOf(sysObjectId: string): "mcu" | "rprm" | "dma" | undefined {
  const under = (...roots: readonly string[]): boolean => roots.some((root) => isUnder(sysObjectId, root));
  if (under(ENTERPRISE.polycomRmx, ENTERPRISE.polycomMcu)) return "mcu";
  if (under(ENTERPRISE.polycomRprm)) return "rprm";
  return under(ENTERPRISE.polycomDma) ? "dma" : undefined;
}

/** Numbers of single objects as readings; what the agent lacks is absent. */
function numbers(values: Values, names: Partial<Readonly<Record<ReadingName, string>>>): Reading {
  const found = Object.entries(names).flatMap(([name, oid]) => {
    const value = numberOf(values.get(oid));
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(found);
}

const text = (values: Values, oid: string): string | undefined => textOf(values.get(oid))?.slice(0, 100);

async function readMcu(read: TableReader): Promise<Infrastructure> {
  const parts = { hardware: MCU.overallStatus, boards: MCU.boardStatus, fans: MCU.fanStatus, "power supplies": MCU.supplyStatus };
  const calls = {
    conferences: MCU.conferences,
    callsStartedPerMinute: MCU.newCalls,
    voiceCalls: MCU.voiceCalls,
    videoCalls: MCU.videoCalls,
  };
  const values = await read.get([...Object.values(parts), ...Object.values(calls), MCU.software, MCU.type]);
  const states = Object.entries(parts).map(([name, oid]) => [name, numberOf(values.get(oid))] as const);
  const bad = states.filter(([, state]) => state === FAILED).map(([name]) => name);
  // The overall state repeats what its parts say.
  const failed = bad.length > 1 ? bad.filter((name) => name !== "hardware") : bad;
  const application = parseVersion(text(values, MCU.software) ?? "")?.text;
  const type = text(values, MCU.type);
  return {
    facts: { vendor: "Polycom", model: "RMX", ...(application === undefined ? {} : { running: { application } }) },
    reading: {
      ...numbers(values, calls),
      ...(states.every(([, state]) => state === undefined) ? {} : { componentsFailed: failed.length }),
    },
    says: [...(type === undefined ? [] : [`device type ${type}`]), ...failed.map((name) => `${name} failed`)],
  };
}

async function readRprm(read: TableReader): Promise<Infrastructure> {
  const counts = {
    updatesFailedPerHour: RPRM.updateFailures,
    updatesDonePerHour: RPRM.updateSuccesses,
    sites: RPRM.sites,
    siteLinks: RPRM.siteLinks,
    licencesTotal: RPRM.licenceCapacity,
    licencesUsed: RPRM.licenceUsage,
  };
  const states = [RPRM.updateStatus, RPRM.provisioningStatus, RPRM.availabilityState, RPRM.availabilityReason, RPRM.licenceMode];
  const values = await read.get([...Object.values(counts), ...states, ...Object.values(RPRM.endpointLicences)]);
  const update = numberOf(values.get(RPRM.updateStatus));
  const provisioning = PROVISIONING[numberOf(values.get(RPRM.provisioningStatus)) ?? -1];
  const mode = numberOf(values.get(RPRM.licenceMode));
  const availability = [RPRM.availabilityState, RPRM.availabilityReason].map((oid) => numberOf(values.get(oid)) ?? text(values, oid));
  const licences = Object.entries(RPRM.endpointLicences).flatMap(([name, oid]) => {
    const count = numberOf(values.get(oid));
    return count === undefined ? [] : [`${name} ${count}`];
  });
  const calls = await read.column(RPRM.siteCalls);
  const names = calls.size === 0 ? new Map() : await read.column(RPRM.siteNames);
  return {
    facts: { vendor: "Polycom", model: "RealPresence Resource Manager" },
    reading: {
      ...numbers(values, counts),
      ...(update === undefined ? {} : { updatesOthers: update === OK || update === FAILED ? 1 : 0 }),
      ...(update === undefined ? {} : { componentsFailed: update === FAILED ? 1 : 0 }),
      ...(provisioning === undefined ? {} : { provisioningFailed: provisioning }),
    },
    says: [
      ...(update === FAILED ? ["its software update service failed"] : []),
      ...(provisioning === 1 ? ["its provisioning failed"] : []),
      ...(mode === undefined ? [] : [`licences counted by ${mode === 0 ? "user" : "device"}`]),
      ...(licences.length === 0 ? [] : [`endpoint licences: ${licences.join(", ")}`]),
      ...(availability[0] === undefined ? [] : [`high availability ${availability.filter((one) => one !== undefined).join(", reason ")}`]),
      ...rowsSaid(names, calls, (name, count) => `site ${name}: ${count} calls`),
    ],
  };
}

async function readDma(read: TableReader): Promise<Infrastructure> {
  const total = async (column: string): Promise<number | undefined> => {
    const values = [...(await read.column(column)).values()].map(numberOf).filter((value) => value !== undefined);
    return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
  };
  const [active, inactive] = [await total(DMA.activeEndpoints), await total(DMA.inactiveEndpoints)];
  const names = await read.column(DMA.clusterNames);
  const states = names.size === 0 ? new Map() : await read.column(DMA.clusterStates);
  const faultsBefore = read.faults.length;
  // Its columns are not known, its rows are: the number after the column.
  const alerts = new Set([...(await read.column(DMA.alerts)).keys()].map((row) => indexOf(row).slice(1).join(".")));
  const counted = read.faults.length === faultsBefore && read.ended === undefined;
  return {
    facts: { vendor: "Polycom", model: "RealPresence DMA" },
    reading: {
      ...(active === undefined ? {} : { registeredEndpoints: active }),
      ...(inactive === undefined ? {} : { inactiveEndpoints: inactive }),
      ...(counted && names.size > 0 ? { activeAlerts: alerts.size } : {}),
    },
    says: rowsSaid(names, states, (name, state) => `cluster ${name}: state ${state}`),
  };
}

function rowsSaid(names: Column, values: Column, say: (name: string, value: string | number) => string): readonly string[] {
  return [...names].slice(0, MAX_SAID).flatMap(([row, name]) => {
    const value = numberOf(values.get(row)) ?? textOf(values.get(row));
    return value === undefined ? [] : [say(textOf(name)?.slice(0, 60) ?? row, value)];
  });
}

const READERS = { mcu: readMcu, rprm: readRprm, dma: readDma } as const;

/** Agents that may be ours behind a number that does not say so: another of Polycom's, or net-snmp's default. */
const ASK_FURTHER: readonly string[] = [ENTERPRISE.polycom, ENTERPRISE.netSnmp];
/** Objects only one kind of server has. */
const MARKS = [
  { kind: "mcu", oid: MCU.overallStatus },
  { kind: "rprm", oid: RPRM.updateStatus },
] as const;

/** By the object id, else by an object that only such a server has. */
async function kindOf(read: TableReader, sysObjectId: string): Promise<keyof typeof READERS | undefined> {
  const named = infrastructureOf(sysObjectId);
  if (named !== undefined || !ASK_FURTHER.some((root) => isUnder(sysObjectId, root))) return named;
  const values = await read.get(MARKS.map(({ oid }) => oid));
  const marked = MARKS.find(({ oid }) => numberOf(values.get(oid)) !== undefined)?.kind;
  if (marked !== undefined) return marked;
  // A DMA has tables alone.
  return (await read.column(DMA.clusterNames)).size > 0 ? "dma" : undefined;
}

/** Reads what a server of ours says of itself; `undefined` where it is none. */
export async function readInfrastructure(read: TableReader, sysObjectId: string): Promise<Infrastructure | undefined> {
  const kind = await kindOf(read, sysObjectId);
  return kind === undefined ? undefined : READERS[kind](read);
}

/** Load and memory as hosts and HDX tell them, as ratios. Source: RFC 2790; UCD-SNMP-MIB; protocols/snmp.md 4.2. */
export async function readHost(read: TableReader): Promise<Reading> {
  const loads = [...(await read.column(HOST.processorLoad)).values()].map(numberOf).filter((load) => load !== undefined && load <= 100);
  const values = await read.get([HOST.memoryTotal, HOST.memoryAvailable]);
  const [total, available] = [HOST.memoryTotal, HOST.memoryAvailable].map((oid) => numberOf(values.get(oid)));
  const load = loads.reduce<number>((sum, one) => sum + (one ?? 0), 0);
  return {
    ...(loads.length === 0 ? {} : { cpuRatio: load / loads.length / 100 }),
    ...(total === undefined || available === undefined || available > total || total === 0 ? {} : { memoryRatio: 1 - available / total }),
  };
}
