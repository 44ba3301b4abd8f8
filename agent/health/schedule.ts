/**
 * When each device is asked next. Pure: spread evenly by the device's own name, slower for those that do not answer.
 */
import { createHash } from "node:crypto";
import type { FamilyId } from "../../protocols/core/device.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";

export interface Intervals {
  readonly phonesMs: Ms;
  readonly roomsMs: Ms;
  readonly switchesMs: Ms;
}

export function intervalOf(family: FamilyId | undefined, intervals: Intervals): Ms {
  switch (family) {
    case "video-os":
    case "group":
    case "hdx":
      return intervals.roomsMs;
    case "switch":
      return intervals.switchesMs;
    default:
      return intervals.phonesMs;
  }
}

/** A fixed share of the interval, 0 ≤ x < 1, so that a fleet is asked evenly and not all at once after a start. */
export function phaseOf(device: DeviceId): number {
  return createHash("sha256").update(device).digest().readUInt32BE(0) / 2 ** 32;
}

/** At most this many intervals between two asks of a silent device: a phone that comes back is seen within minutes. */
const SLOWEST = 4;

export interface Slot {
  readonly intervalMs: Ms;
  /** Asks in a row that got no answer. */
  readonly misses: number;
  readonly lastAskedMs: Ms | undefined;
}

/** The moment of the next ask; for a device never asked, within one interval of `startedMs`. */
export function nextAskMs(device: DeviceId, slot: Slot, startedMs: Ms): Ms {
  if (slot.lastAskedMs === undefined) return startedMs + phaseOf(device) * slot.intervalMs;
  // The first two misses keep the pace: that is how "offline" is told from a lost packet.
  const slower = slot.misses <= 2 ? 1 : Math.min(SLOWEST, 2 ** (slot.misses - 2));
  return slot.lastAskedMs + slot.intervalMs * slower;
}
