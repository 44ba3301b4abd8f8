/**
 * Anything else that answers SNMP: Polycom's servers (RMX, Resource Manager, DMA), gateways, printers, hosts. Watched, never
 * updated. Source: protocols/snmp.md 3, 4.
 */
import { MINUTE } from "../core/time.ts";
import { ENTERPRISE, isUnder } from "../snmp/oids.ts";
import { defineFamily } from "./family.ts";
import { infrastructureOf, readHost, readInfrastructure } from "./infrastructure.ts";
import { lookAtSystem, systemEvidence, systemFacts } from "./snmp-system.ts";
import { readNetworkDevice } from "./switch.ts";

const ENTERPRISES = "1.3.6.1.4.1";
const MAYBE_OURS: readonly string[] = [ENTERPRISE.polycom, ENTERPRISE.viaVideo, ENTERPRISE.netSnmp];
/** Fewer bridge ports than this is a host with a virtual bridge, not a switch. */
const SWITCH_PORTS = 4;

/** An endpoint of ours may state Polycom's enterprise or the default of its agent; whoever states another, or a server's number, is none. */
function confidenceIn(object: string): number {
  if (infrastructureOf(object) !== undefined) return 0.8;
  const another = isUnder(object, ENTERPRISES) && !MAYBE_OURS.some((enterprise) => isUnder(object, enterprise));
  return another ? 0.5 : 0.2;
}

export const genericSnmp = defineFamily({
  id: "generic-snmp",
  name: "SNMP device",
  recognise(look, atMs) {
    const { snmp } = look;
    if (snmp === undefined) return undefined;
    return {
      confidence: confidenceIn(snmp.sysObjectId ?? ""),
      facts: { family: "generic-snmp", ...systemFacts(snmp) },
      evidence: systemEvidence(snmp, atMs),
    };
  },
  async read(target, io, signal) {
    const { bridgePorts, open, ...device } = await readNetworkDevice(target, io, signal);
    const family = bridgePorts >= SWITCH_PORTS ? "switch" : "generic-snmp";
    if (open === undefined) return { ...device, facts: { family, ...device.facts } };
    const host = family === "switch" ? {} : await readHost(open.read);
    const server = await readInfrastructure(open.read, open.sysObjectId);
    const atMs = io.clock.nowMs();
    return {
      ...device,
      facts: { family, ...server?.facts, ...device.facts },
      reading: { ...device.reading, ...host, ...server?.reading },
      evidence: [...device.evidence, ...(server?.says ?? []).map((what) => ({ via: "snmp" as const, what, atMs }))],
      faults: open.read.faults,
    };
  },
  look: lookAtSystem,
  snmpAlone: true,
  limits: { inFlightPerSite: 1, pollMs: 5 * MINUTE },
});
