/**
 * The system group of an SNMP agent, and which of the credentials it answers to: shared by the families that speak only SNMP.
 */

import type { DeviceFacts, DeviceRead, Evidence } from "../core/device.ts";
import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import { parseVersion } from "../core/version.ts";
import { accessFrom, type SnmpTarget, type SnmpValue } from "../snmp/client.ts";
import { ENTERPRISE, isUnder, SYSTEM } from "../snmp/oids.ts";
import { numberOf, textOf, tooLong } from "../snmp/values.ts";
import type { FamilyIo, FirstLook, Look, Target } from "./family.ts";

import { familyOfModel, normaliseModel } from "./models.ts";

/** What an agent said of itself, and the way in that it answered to. */
export interface SystemGroup {
  readonly target: SnmpTarget;
  /** Everything asked for, by OID. */
  readonly values: ReadonlyMap<string, SnmpValue>;
  readonly look: NonNullable<FirstLook["snmp"]>;
  readonly uptimeSeconds?: number;
}

/** Longest part of a device's own text that goes into evidence. */
const MAX_SHOWN = 120;

/** Longer ones are nobody's model. A guess: three times the longest known. */
const MODEL_CHARS = 64;

/** sysUpTime counts hundredths of a second and begins again after 497 days. */
function uptimeOf(values: ReadonlyMap<string, SnmpValue>): number | undefined {
  const ticks = numberOf(values.get(SYSTEM.sysUpTime));
  return ticks === undefined ? undefined : Math.floor(ticks / 100);
}

/** What an agent's system group says to whoever looks for the first time. */
export function systemLook(values: ReadonlyMap<string, SnmpValue>): NonNullable<FirstLook["snmp"]> {
  const sysDescr = textOf(values.get(SYSTEM.sysDescr));
  const sysName = textOf(values.get(SYSTEM.sysName));
  const objectId = values.get(SYSTEM.sysObjectID);
  const leftOut = (["sysDescr", "sysName"] as const).flatMap((name) => tooLong(name, values.get(SYSTEM[name])) ?? []);
  return {
    ...(sysDescr === undefined ? {} : { sysDescr }),
    ...(sysName === undefined ? {} : { sysName }),
    ...(objectId?.type === "oid" ? { sysObjectId: objectId.value } : {}),
    ...(leftOut.length === 0 ? {} : { leftOut }),
  };
}

function systemOf(target: SnmpTarget, values: ReadonlyMap<string, SnmpValue>): SystemGroup {
  const uptimeSeconds = uptimeOf(values);
  return { target, values, look: systemLook(values), ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }) };
}

/** Of two ways in that failed: silence says less than any word, and the later word is the newer one. */
export function moreTelling(before: Fault | undefined, after: Fault): Fault {
  return before !== undefined && after.kind === "unreachable" ? before : after;
}

/** Every way in that the target's credentials give, best first. */
export function snmpTargets(target: Target): readonly SnmpTarget[] {
  const accesses = target.credentials.flatMap((credential) => accessFrom(credential));
  return accesses.map((access) => ({ address: target.address, port: target.ports.snmp, access }));
}

/**
 * Reads the system group (and `more`) with the first credential the agent answers to. A wrong community is silence, so silence and
 * refusal lead to the next one; anything else is the answer.
 *
 * @returns the last fault where none was answered; `off` where there is no SNMP credential at all
 */
export async function readSystem(
  target: Target,
  io: FamilyIo,
  signal: AbortSignal,
  more: readonly string[] = [],
): Promise<Result<SystemGroup>> {
  let told: Fault | undefined;
  for (const way of snmpTargets(target)) {
    const got = await io.snmp.get(way, [...Object.values(SYSTEM), ...more], signal);
    if (got.ok) return ok(systemOf(way, got.value));
    told = moreTelling(told, got.fault);
    if (got.fault.kind !== "unreachable" && got.fault.kind !== "denied") break;
  }
  return fail(told ?? { kind: "off", via: "snmp", detail: "no community or user is configured" });
}

/** RMX says its version in sysDescr: `RMX.8.4.0.100` (protocols/snmp.md 3). Some state net-snmp's own number. */
const RMX = /^RMX\.(\d[\d.]*)$/;
const RMX_OBJECTS: readonly string[] = [ENTERPRISE.polycomRmx, ENTERPRISE.polycomMcu, ENTERPRISE.netSnmp];

/**
 * What the system group says of identity. Model and version only where the agent's own document says that sysDescr holds them: on Group
 * and VideoOS it is a text an administrator may change (protocols/snmp.md 2).
 */
export function systemFacts(look: NonNullable<FirstLook["snmp"]>): DeviceFacts {
  const { sysDescr = "", sysObjectId = "", sysName } = look;
  const name = sysName === undefined ? {} : { name: sysName };
  if (isUnder(sysObjectId, ENTERPRISE.viaVideo)) {
    const model = normaliseModel(sysDescr.replaceAll('"', ""));
    const family = familyOfModel(model);
    const named = model !== "" && model.length <= MODEL_CHARS ? { model } : {};
    return { ...name, vendor: "Polycom", ...named, ...(family === undefined ? {} : { family }) };
  }
  const maybeRmx = sysObjectId === "" || RMX_OBJECTS.some((object) => isUnder(sysObjectId, object));
  const rmx = maybeRmx ? RMX.exec(sysDescr)?.[1] : undefined;
  if (rmx !== undefined) {
    const application = parseVersion(rmx)?.text;
    return { ...name, vendor: "Polycom", model: "RMX", ...(application === undefined ? {} : { running: { application } }) };
  }
  return { ...name, ...(isUnder(sysObjectId, ENTERPRISE.polycom) ? { vendor: "Polycom" } : {}) };
}

export function systemEvidence(look: NonNullable<FirstLook["snmp"]>, atMs: number): readonly Evidence[] {
  const { sysDescr, sysObjectId, leftOut = [] } = look;
  const parts = [
    ...(sysObjectId === undefined ? [] : [`sysObjectID ${sysObjectId}`]),
    ...(sysDescr === undefined ? [] : [`sysDescr "${sysDescr.slice(0, MAX_SHOWN)}"`]),
    ...leftOut,
  ];
  return parts.length === 0 ? [] : [{ via: "snmp", what: parts.join(", "), atMs }];
}

/** Nothing we update: nobody asks whether it is free. */
const NOT_ASKED = { state: "unknown", reason: "SNMP does not say" } as const;

/** A read or look that found nothing. */
export function nothingRead(fault: Fault): DeviceRead {
  return { facts: {}, inUse: NOT_ASKED, lines: [], parts: [], reading: {}, evidence: [], faults: [fault] };
}

export async function lookAtSystem(target: Target, io: FamilyIo, signal: AbortSignal): Promise<Look> {
  const system = await readSystem(target, io, signal);
  if (!system.ok) return { facts: {}, inUse: NOT_ASKED, faults: [system.fault] };
  const { look, uptimeSeconds } = system.value;
  return { facts: systemFacts(look), inUse: NOT_ASKED, faults: [], ...(uptimeSeconds === undefined ? {} : { uptimeSeconds }) };
}
