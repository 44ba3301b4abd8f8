/**
 * What a switch knows of its ports, as sightings: phones that answer nothing themselves are found here.
 */
import type { DevicePorts, Sighting } from "../../../protocols/core/device.ts";
import { type Fault, fail, ok, type Result } from "../../../protocols/core/fault.ts";
import { type Mac, showMac } from "../../../protocols/core/ids.ts";
import type { Credential } from "../../../protocols/core/secret.ts";
import type { Ms } from "../../../protocols/core/time.ts";
import type { FamilyIo } from "../../../protocols/families/family.ts";
import { ouiOf } from "../../../protocols/families/oui.ts";
import { partContradiction } from "../../../protocols/families/part-numbers.ts";
import type { Neighbour } from "../../../protocols/lldp/neighbour.ts";
import { readNeighbours, type SwitchMemory } from "../../../protocols/lldp/neighbours.ts";
import { type PortState, readPortStates } from "../../../protocols/lldp/ports.ts";
import { tableReader } from "../../../protocols/lldp/tables.ts";
import { accessFrom } from "../../../protocols/snmp/client.ts";

/** What earlier reads of switches left, by address; one per configured or found switch. */
export type SwitchMemories = Map<string, SwitchMemory>;

/** Asks with one access after the other; the first that answers tells. */
export async function askSwitch(
  address: string,
  by: { readonly ports: DevicePorts; readonly credentials: readonly Credential[]; readonly memories?: SwitchMemories },
  io: Pick<FamilyIo, "snmp" | "clock">,
  signal: AbortSignal,
): Promise<Result<readonly Sighting[]>> {
  let last: Fault = { kind: "denied", via: "snmp", detail: "no SNMP credential is configured" };
  for (const access of by.credentials.flatMap(accessFrom)) {
    const target = { address, port: by.ports.snmp, access };
    const read = await readNeighbours(target, { snmp: io.snmp, memory: by.memories?.get(address) }, signal);
    if (read.ok) {
      const { neighbours, addresses, memory } = read.value;
      if (memory === undefined) by.memories?.delete(address);
      else by.memories?.set(address, memory);
      const atMs = io.clock.nowMs();
      const here = new Set(neighbours.map(({ mac }) => mac));
      const elsewhere = [...addresses].filter(([mac]) => !here.has(mac));
      return ok([
        ...neighbours.flatMap((neighbour) => sightingFrom(neighbour, address, atMs)),
        ...elsewhere.map(([mac, at]) => routedSighting({ mac, address: at }, address, atMs)),
      ]);
    }
    last = read.fault;
  }
  return fail(last);
}

/** How the switch's ports stand now: two walks of its interfaces, one of its power. */
export async function askPorts(
  address: string,
  by: { readonly ports: DevicePorts; readonly credentials: readonly Credential[] },
  io: Pick<FamilyIo, "snmp">,
  signal: AbortSignal,
): Promise<Result<readonly PortState[]>> {
  let last: Fault = { kind: "denied", via: "snmp", detail: "no SNMP credential is configured" };
  for (const access of by.credentials.flatMap(accessFrom)) {
    const read = tableReader({ address, port: by.ports.snmp, access }, io.snmp, signal);
    const states = await readPortStates(read);
    if (read.ended === undefined) return ok(states);
    last = read.ended;
  }
  return fail(last);
}

/** A Poly MAC a router knows the address of, wherever it is plugged in: whom to ask, and where. */
function routedSighting(known: { readonly mac: Mac; readonly address: string }, routerAddress: string, atMs: Ms): Sighting {
  const vendor = ouiOf(known.mac)?.maker;
  return {
    source: "bridge",
    atMs,
    address: known.address,
    facts: { mac: known.mac, ...(vendor === undefined ? {} : { vendor }) },
    evidence: [{ via: "bridge", what: `router ${routerAddress} has ${known.address} at ${showMac(known.mac)}`, atMs }],
  };
}

/** One neighbour as a sighting; switches and devices that are not ours are nobody's. */
export function sightingFrom(neighbour: Neighbour, switchAddress: string, atMs: Ms): Sighting[] {
  const { facts, mac, isBridge, learntFrom, portName, poeDelivering, behind } = neighbour;
  const known = mac ?? facts.mac;
  if (isBridge || known === undefined || (facts.vendor === undefined && facts.family === undefined)) return [];
  const source = learntFrom === "cdp" ? "cdp" : learntFrom === "bridge" ? "bridge" : "lldp";
  const address = neighbour.arpAddress ?? neighbour.managementAddress ?? neighbour.chassisAddress;
  const port = {
    switchAddress,
    name: portName,
    ...(poeDelivering === undefined ? {} : { poeDelivering }),
    ...(behind === undefined ? {} : { behind }),
  };
  const contradiction = partContradiction(facts);
  const said = `${contradiction === undefined ? "" : `${contradiction}: `}${neighbour.description ?? neighbour.sysName ?? "in the forwarding table"}`;
  return [
    {
      source,
      atMs,
      port,
      facts: { ...facts, mac: known },
      ...(address === undefined ? {} : { address }),
      evidence: [{ via: source, what: `switch ${switchAddress} port ${portWords(neighbour)}: ${said}`.slice(0, 300), atMs }],
    },
  ];
}

/** `Gi1/0/2 (desk 5, 100 Mb/s, VLAN 10, voice VLAN 20, 4.5 W)` */
function portWords(neighbour: Neighbour): string {
  const { portName, alias, speedMbps, vlans, nativeVlan, voiceVlan, powerMilliwatts } = neighbour;
  const learntIn = vlans ?? (nativeVlan === undefined ? [] : [nativeVlan]);
  const words = [
    alias,
    speedMbps === undefined ? undefined : `${speedMbps} Mb/s`,
    learntIn.length === 0 ? undefined : `VLAN ${learntIn.join(" and ")}`,
    voiceVlan === undefined ? undefined : `voice VLAN ${voiceVlan}`,
    powerMilliwatts === undefined ? undefined : `${powerMilliwatts / 1_000} W`,
  ];
  const known = words.filter((word) => word !== undefined);
  return known.length === 0 ? portName : `${portName} (${known.join(", ")})`;
}
