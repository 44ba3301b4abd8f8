/**
 * When a device's settings are read again. Pure.
 */
import { createHash } from "node:crypto";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { HOUR, MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { ConfigRead } from "../../store/config-reads.ts";

/** The first repetition of a reading that failed; each further one waits twice as long. A phone that boots is back by then. Guessed. */
export const RETRY_FIRST_MS = 10 * MINUTE;
/** Of the interval, so that a fleet read at once is not read at once for ever. */
const SPREAD_RATIO = 0.1;
/** A snapshot before an update need not be newer than this. */
export const FRESH_MS = HOUR;

/** From 0 to 1, the same for one device always. */
function placeOf(device: DeviceId): number {
  return createHash("sha256").update(device).digest().readUInt16BE(0) / 0xffff;
}

/** A device's next reading after one that worked. */
export function nextAfterSuccess(device: DeviceId, nowMs: Ms, everyMs: Ms): Ms {
  return nowMs + Math.round(everyMs * (1 - SPREAD_RATIO * placeOf(device)));
}

/** After `failures` in a row, this one included. */
export function nextAfterFailure(failures: number, nowMs: Ms, everyMs: Ms): Ms {
  return nowMs + Math.min(everyMs, RETRY_FIRST_MS * 2 ** Math.min(failures - 1, 16));
}

export function afterSuccess(device: DeviceId, nowMs: Ms, everyMs: Ms): ConfigRead {
  return { device, nextMs: nextAfterSuccess(device, nowMs, everyMs), readMs: nowMs, triedMs: nowMs, failures: 0 };
}

/** @param before what was known until now */
export function afterFailure(before: ConfigRead | undefined, device: DeviceId, why: string, pace: { nowMs: Ms; everyMs: Ms }): ConfigRead {
  const failures = (before?.failures ?? 0) + 1;
  return {
    device,
    nextMs: nextAfterFailure(failures, pace.nowMs, pace.everyMs),
    triedMs: pace.nowMs,
    failures,
    why,
    ...(before?.readMs === undefined ? {} : { readMs: before.readMs }),
    ...(before?.wantedFor === undefined ? {} : { wantedFor: before.wantedFor }),
  };
}
