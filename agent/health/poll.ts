/**
 * Asks every device on its own interval and hands on what it says. A dead device costs one time-out per interval and
 * delays nobody.
 */
import type { DeviceRead } from "../../protocols/core/device.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Clock, Ms } from "../../protocols/core/time.ts";
import { familyOf } from "../../protocols/families/index.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { Store } from "../../store/store.ts";
import type { Log } from "../log.ts";
import type { Observer } from "./observe.ts";
import { type Intervals, intervalOf, nextAskMs } from "./schedule.ts";

export interface PollIo {
  readonly store: Pick<Store, "devices">;
  readonly observer: Observer;
  readonly read: (device: DeviceRow, signal: AbortSignal) => Promise<DeviceRead>;
  readonly intervals: Intervals;
  readonly concurrency: number;
  readonly clock: Clock;
  readonly log: Log;
}

export interface Poller {
  /** Starts the asks that are due; returns at once. */
  turn(signal: AbortSignal): Promise<void>;
  /** Asks one device now and waits for the answer; a poll under way is waited for instead. */
  refresh(device: DeviceId, signal: AbortSignal): Promise<DeviceRead | undefined>;
}

interface Kept {
  misses: number;
  lastAskedMs: Ms | undefined;
}

export function createPoller(io: PollIo): Poller {
  const startedMs = io.clock.nowMs();
  const kept = new Map<DeviceId, Kept>();
  const underWay = new Map<DeviceId, Promise<DeviceRead | undefined>>();

  const keptOf = (id: DeviceId): Kept => {
    const known = kept.get(id);
    if (known !== undefined) return known;
    const fresh: Kept = { misses: 0, lastAskedMs: undefined };
    kept.set(id, fresh);
    return fresh;
  };

  const ask = (device: DeviceRow, signal: AbortSignal): Promise<DeviceRead | undefined> => {
    const running = underWay.get(device.id);
    if (running !== undefined) return running;
    const state = keptOf(device.id);
    state.lastAskedMs = io.clock.nowMs();
    const done = io
      .read(device, signal)
      .then((read) => {
        state.misses = io.observer.take(device.id, read);
        return read;
      })
      .catch((error: unknown) => {
        if (!signal.aborted) io.log.warn("a poll did not end", { device: device.id, error });
        return undefined;
      })
      .finally(() => underWay.delete(device.id));
    underWay.set(device.id, done);
    return done;
  };

  return {
    async turn(signal) {
      const nowMs = io.clock.nowMs();
      const due = io.store.devices.list({ adopted: true, retired: false }).flatMap((device) => {
        if (!askable(device) || underWay.has(device.id)) return [];
        const { misses, lastAskedMs } = keptOf(device.id);
        const slot = { intervalMs: intervalOf(device.family, io.intervals), misses, lastAskedMs };
        const dueMs = nextAskMs(device.id, slot, startedMs);
        return dueMs <= nowMs ? [{ device, dueMs }] : [];
      });
      // Longest due first: where places are short, nobody is passed over for good.
      for (const { device } of due.toSorted((a, b) => a.dueMs - b.dueMs)) {
        if (underWay.size >= io.concurrency) return; // the rest is due at the next turn
        void ask(device, signal);
      }
    },
    async refresh(id, signal) {
      const device = io.store.devices.load(id);
      return device === undefined || !askable(device) ? undefined : ask(device, signal);
    },
  };
}

/** Has it an address, or a manager that answers for it? */
function askable({ address, family }: DeviceRow): boolean {
  return address !== undefined || (family !== undefined && familyOf(family)?.addressless === true);
}
