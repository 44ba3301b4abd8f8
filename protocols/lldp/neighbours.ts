/**
 * Who is plugged into a switch: LLDP, LLDP-V2, CDP and bridge tables made into one list. One walk gives MAC, model, part number,
 * running version and port of phones that answer nothing else. Source: protocols/snmp.md 5.
 */
import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import type { Mac } from "../core/ids.ts";
import { MINUTE, type Ms } from "../core/time.ts";
import { inVlan as inVlanOf } from "../snmp/access.ts";
import type { SnmpClient, SnmpTarget } from "../snmp/client.ts";
import { CISCO, isUnder, LLDP, SYSTEM } from "../snmp/oids.ts";
import { numberOf } from "../snmp/values.ts";
import { readArp } from "./arp.ts";
import { readBridge } from "./bridge.ts";
import type { Neighbour } from "./neighbour.ts";
import { type Ports, readPorts } from "./ports.ts";
import { mergeFacts, readCdp, readLldp, readLldpV2 } from "./remote.ts";
import { type TableReader, tableReader } from "./tables.ts";

/** Real milliseconds for all tables of one switch: a slow stack takes one minute. What is not read by then is missing. */
const WHOLE_MS = 5 * MINUTE;

/** Everybody one switch knows. */
export interface Neighbours {
  readonly neighbours: readonly Neighbour[];
  /** Addresses of Poly MACs, where the switch routes; of its own neighbours and of others. */
  readonly addresses: ReadonlyMap<Mac, string>;
  /** Why tables are missing. */
  readonly faults: readonly Fault[];
  /** For the next time; absent where the switch cannot say what has changed. */
  readonly memory?: SwitchMemory;
}

/** What a switch announced, and when by its own clock: while nothing has changed its LLDP tables need not be walked again. */
export interface SwitchMemory {
  /** Hundredths of a second of the switch's uptime, as both. */
  readonly changeTicks: number;
  readonly uptimeTicks: number;
  readonly announced: readonly Neighbour[];
  /** The last time all tables were read, and what they said; absent where one was missing. */
  readonly whole?: {
    readonly uptimeTicks: number;
    readonly neighbours: readonly Neighbour[];
    readonly addresses: ReadonlyMap<Mac, string>;
  };
}

/** The few values that say whether a walk is worth its packets, and how the switch keeps its tables. */
interface SwitchState {
  readonly changeTicks: number | undefined;
  readonly uptimeTicks: number | undefined;
  readonly isCisco: boolean;
}

async function readState(target: SnmpTarget, snmp: SnmpClient, signal: AbortSignal): Promise<Result<SwitchState>> {
  const got = await snmp.get(target, [LLDP.lastChange, SYSTEM.sysUpTime, SYSTEM.sysObjectID], signal);
  if (!got.ok) return got;
  const object = got.value.get(SYSTEM.sysObjectID);
  return ok({
    changeTicks: numberOf(got.value.get(LLDP.lastChange)),
    uptimeTicks: numberOf(got.value.get(SYSTEM.sysUpTime)),
    isCisco: object?.type === "oid" && isUnder(object.value, CISCO.enterprise),
  });
}

/** After a restart of the switch its clock begins anew, and an equal time of change means nothing. */
function unchanged(state: SwitchState, memory: SwitchMemory | undefined): memory is SwitchMemory {
  const { changeTicks, uptimeTicks } = state;
  return memory !== undefined && changeTicks === memory.changeTicks && uptimeTicks !== undefined && uptimeTicks >= memory.uptimeTicks;
}

/**
 * While nobody was announced or went away, forwarding and address tables hold so long by the switch's own clock: a device that
 * announces nothing is seen in them within half an hour. Hundredths of a second.
 */
const WHOLE_HOLDS_TICKS = (30 * MINUTE) / 10;

function stillWhole(state: SwitchState, memory: SwitchMemory): SwitchMemory["whole"] {
  const age = (state.uptimeTicks ?? Number.POSITIVE_INFINITY) - (memory.whole?.uptimeTicks ?? 0);
  return age < WHOLE_HOLDS_TICKS ? memory.whole : undefined;
}

/** One entry per device, earlier sources first; later ones fill what is open. Entries without a MAC stay apart. */
function merged(found: readonly Neighbour[]): readonly Neighbour[] {
  const byDevice = new Map<string, Neighbour>();
  const apart: Neighbour[] = [];
  for (const neighbour of found) {
    if (neighbour.mac === undefined) {
      apart.push(neighbour);
      continue;
    }
    // A switch may be linked by several ports; a phone is on one, and where a later source names another the first is believed.
    const key = neighbour.isBridge ? `${neighbour.mac} ${neighbour.portName}` : neighbour.mac;
    const known = byDevice.get(key);
    if (known === undefined) byDevice.set(key, neighbour);
    else byDevice.set(key, { ...neighbour, ...known, facts: mergeFacts(known.facts, neighbour.facts) });
  }
  return [...byDevice.values(), ...apart];
}

/**
 * Reads everybody a switch knows on its ports.
 *
 * @param io.memory   what an earlier read of this switch left
 * @param io.wholeMs  real milliseconds for everything; what was read by then is the answer
 * @returns a fault where the switch is silent, turns us away or we are stopped; a table it lacks or garbles is only missing
 */
export async function readNeighbours(
  target: SnmpTarget,
  io: { readonly snmp: SnmpClient; readonly memory?: SwitchMemory | undefined; readonly wholeMs?: Ms },
  parent: AbortSignal,
): Promise<Result<Neighbours>> {
  const { snmp, memory, wholeMs = WHOLE_MS } = io;
  const signal = AbortSignal.any([parent, AbortSignal.timeout(wholeMs)]);
  const state = await readState(target, snmp, signal);
  if (!state.ok) return state;
  const kept = unchanged(state.value, memory) ? stillWhole(state.value, memory) : undefined;
  if (kept !== undefined && memory !== undefined) {
    const { uptimeTicks = memory.uptimeTicks } = state.value;
    const { neighbours, addresses } = kept;
    return ok({ neighbours, addresses, faults: [], memory: { ...memory, uptimeTicks } });
  }
  const read = tableReader(target, snmp, signal);
  const ports = await readPorts(read);
  const announced = unchanged(state.value, memory) ? memory.announced : await readAnnounced(read, ports);
  const sound = read.faults.length === 0;
  const said = [...announced, ...(await readCdp(read, ports))];
  const uplinks = new Set(said.filter((neighbour) => neighbour.isBridge).map((neighbour) => neighbour.portName));
  const inVlan = (vlan: number): TableReader => tableReader({ ...target, access: inVlanOf(target.access, vlan) }, snmp, signal);
  const bridged = await readBridge(read, ports, { uplinks, ...(state.value.isCisco ? { inVlan } : {}) });
  const addresses = await readArp(read, ports.ifIndexes);
  const outOfTime = signal.aborted && !parent.aborted;
  if (read.ended !== undefined && !outOfTime) return fail(read.ended);
  const neighbours = merged([...said, ...bridged]).map((neighbour) => {
    const arpAddress = neighbour.mac === undefined ? undefined : addresses.get(neighbour.mac);
    return arpAddress === undefined ? neighbour : { ...neighbour, arpAddress };
  });
  const { changeTicks, uptimeTicks } = state.value;
  const whole = read.faults.length === 0 && uptimeTicks !== undefined ? { whole: { uptimeTicks, neighbours, addresses } } : {};
  const remembered =
    changeTicks === undefined || uptimeTicks === undefined || !sound ? {} : { memory: { changeTicks, uptimeTicks, announced, ...whole } };
  return ok({ neighbours, addresses, faults: read.faults, ...remembered });
}

async function readAnnounced(read: TableReader, ports: Ports): Promise<readonly Neighbour[]> {
  const lldp = await readLldp(read, ports);
  return lldp.length > 0 ? lldp : readLldpV2(read, ports);
}
