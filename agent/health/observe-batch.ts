/**
 * What may wait a moment and then goes to disk together: readings, and devices that say the same as ten minutes ago. A
 * transaction of its own for each would cost more than everything else an answer costs (measured: 2 ms against 0.05).
 */
import type { DeviceRead } from "../../protocols/core/device.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import { type Ms, SECOND } from "../../protocols/core/time.ts";
import type { DeviceReading } from "../../store/history/reader.ts";
import type { Missed } from "../../store/history/readings.ts";
import type { Store } from "../../store/store.ts";
import type { Inventory } from "../discovery/inventory.ts";

export interface SaidAgain {
  readonly read: DeviceRead;
  readonly address: string | undefined;
  readonly atMs: Ms;
}

export interface Batch {
  reading(reading: DeviceReading): void;
  /** Nobody answered. */
  missed(device: DeviceId, atMs: Ms): void;
  again(said: SaidAgain): void;
  isDue(nowMs: Ms): boolean;
  flush(nowMs: Ms): void;
}

/** A kill loses what waited. */
const WAIT_MS: Ms = SECOND;
const READINGS_MAX = 500;
/** Each is a millisecond: together they stay below the 25 ms a call to the store may take. */
const AGAIN_MAX = 8;

export function createBatch({
  store,
  inventory,
}: {
  readonly store: Pick<Store, "transaction" | "history">;
  readonly inventory: Inventory;
}): Batch {
  let readings: DeviceReading[] = [];
  let missed: Missed[] = [];
  let saidAgain: SaidAgain[] = [];
  let flushedAtMs = Number.NEGATIVE_INFINITY;
  return {
    reading: (reading) => void readings.push(reading),
    missed: (device, atMs) => void missed.push({ device, atMs }),
    again: (said) => void saidAgain.push(said),
    isDue: (nowMs) => readings.length + missed.length >= READINGS_MAX || saidAgain.length >= AGAIN_MAX || nowMs - flushedAtMs >= WAIT_MS,
    flush(nowMs) {
      flushedAtMs = nowMs;
      const [written, lost, noted] = [readings, missed, saidAgain];
      [readings, missed, saidAgain] = [[], [], []];
      store.history.append(written);
      store.history.appendMissed(lost);
      if (noted.length === 0) return;
      store.transaction(() => {
        for (const { read, address, atMs } of noted) inventory.noteRead(read, { ...(address === undefined ? {} : { address }), atMs });
      });
    },
  };
}
