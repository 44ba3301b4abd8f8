/**
 * HDX, and VSX before it: read by its web interface, its command line where telnet is allowed, SNMP where a site has a
 * community, and by what SIP says. Watched, never updated. Source: protocols/video.md 1, 5 and 6; protocols/snmp.md 1 to 4.
 */
import type { DeviceRead, InUse } from "../core/device.ts";
import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import { MINUTE } from "../core/time.ts";
import { ENTERPRISE, isUnder } from "../snmp/oids.ts";
import { defineFamily, type FamilyIo, type FirstLook, type Look, type Recognised, type Target } from "./family.ts";
import { HDX_OBJECTS, hdxObjects } from "./hdx-snmp.ts";
import { type HdxSeen, seeHdxByWeb } from "./hdx-visit.ts";
import { loginsFor } from "./logins.ts";
import { recogniseByBlock } from "./phone-doors.ts";
import { otherDevice } from "./proof.ts";
import { seeBySip } from "./sip-facts.ts";
import { readSystem, snmpTargets, systemEvidence, systemFacts } from "./snmp-system.ts";
import { parseUserAgent } from "./user-agent.ts";
import { type CliSeen, mayStandIn, mayUseClearText, seeByTelnet } from "./video-cli.ts";
import { doorEvidence, silentRead } from "./video-read.ts";

const UNKNOWN: InUse = { state: "unknown", reason: "its calls cannot be read" };
/** Its own SNMP enterprise is as certain as a model by SIP. */
const SURE = 0.95;

function recognise(look: FirstLook, atMs: number): Recognised | undefined {
  const agent = parseUserAgent(look.sip?.userAgent ?? "");
  const bySip = agent?.family === "hdx";
  const bySnmp = look.snmp !== undefined && isUnder(look.snmp.sysObjectId ?? "", ENTERPRISE.viaVideo);
  // Its own agent states its own enterprise: another one is no HDX's.
  if (!bySip && !bySnmp) return look.snmp === undefined ? recogniseByBlock("hdx", look, atMs) : undefined;
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

/** Real time of one visit by all its doors. A guess. */
const READ_MS = 40_000;

/**
 * The web interface, else the command line where a person allowed telnet. Without a password on record neither is tried.
 *
 * @returns a fault for each door that was tried, the last one last
 */
async function seeInside(
  target: Target,
  io: FamilyIo,
  signal: AbortSignal,
): Promise<Result<HdxSeen | CliSeen, readonly Fault[]> | undefined> {
  if (loginsFor(target, "hdx").length === 0) {
    const other = await otherDevice({ target, family: "hdx" }, io, signal);
    return other === undefined ? undefined : fail([other]);
  }
  const web = await seeHdxByWeb(target, io, signal);
  const last = web.ok ? undefined : web.fault.at(-1);
  if (web.ok || last === undefined || !mayStandIn(last) || !mayUseClearText(target)) return web;
  const cli = await seeByTelnet("hdx", { target, io }, signal);
  return cli.ok ? ok({ ...cli.value, faults: [...web.fault, ...cli.value.faults] }) : fail([...web.fault, cli.fault]);
}

const endsHere = (fault: Fault): boolean => fault.kind === "impostor" || fault.kind === "cancelled";

/** Every way, as far as each answers: web or command line give identity and calls, SNMP quality, SIP the version. */
async function read(target: Target, io: FamilyIo, signal: AbortSignal): Promise<DeviceRead> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(READ_MS)]);
  const inside = await seeInside(target, io, limited);
  const ended = inside?.ok === false ? inside.fault.find(endsHere) : undefined;
  if (ended !== undefined) return silentRead(ended);
  const seen = inside?.ok === true ? inside.value : undefined;
  const sip = seen?.facts.running === undefined ? await seeBySip(target, io, limited) : { facts: {}, evidence: [], faults: [] };
  const hasSnmp = snmpTargets(target).length > 0;
  const system = hasSnmp ? await readSystem(target, io, limited, Object.values(HDX_OBJECTS)) : undefined;
  const snmp = system?.ok === true ? system.value : undefined;
  const nowMs = io.clock.nowMs();
  const objects = snmp === undefined ? undefined : hdxObjects(snmp.values, nowMs);
  const inUse = seen?.inUse ?? UNKNOWN;
  const uptimeSeconds = seen?.uptimeSeconds ?? snmp?.uptimeSeconds;
  return {
    facts: {
      ...(snmp === undefined ? {} : systemFacts(snmp.look)),
      // A text of another device on this address is no fact of an HDX.
      ...(sip.facts.family === "hdx" ? sip.facts : {}),
      ...seen?.facts,
    },
    inUse,
    lines: [],
    parts: [],
    reading: {
      ...objects?.reading,
      ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }),
      ...(inUse.state === "unknown" ? {} : { inCall: inUse.state === "busy" ? 1 : 0 }),
    },
    evidence: [
      ...(seen === undefined ? [] : doorEvidence(seen, nowMs)),
      ...sip.evidence,
      ...(snmp === undefined ? [] : systemEvidence(snmp.look, nowMs)),
      ...(objects?.evidence ?? []),
    ],
    faults: [
      ...(inside === undefined ? [] : inside.ok ? inside.value.faults : inside.fault),
      ...sip.faults,
      ...(system === undefined || system.ok ? [] : [system.fault]),
    ],
  };
}

async function look(target: Target, io: FamilyIo, signal: AbortSignal): Promise<Look> {
  const { facts, inUse, reading, faults } = await read(target, io, signal);
  return { facts, inUse, faults, ...(reading.uptimeSeconds === undefined ? {} : { uptimeSeconds: reading.uptimeSeconds }) };
}

export const hdx = defineFamily({
  id: "hdx",
  name: "HDX and VSX",
  recognise,
  read,
  look,
  limits: { inFlightPerSite: 1, pollMs: MINUTE },
});
