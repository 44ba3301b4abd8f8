/**
 * One visit to a device with everything written down, and what it gave.
 */
import type { Credential } from "../../protocols/core/secret.ts";
import { isoOf } from "../../protocols/core/time.ts";
import type { FamilyIo, FirstLook, Target } from "../../protocols/families/family.ts";
import { type Identified, identifyDevice } from "../../protocols/families/identify.ts";
import type { Expected, Recording, Visit } from "./format.ts";
import { createRecorder, type Recorder } from "./record.ts";

export interface Visited {
  readonly identified: Identified;
  readonly recording: Recording;
  /** More was asked than a recording keeps. */
  readonly overflowed: boolean;
}

/** @param onAsk told after each answered ask how many there were */
export async function visitAndRecord(
  target: Target,
  io: FamilyIo,
  signal: AbortSignal,
  watch?: (recorder: Recorder) => void,
): Promise<Visited> {
  const recorder = createRecorder(io, secretsOf(target.credentials));
  watch?.(recorder);
  const identified = await identifyDevice(target, recorder.io, signal);
  const expected = expectedOf(visitOf(target, isoOf(recorder.io.clock.nowMs())), identified);
  return {
    identified,
    recording: { doors: recorder.doors(), look: doorsOf(identified.look), expected },
    overflowed: recorder.overflowed(),
  };
}

/** Without the faults a first look brings along: they stand in `expected`. */
function doorsOf({ tls, sip, snmp, ssh }: FirstLook): FirstLook {
  return {
    ...(tls === undefined ? {} : { tls }),
    ...(sip === undefined ? {} : { sip }),
    ...(snmp === undefined ? {} : { snmp }),
    ...(ssh === undefined ? {} : { ssh }),
  };
}

/** Everything that lets somebody in. */
export function secretsOf(credentials: readonly Credential[]): readonly string[] {
  return credentials.flatMap(secretsIn);
}

function secretsIn(credential: Credential): readonly string[] {
  switch (credential.kind) {
    case "password":
      return [credential.password.reveal()];
    case "community":
      return [credential.community.reveal()];
    case "certificate":
      return [credential.key.reveal()];
    case "usm":
      return [credential.auth, credential.priv].flatMap((part) => (part === undefined ? [] : [part.key.reveal()]));
  }
}

function visitOf(target: Target, at: string): Visit {
  const { address, trust, telnet, sipNotify, oldTls, expectMac } = target;
  return {
    at,
    address,
    trust: trust === "first" ? "any" : trust,
    ...(telnet === true ? { telnet } : {}),
    ...(sipNotify === true ? { sipNotify } : {}),
    ...(oldTls === true ? { oldTls } : {}),
    ...(expectMac === undefined ? {} : { expectMac }),
    credentials: target.credentials.map((credential) => ({
      kind: credential.kind,
      id: credential.id,
      ...("user" in credential ? { user: credential.user } : {}),
    })),
  };
}

/** What a replay is compared with: moments and how long answers took are left out. */
export function expectedOf(visit: Visit, identified: Identified): Expected {
  const { facts, family, ambiguous, confidence, inUse, lines, parts, evidence, faults } = identified;
  const { responseSeconds: _, ...reading } = identified.reading;
  return {
    visit,
    facts,
    ...(family === undefined ? {} : { family: family.id }),
    ...(ambiguous === undefined ? {} : { ambiguous }),
    confidence,
    ...(inUse === undefined ? {} : { inUse }),
    lines,
    parts,
    reading,
    evidence: evidence.map(({ via, what }) => ({ via, what })),
    faults,
  };
}
