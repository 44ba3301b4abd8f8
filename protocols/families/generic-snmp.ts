/**
 * Anything else that answers SNMP: other Polycom infrastructure (RMX, Resource Manager, DMA), HDX, gateways, printers. Watched,
 * never updated. Source: protocols/snmp.md 3, 4.
 */
import { MINUTE } from "../core/time.ts";
import { ENTERPRISE, isUnder } from "../snmp/oids.ts";
import { defineFamily } from "./family.ts";
import { lookAtSystem, systemEvidence, systemFacts } from "./snmp-system.ts";
import { readNetworkDevice } from "./switch.ts";

const ENTERPRISES = "1.3.6.1.4.1";
const MAYBE_OURS: readonly string[] = [ENTERPRISE.polycom, ENTERPRISE.viaVideo, ENTERPRISE.netSnmp];
/** Fewer bridge ports than this is a host with a virtual bridge, not a switch. */
const SWITCH_PORTS = 4;

export const genericSnmp = defineFamily({
  id: "generic-snmp",
  name: "SNMP device",
  recognise(look, atMs) {
    const { snmp } = look;
    if (snmp === undefined) return undefined;
    const object = snmp.sysObjectId ?? "";
    // An endpoint of ours may state Polycom's enterprise or the default of its agent; whoever states another is none of them.
    const another = isUnder(object, ENTERPRISES) && !MAYBE_OURS.some((enterprise) => isUnder(object, enterprise));
    return {
      confidence: another ? 0.5 : 0.2,
      facts: { family: "generic-snmp", ...systemFacts(snmp) },
      evidence: systemEvidence(snmp, atMs),
    };
  },
  async read(target, io, signal) {
    const { bridgePorts, ...read } = await readNetworkDevice(target, io, signal);
    const family = bridgePorts >= SWITCH_PORTS ? "switch" : "generic-snmp";
    return { ...read, facts: { family, ...read.facts } };
  },
  look: lookAtSystem,
  limits: { inFlightPerSite: 1, pollMs: 5 * MINUTE },
});
