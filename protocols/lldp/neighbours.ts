/**
 * Who is plugged into a switch: LLDP, LLDP-V2, CDP and bridge tables made into one list. One walk gives MAC, model, part number,
 * running version and port of phones that answer nothing else. Source: protocols/snmp.md 5.
 */
import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import type { SnmpClient, SnmpTarget } from "../snmp/client.ts";
import { LLDP } from "../snmp/oids.ts";
import { numberOf } from "../snmp/values.ts";
import { readBridge } from "./bridge.ts";
import type { Neighbour } from "./neighbour.ts";
import { readPorts } from "./ports.ts";
import { mergeFacts, readCdp, readLldp, readLldpV2 } from "./remote.ts";
import { type TableReader, tableReader } from "./tables.ts";

/** Everybody one switch knows. */
export interface Neighbours {
  /** LLDP's time of last change, in hundredths of a second of the switch's uptime; absent where it has no LLDP-MIB. */
  readonly changeTicks?: number;
  readonly neighbours: readonly Neighbour[];
  /** Why tables are missing. */
  readonly faults: readonly Fault[];
}

/** The one value that says whether a walk is worth its packets; absent where the switch has no LLDP-MIB. */
export async function readChangeTicks(
  target: SnmpTarget,
  snmp: SnmpClient,
  signal: AbortSignal,
): Promise<Result<{ readonly changeTicks?: number }>> {
  const got = await snmp.get(target, [LLDP.lastChange], signal);
  if (!got.ok) return got;
  const changeTicks = numberOf(got.value.get(LLDP.lastChange));
  return ok(changeTicks === undefined ? {} : { changeTicks });
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

async function readAll(read: TableReader): Promise<readonly Neighbour[]> {
  const ports = await readPorts(read);
  const lldp = await readLldp(read, ports);
  const announced = [...(lldp.length > 0 ? lldp : await readLldpV2(read, ports)), ...(await readCdp(read, ports))];
  const uplinks = new Set(announced.filter((neighbour) => neighbour.isBridge).map((neighbour) => neighbour.portName));
  return merged([...announced, ...(await readBridge(read, ports, uplinks))]);
}

/**
 * Reads everybody a switch knows on its ports.
 *
 * @returns a fault where the switch is silent, turns us away or we are stopped; a table it lacks or garbles is only missing
 */
export async function readNeighbours(target: SnmpTarget, snmp: SnmpClient, signal: AbortSignal): Promise<Result<Neighbours>> {
  const ticks = await readChangeTicks(target, snmp, signal);
  if (!ticks.ok) return ticks;
  const read = tableReader(target, snmp, signal);
  const neighbours = await readAll(read);
  if (read.ended !== undefined) return fail(read.ended);
  return ok({ ...ticks.value, neighbours, faults: read.faults });
}
