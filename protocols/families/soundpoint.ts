/**
 * SoundPoint IP and SoundStation IP phones. They have no REST and no SNMP agent: their home page and SIP tell who they are, state
 * polling tells their calls where it is on. Without it nothing tells whether one is in a call, and then it is watched, not updated.
 * Source: protocols/uc-phones.md 1, 5 to 7 and 9.
 */
import type { DeviceRead } from "../core/device.ts";
import { MINUTE } from "../core/time.ts";
import { defineFamily, type FamilyIo, type Look, type Target } from "./family.ts";
import { recogniseSoundPoint } from "./phone-doors.ts";
import { seeByPages } from "./phone-pages.ts";
import { soundPointUpdate } from "./soundpoint-update.ts";
import { readPhoneSettings } from "./uc-phone-settings.ts";

/** Real time one visit may take in all. A guess: these phones need up to 2 s for a page. */
const READ_MS = 20_000;
const LOOK_MS = 12_000;

async function read(target: Target, io: FamilyIo, signal: AbortSignal): Promise<DeviceRead> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(READ_MS)]);
  const { certificate, ...seen } = await seeByPages({ target, family: "soundpoint", io }, true, limited);
  const leftMs = certificate?.notAfterMs === undefined ? undefined : certificate.notAfterMs - io.clock.nowMs();
  return {
    ...seen,
    lines: [],
    parts: [],
    reading: {
      ...(seen.inUse.state === "unknown" ? {} : { inCall: seen.inUse.state === "busy" ? 1 : 0 }),
      ...(leftMs === undefined ? {} : { certificateNotAfterSeconds: Math.round(leftMs / 1000) }),
    },
  };
}

async function look(target: Target, io: FamilyIo, signal: AbortSignal): Promise<Look> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]);
  const { facts, inUse, faults } = await seeByPages({ target, family: "soundpoint", io }, false, limited);
  return { facts, inUse, faults };
}

export const soundPoint = defineFamily({
  id: "soundpoint",
  name: "SoundPoint IP and SoundStation IP phones",
  recognise: recogniseSoundPoint,
  read,
  look,
  settings: (target, io, signal) => readPhoneSettings("soundpoint", { target, io }, signal),
  update: soundPointUpdate,
  limits: { inFlightPerSite: 1, pollMs: 2 * MINUTE },
});
