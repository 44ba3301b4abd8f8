/**
 * What of a reading is worth a word: all of it at first and once an hour, what changed at once, and now and then that
 * nothing did. Decides; the rows go out with `samples.ts`.
 */
import { createHash } from "node:crypto";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { READING_NAMES, type Reading, type ReadingName } from "../../protocols/core/reading.ts";
import { HOUR, MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { Told } from "./health-batch.ts";

/** Everything a device reports is told again after this, so that a portal that lost a batch is right again within the hour. */
export const FULL_EVERY_MS: Ms = HOUR;
/** A device of which nothing was said for so long is said to be unchanged: a portal can tell "well" from "not asked". */
export const UNCHANGED_EVERY_MS: Ms = 15 * MINUTE;

/**
 * How far a value must move to be a change; without an entry any difference is one. Guessed: below what a person would act on,
 * above what such a value does by itself. `falls`: a count, told at once only where it began anew.
 */
const STEPS: { readonly [name in ReadingName]?: number | "falls" } = {
  uptimeSeconds: "falls",
  rxPackets: "falls",
  txPackets: "falls",
  cpuRatio: 0.1,
  memoryRatio: 0.05,
  temperatureCelsius: 2,
  jitterSeconds: 0.005,
  packetLossRatio: 0.005,
  mos: 0.2,
  responseSeconds: 0.5,
  certificateNotAfterSeconds: 86_400,
  sinceProvisionedSeconds: 3_600,
  callsStartedPerMinute: 5,
};

/** 0.5 - 0.4 is a little less than 0.1. */
const ROUNDING = 1e-9;

/** Has the value moved enough since it was last told? Pure. */
export function moved(name: ReadingName, was: number | undefined, is: number): boolean {
  if (was === undefined) return true;
  const step = STEPS[name];
  if (step === "falls") return is < was;
  return step === undefined ? is !== was : Math.abs(is - was) > step - ROUNDING;
}

/** What is other than told, and what is reported no longer; `undefined` where nothing is. Pure. */
export function changesOf(told: Reading, now: Reading): { readonly reading: Reading; readonly gone: readonly ReadingName[] } | undefined {
  const reading: { [name in ReadingName]?: number } = {};
  const gone: ReadingName[] = [];
  for (const name of READING_NAMES) {
    const is = now[name];
    if (is !== undefined && moved(name, told[name], is)) reading[name] = is;
    else if (is === undefined && told[name] !== undefined) gone.push(name);
  }
  return Object.keys(reading).length === 0 && gone.length === 0 ? undefined : { reading, gone };
}

interface Kept {
  /** As the portal knows it. */
  told: { [name in ReadingName]?: number };
  /** When the portal last heard a value of it. */
  sinceMs: Ms;
  /** When the portal last heard of it at all. */
  spokenMs: Ms;
  fullDueMs: Ms;
}

export interface Digest {
  /** What the portal is told of this reading; nothing most of the time. */
  take(device: DeviceId, atMs: Ms, reading: Reading): Told | undefined;
  /** The portal may know nothing any more: of each device everything is told at its next reading. */
  forget(): void;
}

export function createDigest(): Digest {
  const kept = new Map<DeviceId, Kept>();
  return {
    take(device, atMs, reading) {
      const known = kept.get(device);
      if (known === undefined || atMs >= known.fullDueMs) {
        kept.set(device, { told: { ...reading }, sinceMs: atMs, spokenMs: atMs, fullDueMs: atMs + dueIn(device, known === undefined) });
        return { how: "full", device, atMs, reading };
      }
      const changes = changesOf(known.told, reading);
      if (changes !== undefined) {
        Object.assign(known.told, changes.reading);
        for (const name of changes.gone) delete known.told[name];
        known.sinceMs = known.spokenMs = atMs;
        return { how: "changed", device, atMs, ...changes };
      }
      if (atMs - known.spokenMs < UNCHANGED_EVERY_MS) return undefined;
      known.spokenMs = atMs;
      return { how: "unchanged", device, atMs, sinceMs: known.sinceMs };
    },
    forget: () => kept.clear(),
  };
}

/** The first time some part of the hour, by its name: the devices of a site must not all speak in the same minute. */
function dueIn(device: DeviceId, first: boolean): Ms {
  if (!first) return FULL_EVERY_MS;
  const part = createHash("sha256").update(device).digest().readUInt16BE() / 65_536;
  return FULL_EVERY_MS * (0.5 + part / 2);
}
