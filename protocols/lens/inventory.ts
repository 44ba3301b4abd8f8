/**
 * The account's devices as one list, read again when it has aged: one device cannot be asked for alone, and a list for all
 * costs less than a question for each.
 */
import type { InUse, Sighting } from "../core/device.ts";
import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import type { Mac } from "../core/ids.ts";
import { limit } from "../core/limit.ts";
import { type Clock, HOUR, MINUTE, type Ms } from "../core/time.ts";
import { plainFault } from "./answer.ts";
import type { LensClient } from "./client.ts";
import { type LensDevice, sightingOf } from "./devices.ts";
import { readPages } from "./pages.ts";
import { CALLS, DEVICES, inUseOf } from "./queries.ts";

export interface LensList {
  readonly devices: readonly LensDevice[];
  readonly atMs: Ms;
  /** See `Pages.complete`. */
  readonly complete: boolean;
  /** Why it is not complete, or older than it should be. */
  readonly faults: readonly Fault[];
  /** Fields Lens no longer knows. */
  readonly without: readonly string[];
}

/** Lens as the rest of the agent sees it. */
export interface Lens {
  list(signal: AbortSignal): Promise<Result<LensList>>;
  /** By MAC, else by serial number; `undefined` where the account does not have it. */
  find(key: { readonly mac?: Mac; readonly serial?: string }, signal: AbortSignal): Promise<Result<LensDevice | undefined>>;
  inUse(device: LensDevice, signal: AbortSignal): Promise<InUse>;
  sightings(signal: AbortSignal): Promise<Result<LensSightings>>;
}

export interface LensSightings {
  readonly sightings: readonly Sighting[];
  /** Why the list is a part only, or an old one. */
  readonly faults: readonly Fault[];
}

/** Shorter than two rounds of health. A guess. */
const FRESH_MS: Ms = 3 * MINUTE;
/** After a failure the old list stands in for so long, and Lens is left alone for a while. Guesses. */
const STALE_MS: Ms = HOUR;
const RETRY_MS: Ms = MINUTE;

interface LensIo {
  readonly client: LensClient;
  readonly clock: Clock;
}

/** One reading at a time, however many ask. */
function createList(io: LensIo): Lens["list"] {
  const lane = limit(1);
  let kept: LensList | undefined;
  let failed: { readonly fault: Fault; readonly atMs: Ms } | undefined;

  async function current(signal: AbortSignal): Promise<Result<LensList>> {
    const nowMs = io.clock.nowMs();
    if (kept !== undefined && nowMs - kept.atMs < FRESH_MS) return ok(kept);
    if (failed === undefined || nowMs - failed.atMs >= RETRY_MS) {
      const pages = await readPages(DEVICES, io, signal);
      const fault = pages.faults[0];
      // A part of the list is taken only where there is nothing better.
      if (pages.complete || (pages.items.length > 0 && kept === undefined)) {
        failed = undefined;
        kept = { devices: unique(pages.items), atMs: nowMs, complete: pages.complete, faults: pages.faults, without: pages.without };
        return ok(kept);
      }
      failed = { fault: fault ?? { kind: "garbled", via: "lens", wanted: "the whole list" }, atMs: nowMs };
      if (failed.fault.kind === "cancelled") failed = undefined;
    }
    if (kept !== undefined && nowMs - kept.atMs < STALE_MS) return ok({ ...kept, faults: failed === undefined ? [] : [failed.fault] });
    return fail(failed?.fault ?? { kind: "cancelled", by: "shutdown" });
  }

  return async (signal) => {
    try {
      return await lane.run(() => current(signal), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return fail({ kind: "cancelled", by: "shutdown" });
    }
  };
}

export function createLens(io: LensIo): Lens {
  const list = createList(io);
  return {
    list,
    async find({ mac, serial }, signal) {
      const read = await list(signal);
      if (!read.ok) return read;
      const { devices, complete, faults } = read.value;
      const byMac = mac === undefined ? undefined : devices.find(({ facts }) => facts.mac === mac);
      const found = byMac ?? (serial === undefined ? undefined : devices.find(({ facts }) => facts.serial === serial));
      // Not in a part of the list is not known to be gone.
      if (found === undefined && !complete) return fail(faults[0] ?? { kind: "garbled", via: "lens", wanted: "the whole list" });
      return ok(found);
    },
    async inUse(device, signal) {
      // Nothing would make it idle: the question is saved.
      const least = inUseOf(device, []);
      if (device.connected !== true || device.callStatus === undefined) return least;
      const answer = await io.client.ask(CALLS, { d: device.id }, signal);
      if (!answer.ok) return { state: "unknown", reason: `Lens did not tell of its calls (${plainFault(answer.fault).kind})` };
      if (answer.value.faults.length > 0 && answer.value.value.length === 0) {
        return { state: "unknown", reason: "Lens told only a part of its calls" };
      }
      return inUseOf(device, answer.value.value);
    },
    async sightings(signal) {
      const read = await list(signal);
      if (!read.ok) return read;
      const { devices, atMs, faults } = read.value;
      return ok({ sightings: devices.map((device) => sightingOf(device, atMs)), faults });
    },
  };
}

/**
 * Pages of a list that changes meanwhile may repeat a device: the later word counts. After a resale it stands in two accounts,
 * in one of them for good as not connected (protocols/lens-and-portal.md 13): the connected entry is the device's own.
 */
function unique(devices: readonly LensDevice[]): readonly LensDevice[] {
  const byId = new Map<string, LensDevice>();
  for (const device of devices) {
    if (byId.get(device.id)?.connected !== true || device.connected === true) byId.set(device.id, device);
  }
  return [...byId.values()];
}
