/**
 * When each device is asked next. Pure: spread evenly by the device's own name, slower for those that are slow or silent.
 */
import { createHash } from "node:crypto";
import type { FamilyId } from "../../protocols/core/device.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";

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

/** At most this many intervals between two asks of a slow or silent device. */
const SLOWEST = 4;
/** However long its interval: a device that comes back is seen within minutes. */
const SILENT_AT_MOST_MS: Ms = 5 * MINUTE;
/** A device whose visit takes more than this share of its interval is slow: it would be visited most of the time. */
const SLOW_SHARE = 0.25;
/** How often a device is asked while somebody wants it denser: enough points to see a call drop. Guessed. */
export const DENSE_EVERY_MS: Ms = 15 * SECOND;
/** Two asks of one device are at least this share of its interval apart, where the first one came late. */
const APART_SHARE = 0.25;

/** What is known of a device's last asks. */
export interface Course {
  readonly intervalMs: Ms;
  /** Asks in a row that got no answer. */
  readonly misses: number;
  /** How long the last ask took; 0 where it was never asked. */
  readonly tookMs: Ms;
}

/** How many of its intervals a device waits between two asks. */
export function paceOf({ intervalMs, misses, tookMs }: Course): number {
  if (misses === 0) return tookMs > intervalMs * SLOW_SHARE ? 2 : 1;
  // The first two misses keep the pace: that is how "offline" is told from a lost packet.
  const slower = misses <= 2 ? 1 : Math.min(SLOWEST, 2 ** (misses - 2));
  return Math.max(1, Math.min(slower, Math.floor(SILENT_AT_MOST_MS / intervalMs)));
}

/** The first of the device's own moments at or after `fromMs`: they are `intervalMs` apart and the same after every restart. */
export function momentFrom(fromMs: Ms, phase: number, intervalMs: Ms): Ms {
  const offset = Math.floor(phase * intervalMs);
  return Math.ceil((fromMs - offset) / intervalMs) * intervalMs + offset;
}

/**
 * The next ask after one that began at `askedMs`: one of the device's own moments, so that a late ask does not move the ones after
 * it and a fleet stays spread. A device on time waits exactly its interval.
 */
export function nextAskMs(phase: number, course: Course, askedMs: Ms): Ms {
  const { intervalMs } = course;
  return momentFrom(askedMs + (paceOf(course) - 1 + APART_SHARE) * intervalMs, phase, intervalMs);
}
