/**
 * HDX, and VSX before it: read by SNMP where a site has a community, else by what SIP says. Watched, never updated: its CGI and
 * its command line are not asked yet. Source: protocols/video.md 1 and 5; protocols/snmp.md 1 to 3.
 */
import type { DeviceRead, InUse } from "../core/device.ts";
import { MINUTE } from "../core/time.ts";
import { ENTERPRISE, isUnder } from "../snmp/oids.ts";
import { defineFamily, type FamilyIo, type FirstLook, type Look, type Recognised, type Target } from "./family.ts";
import { familyOfModel } from "./models.ts";
import { seeBySip } from "./sip-facts.ts";
import { readSystem, snmpTargets, systemEvidence, systemFacts } from "./snmp-system.ts";
import { parseUserAgent } from "./user-agent.ts";

const UNKNOWN: InUse = { state: "unknown", reason: "its calls are not asked" };
/** Its own SNMP enterprise is as certain as a model by SIP. */
const SURE = 0.95;

function recognise(look: FirstLook, atMs: number): Recognised | undefined {
  const agent = parseUserAgent(look.sip?.userAgent ?? "");
  const bySip = agent?.family === "hdx";
  const bySnmp = look.snmp !== undefined && isUnder(look.snmp.sysObjectId ?? "", ENTERPRISE.viaVideo);
  if (!bySip && !bySnmp) return undefined;
  const { vendor, model, running } = (bySip ? agent : undefined) ?? {};
  return {
    confidence: SURE,
    facts: {
      ...(look.snmp === undefined ? {} : systemFacts(look.snmp)),
      ...(vendor === undefined ? {} : { vendor }),
      ...(model === undefined ? {} : { model }),
      ...(running === undefined ? {} : { running }),
      family: "hdx",
    },
    evidence: [
      ...(look.snmp === undefined ? [] : systemEvidence(look.snmp, atMs)),
      ...(bySip ? [{ via: "sip" as const, what: `User-Agent ${(look.sip?.userAgent ?? "").slice(0, 120)}`, atMs }] : []),
    ],
  };
}

/** Both ways, as far as each answers: SNMP gives model and uptime, SIP the version. */
async function read(target: Target, io: FamilyIo, signal: AbortSignal): Promise<DeviceRead> {
  const sip = await seeBySip(target, io, signal);
  const system = snmpTargets(target).length === 0 ? undefined : await readSystem(target, io, signal);
  const snmp = system?.ok === true ? system.value : undefined;
  const named = snmp === undefined ? {} : systemFacts(snmp.look);
  // A text of another device on this address is no fact of an HDX.
  const facts = { ...named, ...(sip.facts.family === "hdx" || familyOfModel(sip.facts.model ?? "") === "hdx" ? sip.facts : {}) };
  return {
    facts,
    inUse: UNKNOWN,
    lines: [],
    parts: [],
    reading: snmp?.uptimeSeconds === undefined ? {} : { uptimeSeconds: snmp.uptimeSeconds },
    evidence: [...sip.evidence, ...(snmp === undefined ? [] : systemEvidence(snmp.look, io.clock.nowMs()))],
    faults: [...sip.faults, ...(system === undefined || system.ok ? [] : [system.fault])],
  };
}

async function look(target: Target, io: FamilyIo, signal: AbortSignal): Promise<Look> {
  const { facts, reading, faults } = await read(target, io, signal);
  return { facts, inUse: UNKNOWN, faults, ...(reading.uptimeSeconds === undefined ? {} : { uptimeSeconds: reading.uptimeSeconds }) };
}

export const hdx = defineFamily({
  id: "hdx",
  name: "HDX and VSX",
  recognise,
  read,
  look,
  limits: { inFlightPerSite: 1, pollMs: MINUTE },
});
