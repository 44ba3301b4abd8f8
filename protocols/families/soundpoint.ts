/**
 * SoundPoint IP and SoundStation IP phones. They have no REST and no SNMP agent: what they say by SIP is read, and their
 * requests for provisioning are seen elsewhere. Watched, not updated: nothing here tells whether one is in a call.
 * Source: protocols/uc-phones.md 1, 7 and 9.
 */
import type { DeviceRead, InUse } from "../core/device.ts";
import { MINUTE } from "../core/time.ts";
import { defineFamily, type FamilyIo, type Look, type Target } from "./family.ts";
import { recogniseSoundPoint } from "./phone-doors.ts";
import { seeBySip } from "./sip-facts.ts";

const UNKNOWN: InUse = { state: "unknown", reason: "the phone does not tell its calls by SIP" };

async function read(target: Target, io: FamilyIo, signal: AbortSignal): Promise<DeviceRead> {
  const seen = await seeBySip(target, io, signal);
  return { ...seen, inUse: UNKNOWN, lines: [], parts: [], reading: {} };
}

async function look(target: Target, io: FamilyIo, signal: AbortSignal): Promise<Look> {
  const { facts, faults } = await seeBySip(target, io, signal);
  return { facts, inUse: UNKNOWN, faults };
}

export const soundPoint = defineFamily({
  id: "soundpoint",
  name: "SoundPoint IP and SoundStation IP phones",
  recognise: recogniseSoundPoint,
  read,
  look,
  limits: { inFlightPerSite: 1, pollMs: 2 * MINUTE },
});
