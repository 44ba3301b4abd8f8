/** What is on the disk after the power went at some moment: all that was synced, and of the rest whatever chance had written. */
import type { Random } from "../../../protocols/core/random.ts";
import type { Op } from "./write-log.ts";

/** A disk writes whole sectors, and of a longer write any number of them. */
const SECTOR_BYTES = 512;

type Change = Extract<Op, { do: "write" | "truncate" }>;

/** @param at  how many of the operations had happened */
export function filesAfterCut(ops: readonly Op[], at: number, random: Random): ReadonlyMap<string, Buffer> {
  const disk = new Map<string, Image>();
  const pending = new Map<string, Change[]>();
  for (const op of ops.slice(0, at)) {
    if (op.do === "ack") continue;
    if (op.do !== "sync") {
      const waiting = pending.get(op.file);
      if (waiting === undefined) pending.set(op.file, [op]);
      else waiting.push(op);
    } else {
      for (const change of pending.get(op.file) ?? []) apply(disk, change);
      pending.delete(op.file);
    }
  }
  // Now and then nothing of it, now and then all, else some.
  const mood = random.below(4);
  for (const change of [...pending.values()].flat()) {
    if (mood === 0 || (mood !== 1 && random.below(2) === 0)) continue;
    apply(disk, mood === 1 ? change : torn(change, random));
  }
  return new Map([...disk].map(([file, { bytes, length }]) => [file, bytes.subarray(0, length)]));
}

/** The last step the outside had heard of; 0 for none. */
export function ackedAt(ops: readonly Op[], at: number): number {
  return ops.slice(0, at).reduce((last, op) => (op.do === "ack" ? op.step : last), 0);
}

function torn(change: Change, random: Random): Change {
  if (change.do === "truncate") return change;
  const sectors = Math.ceil(change.bytes.length / SECTOR_BYTES);
  return { ...change, bytes: change.bytes.subarray(0, (1 + random.below(sectors)) * SECTOR_BYTES) };
}

/** A file as it grows: what is behind `length` is room. */
interface Image {
  bytes: Buffer;
  length: number;
}

function apply(disk: Map<string, Image>, change: Change): void {
  const image = disk.get(change.file) ?? { bytes: Buffer.alloc(0), length: 0 };
  disk.set(change.file, image);
  const end = change.do === "truncate" ? change.length : change.offset + change.bytes.length;
  if (end > image.bytes.length) image.bytes = Buffer.concat([image.bytes, Buffer.alloc(end)]);
  if (change.do === "write") {
    change.bytes.copy(image.bytes, change.offset);
    image.length = Math.max(image.length, end);
    return;
  }
  image.bytes.fill(0, Math.min(end, image.length));
  image.length = end;
}
