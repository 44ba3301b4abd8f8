/**
 * Takes images out of an accepted archive into the depot. What a person saw is what is taken: the archive has to be the one that
 * was looked into, and each image is checked against the hash it had then.
 */
import { statfs } from "node:fs/promises";
import { codeOf } from "../../protocols/core/error-code.ts";
import { type Fault, fail, ok, type Result } from "../../protocols/core/fault.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import type { Clock } from "../../protocols/core/time.ts";
import type { ImageRef } from "../release.ts";
import { withUnpacked } from "./archive.ts";
import { archiveFault } from "./archive-refusal.ts";
import { DISK_RESERVE_BYTES } from "./depot.ts";
import { inspectFile } from "./inspect.ts";
import type { Stager } from "./stage.ts";

export interface UnpackOrder {
  /** Where the archive lies. */
  readonly path: string;
  /** For people. */
  readonly name: string;
  readonly sha256: Sha256;
  /** All its files together. */
  readonly unpackedBytes: number;
  readonly images: readonly ImageRef[];
}

export interface UnpackArchiveIo {
  readonly stager: Pick<Stager, "stage">;
  readonly clock: Pick<Clock, "nowMs">;
  /** An unpacked archive lies in here for a while; whoever opens the depot clears what a power cut left. */
  readonly folder: string;
}

/**
 * @returns `mismatch` where the archive, or an image in it, is not what was looked at; `refused` where it cannot be unpacked or
 * there is no room for it; faults as `Stager.stage`. Images that came before a fault stay. Rejects when aborted
 */
export async function stageFromArchive(order: UnpackOrder, io: UnpackArchiveIo, signal: AbortSignal): Promise<Result<null>> {
  const found = await inspectFile(order.path, signal);
  if (!found.ok) return found;
  if (found.value.sha256 !== order.sha256) return fail(changed(order.name, order.sha256, found.value.sha256));
  const short = await shortOfRoom(order, io.folder);
  if (short !== undefined) return fail(short);
  const used = await withUnpacked(
    order.path,
    io,
    async ({ archive, pathOf }): Promise<Result<null>> => {
      for (const image of order.images) {
        const file = archive.images.find(({ sha256 }) => sha256 === image.sha256);
        const path = file === undefined ? undefined : pathOf(file);
        if (path === undefined) return fail(changed(image.target, image.sha256, "no such file in the archive"));
        const staged = await io.stager.stage(image, { kind: "file", path }, signal);
        if (!staged.ok) return staged;
      }
      return ok(null);
    },
    signal,
  );
  return used.ok ? used.value : fail(archiveFault(used.fault));
}

const changed = (name: string, wanted: Sha256, found: string): Fault => ({
  kind: "mismatch",
  wanted: `"${name}" with sha256 ${wanted}`,
  found,
});

/** For a while everything in it lies on the disk, and beside it the images that are taken. */
async function shortOfRoom({ name, unpackedBytes, images }: UnpackOrder, folder: string): Promise<Fault | undefined> {
  try {
    const disk = await statfs(folder);
    const freeBytes = disk.bavail * disk.bsize;
    const neededBytes = images.reduce((sum, { sizeBytes }) => sum + sizeBytes, unpackedBytes);
    if (neededBytes + DISK_RESERVE_BYTES <= freeBytes) return undefined;
    const mb = (bytes: number): string => `${Math.ceil(bytes / 1024 ** 2)} MB`;
    const reason = `cannot unpack "${name}": it needs ${mb(neededBytes)} for a while and ${mb(DISK_RESERVE_BYTES)} are kept free, the disk has ${mb(freeBytes)}; free space, then accept it again`;
    return { kind: "refused", via: "depot", reason };
  } catch (error) {
    if (codeOf(error) === "") throw error;
    return { kind: "unreachable", via: "depot", detail: `"${folder}": ${codeOf(error)}` };
  }
}
