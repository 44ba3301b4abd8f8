/** What the benches of the store have in common: the site they fill it with, and how large files are. */
import { statSync } from "node:fs";
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Reading } from "../../protocols/core/reading.ts";
import { DAY, type Ms } from "../../protocols/core/time.ts";
import type { SqlFile } from "../../store/sql.ts";
import { syntheticDevice } from "./synthetic.ts";

/** A Monday. */
export const START_MS: Ms = Date.UTC(2026, 0, 5);

export const deviceIdOf = (number: number): DeviceId => `d-64167f${number.toString(16).padStart(6, "0")}` as DeviceId;

export interface Batch {
  readonly answered: readonly { readonly device: DeviceId; readonly atMs: Ms; readonly reading: Reading }[];
  readonly missed: readonly { readonly device: DeviceId; readonly atMs: Ms }[];
}

/** Readings in the order they come in, in batches as large as a turn of the poller brings. */
export function batchesOf(devices: number, days: number, size: number): Batch[] {
  const all = Array.from({ length: devices }, (_, i) =>
    syntheticDevice(i, START_MS)
      .asks(START_MS, START_MS + days * DAY)
      .map((ask) => ({ device: deviceIdOf(i), ...ask })),
  ).flat();
  all.sort((a, b) => a.atMs - b.atMs);
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => {
    const part = all.slice(i * size, (i + 1) * size);
    return {
      answered: part.flatMap(({ device, atMs, reading }) => (reading === undefined ? [] : [{ device, atMs, reading }])),
      missed: part.flatMap(({ device, atMs, reading }) => (reading === undefined ? [{ device, atMs }] : [])),
    };
  });
}

export const samplesIn = (batches: readonly Batch[]): number =>
  batches.reduce((sum, { answered }) => sum + answered.reduce((all, { reading }) => all + Object.keys(reading).length, 0), 0);

/** Bytes on the disk once the log is worked in. */
export function sizeOf(sql: SqlFile): number {
  sql.all("pragma wal_checkpoint(truncate)");
  return statSync(sql.path).size;
}
