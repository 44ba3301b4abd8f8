/**
 * What a switch knows of its ports, as sightings: phones that answer nothing themselves are found here.
 */
import type { DevicePorts, Sighting } from "../../../protocols/core/device.ts";
import { type Fault, fail, ok, type Result } from "../../../protocols/core/fault.ts";
import type { Credential } from "../../../protocols/core/secret.ts";
import type { Ms } from "../../../protocols/core/time.ts";
import type { FamilyIo } from "../../../protocols/families/family.ts";
import { partContradiction } from "../../../protocols/families/part-numbers.ts";
import type { Neighbour } from "../../../protocols/lldp/neighbour.ts";
import { readNeighbours } from "../../../protocols/lldp/neighbours.ts";
import { accessFrom } from "../../../protocols/snmp/client.ts";

/** Asks with one access after the other; the first that answers tells. */
export async function askSwitch(
  address: string,
  by: { readonly ports: DevicePorts; readonly credentials: readonly Credential[] },
  io: Pick<FamilyIo, "snmp" | "clock">,
  signal: AbortSignal,
): Promise<Result<readonly Sighting[]>> {
  let last: Fault = { kind: "denied", via: "snmp", detail: "no SNMP credential is configured" };
  for (const access of by.credentials.flatMap(accessFrom)) {
    const read = await readNeighbours({ address, port: by.ports.snmp, access }, io.snmp, signal);
    if (read.ok) {
      const atMs = io.clock.nowMs();
      return ok(read.value.neighbours.flatMap((neighbour) => sightingFrom(neighbour, address, atMs)));
    }
    last = read.fault;
  }
  return fail(last);
}

/** One neighbour as a sighting; switches and devices that are not ours are nobody's. */
export function sightingFrom(neighbour: Neighbour, switchAddress: string, atMs: Ms): Sighting[] {
  const { facts, mac, isBridge, learntFrom, portName, poeDelivering } = neighbour;
  const known = mac ?? facts.mac;
  if (isBridge || known === undefined || (facts.vendor === undefined && facts.family === undefined)) return [];
  const source = learntFrom === "cdp" ? "cdp" : learntFrom === "bridge" ? "bridge" : "lldp";
  const address = neighbour.managementAddress ?? neighbour.chassisAddress;
  const port = { switchAddress, name: portName, ...(poeDelivering === undefined ? {} : { poeDelivering }) };
  const contradiction = partContradiction(facts);
  const said = `${contradiction === undefined ? "" : `${contradiction}: `}${neighbour.description ?? neighbour.sysName ?? "in the forwarding table"}`;
  return [
    {
      source,
      atMs,
      port,
      facts: { ...facts, mac: known },
      ...(address === undefined ? {} : { address }),
      evidence: [{ via: source, what: `switch ${switchAddress} port ${portName}: ${said}`.slice(0, 300), atMs }],
    },
  ];
}
