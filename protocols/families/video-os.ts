/**
 * Poly VideoOS rooms: Studio X, G7500, G62 with their touch panels. Source: protocols/video.md 2, 3 and 7.
 */

import type { DeviceRead } from "../core/device.ts";
import { MINUTE } from "../core/time.ts";
import { defineFamily, type FamilyIo, type Look, type Target } from "./family.ts";
import { recogniseVideo } from "./phone-doors.ts";
import { videoOsUpdate } from "./video-os-update.ts";
import { lookOf, readOf, silentRead, unreadable, withSnmp } from "./video-read.ts";
import { readVideo, seeWithParts } from "./video-room.ts";
import { readVideoSettings } from "./video-settings.ts";

/** Real time of one visit: seven asks of a busy codec, each up to some seconds. A guess. */
const READ_MS = 30_000;
const LOOK_MS = 15_000;

async function read(target: Target, io: FamilyIo, signal: AbortSignal): Promise<DeviceRead> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(READ_MS)]);
  const seen = await readVideo("video-os", { target, io }, limited);
  return seen.ok ? withSnmp(readOf(seen.value, io.clock.nowMs()), { target, io }, limited) : silentRead(seen.fault);
}

async function look(target: Target, io: FamilyIo, signal: AbortSignal): Promise<Look> {
  const limited = AbortSignal.any([signal, AbortSignal.timeout(LOOK_MS)]);
  const seen = await seeWithParts("video-os", { target, io }, limited);
  return seen.ok ? lookOf(seen.value) : { facts: {}, inUse: unreadable(seen.fault), faults: [seen.fault] };
}

export const videoOs = defineFamily({
  id: "video-os",
  name: "Poly VideoOS rooms (Studio X, G7500, G62)",
  recognise: (found, atMs) => recogniseVideo("video-os", found, atMs),
  read,
  look,
  settings: (target, io, signal) => readVideoSettings("video-os", { target, io }, signal),
  update: videoOsUpdate,
  // One room at a time first (protocols/video.md 7); 60 s: design, health of rooms.
  limits: { inFlightPerSite: 5, pollMs: MINUTE },
});
