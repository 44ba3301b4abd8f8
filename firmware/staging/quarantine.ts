/**
 * Where files wait that were fetched and that no person has accepted: by content, beside the depot and never served from.
 */
import { createHash } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, type Result } from "../../protocols/core/fault.ts";
import { parseSha256, type Sha256 } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { type DroppedPart, dropAgedParts } from "./aged-parts.ts";
import { DISK_RESERVE_BYTES } from "./depot.ts";
import { diskFault } from "./disk-fault.ts";

export interface Quarantine {
  pathOf(sha256: Sha256): string;
  /** Where a file is kept until it is whole; the same name always gives the same path. */
  partialPath(name: string): string;
  /** Bytes that a file may have of which this part is here already, so that budget and disk hold it; `reserved`: what others may still bring. */
  roomFor(partialPath: string, reserved: ReadonlyMap<string, number>): Promise<number>;
  /** See `Depot`. */
  dropAgedParts(isWanted: (partialPath: string) => boolean, nowMs: Ms): Promise<Result<readonly DroppedPart[]>>;
  /** Takes in the whole file at `partialPath`; the same bytes again are fine. `unreachable` where the disk fails. */
  take(partialPath: string, sha256: Sha256): Promise<Result<void>>;
  drop(sha256: Sha256): Promise<void>;
  held(): Promise<readonly Sha256[]>;
}

/** Throws where the folder cannot be made. */
export async function openQuarantine(folder: string, budgetBytes: number): Promise<Quarantine> {
  const partials = join(folder, "partial");
  await mkdir(partials, { recursive: true, mode: 0o700 });
  const held = async (): Promise<Sha256[]> => (await readdir(folder)).flatMap((name) => parseSha256(name) ?? []);
  const pathOf = (sha256: Sha256): string => join(folder, sha256);
  return {
    pathOf,
    partialPath: (name) => join(partials, createHash("sha256").update(name).digest("hex")),
    async roomFor(partialPath, reserved) {
      const paths = [...(await held()).map(pathOf), ...(await readdir(partials)).map((name) => join(partials, name))];
      // One may be taken in or dropped while it is looked at.
      const sizes = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
      const bytes = new Map(paths.map((path, at) => [path, sizes[at]?.size ?? 0]));
      const disk = await statfs(folder);
      return roomIn({ bytes, reserved, budgetBytes, diskFreeBytes: disk.bavail * disk.bsize }, partialPath);
    },
    async dropAgedParts(isWanted, nowMs) {
      try {
        return ok(await dropAgedParts(partials, (name) => isWanted(join(partials, name)), nowMs));
      } catch (error) {
        return fail(diskFault(error, "quarantine"));
      }
    },
    async take(partialPath, sha256) {
      try {
        await rename(partialPath, pathOf(sha256));
        await using home = await open(folder, "r");
        await home.sync();
        return ok(undefined);
      } catch (error) {
        return fail(diskFault(error, "quarantine"));
      }
    },
    drop: (sha256) => rm(pathOf(sha256), { force: true }),
    held,
  };
}

/** Bytes that the whole file of a part may have: others keep what they have and may still bring what was reserved for them. Pure. */
export function roomIn(
  have: {
    /** Of every file and part. */
    readonly bytes: ReadonlyMap<string, number>;
    readonly reserved: ReadonlyMap<string, number>;
    readonly budgetBytes: number;
    readonly diskFreeBytes: number;
  },
  path: string,
): number {
  let budget = have.budgetBytes;
  let disk = have.diskFreeBytes - DISK_RESERVE_BYTES + (have.bytes.get(path) ?? 0);
  for (const other of new Set([...have.bytes.keys(), ...have.reserved.keys()])) {
    if (other === path) continue;
    const bytes = have.bytes.get(other) ?? 0;
    const whole = Math.max(bytes, have.reserved.get(other) ?? 0);
    budget -= whole;
    disk -= whole - bytes;
  }
  return Math.max(0, Math.min(budget, disk));
}
