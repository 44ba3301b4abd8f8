/**
 * Where images are kept: by content, whole or not at all.
 *
 * `images/<aa>/<sha256>` holds complete, verified files; `partial/<sha256>` holds what is on its way. A file gets into
 * `images` only by a rename after its hash was checked and its bytes were synced, so a power cut leaves one or the other.
 */

import { mkdir, open, readdir, rename, rm, stat, statfs, utimes } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, type Result } from "../../protocols/core/fault.ts";
import { parseSha256, type Sha256 } from "../../protocols/core/ids.ts";
import { type Ms, SECOND } from "../../protocols/core/time.ts";
import { type DroppedPart, dropAgedParts } from "./aged-parts.ts";
import { diskFault } from "./disk-fault.ts";
import { inspectFile } from "./inspect.ts";
import { validatorPath } from "./validator.ts";

/** One complete, verified image. */
export interface StoredImage {
  readonly sha256: Sha256;
  readonly sizeBytes: number;
  readonly path: string;
  /** Stored, or offered last: what nobody wants for the longest time goes first. */
  readonly usedAtMs: Ms;
}

export interface DepotOptions {
  readonly folder: string;
  /** What all images together may use. */
  readonly budgetBytes: number;
}

/** What is in the depot and on its way there. */
export interface DepotSpace {
  readonly budgetBytes: number;
  readonly diskFreeBytes: number;
  readonly images: readonly Omit<StoredImage, "path">[];
  readonly parts: readonly { readonly sha256: Sha256; readonly doneBytes: number }[];
}

export interface Depot {
  readonly list: readonly StoredImage[];
  find(sha256: Sha256): StoredImage | undefined;
  /** Where a download of this image is kept until it is whole. */
  partialPath(sha256: Sha256): string;
  /** Takes in the whole, verified file at `partialPath`. `unreachable` where the disk fails. */
  accept(sha256: Sha256): Promise<Result<StoredImage>>;
  /**
   * Evicts what it takes for `needed`, beside the bytes already promised to others.
   * @returns what was evicted; `refused` where it does not fit, and then nothing is; `unreachable` where the disk fails
   */
  makeRoom(
    needed: { readonly name: string; readonly bytes: number; readonly promisedBytes?: () => number },
    pinned: ReadonlySet<Sha256>,
  ): Promise<Result<readonly Sha256[]>>;
  /** It was offered: kept on disk with the image, so that a restart knows it. Nothing where there is no such image. */
  noteUse(sha256: Sha256, nowMs: Ms): Promise<void>;
  /** What takes room, and how much there is. `unreachable` where the disk fails. */
  space(): Promise<Result<DepotSpace>>;
  /** Parts of downloads that nobody wants go when they are old or too many. @param nowMs  on the wall. `unreachable` where the disk fails */
  dropAgedParts(isWanted: (sha256: Sha256) => boolean, nowMs: Ms): Promise<Result<readonly DroppedPart[]>>;
  /** Removes an image and whatever there is of its download. */
  remove(sha256: Sha256): Promise<void>;
}

/** What the depot leaves of the disk: database, logs and the reserve file live there too (security.md 1, fact 11). */
export const DISK_RESERVE_BYTES = 128 * 1024 * 1024;

/**
 * Opens the depot: verifies every image, removes those that are not what their name says and whatever else lies about;
 * parts of downloads stay, to be continued.
 * @returns the depot, and the hashes of images that were removed as damaged. Rejects when aborted.
 */
export async function openDepot(
  options: DepotOptions,
  signal: AbortSignal,
): Promise<Result<{ readonly depot: Depot; readonly damaged: readonly Sha256[] }>> {
  const images = new Map<Sha256, StoredImage>();
  const damaged: Sha256[] = [];
  try {
    await mkdir(join(options.folder, "partial"), { recursive: true, mode: 0o700 });
    await mkdir(join(options.folder, "images"), { recursive: true, mode: 0o700 });
    await tidyPartial(join(options.folder, "partial"));
    for (const path of await filesUnder(join(options.folder, "images"))) {
      const read = await readIn(path, options.folder, signal);
      if (read.image !== undefined) images.set(read.image.sha256, read.image);
      else if (read.claimed !== undefined) damaged.push(read.claimed);
    }
  } catch (error) {
    signal.throwIfAborted();
    return fail(diskFault(error, `"${options.folder}"`));
  }
  return ok({ depot: depotOver(options, images), damaged });
}

function depotOver(options: DepotOptions, images: Map<Sha256, StoredImage>): Depot {
  const { folder } = options;
  const partialPath = (sha256: Sha256): string => join(folder, "partial", sha256);
  return {
    get list() {
      return [...images.values()];
    },
    find: (sha256) => images.get(sha256),
    partialPath,
    async accept(sha256) {
      try {
        const path = await moveIn(partialPath(sha256), folder, sha256);
        const { size, mtimeMs } = await stat(path);
        const image: StoredImage = { sha256, sizeBytes: size, path, usedAtMs: mtimeMs };
        images.set(sha256, image);
        return ok(image);
      } catch (error) {
        return fail(diskFault(error, `"${folder}"`));
      }
    },
    async makeRoom(needed, pinned) {
      try {
        const disk = await statfs(folder);
        const diskFreeBytes = disk.bavail * disk.bsize;
        // Asked only now: while the disk was looked at an image may have come in.
        const promisedBytes = needed.promisedBytes?.() ?? 0;
        const have = { images: [...images.values()], pinned, budgetBytes: options.budgetBytes, diskFreeBytes, promisedBytes };
        const chosen = chooseEvictions(have, needed);
        if (!chosen.ok) return chosen;
        for (const sha256 of chosen.value) {
          images.delete(sha256);
          await rm(imagePath(folder, sha256), { force: true });
        }
        return chosen;
      } catch (error) {
        return fail(diskFault(error, `"${folder}"`));
      }
    },
    async noteUse(sha256, nowMs) {
      const image = images.get(sha256);
      if (image === undefined) return;
      images.set(sha256, { ...image, usedAtMs: nowMs });
      // Only the order of eviction hangs on it: a disk that does not take it is said elsewhere.
      await utimes(image.path, nowMs / SECOND, nowMs / SECOND).catch(() => undefined);
    },
    async space() {
      try {
        const disk = await statfs(folder);
        const held = [...images.values()].map(({ sha256, sizeBytes, usedAtMs }) => ({ sha256, sizeBytes, usedAtMs }));
        const parts = await partsIn(join(folder, "partial"));
        return ok({ budgetBytes: options.budgetBytes, diskFreeBytes: disk.bavail * disk.bsize, images: held, parts });
      } catch (error) {
        return fail(diskFault(error, `"${folder}"`));
      }
    },
    async dropAgedParts(isWanted, nowMs) {
      try {
        return ok(await dropAgedParts(join(folder, "partial"), (name) => isWanted(name as Sha256), nowMs));
      } catch (error) {
        return fail(diskFault(error, `"${folder}"`));
      }
    },
    async remove(sha256) {
      images.delete(sha256);
      await rm(imagePath(folder, sha256), { force: true });
      await rm(partialPath(sha256), { force: true });
      await rm(validatorPath(partialPath(sha256)), { force: true });
    },
  };
}

const HOW_TO_MAKE_ROOM =
  'the rest is needed by unfinished campaigns ("groundswell firmware list" shows which): end one of them, free space, or raise "staging.diskBudgetBytes"';

/** Which images to evict so that `needed` fits: longest unused first, never a pinned one, no more than it takes. Pure. */
export function chooseEvictions(
  have: {
    readonly images: readonly StoredImage[];
    readonly pinned: ReadonlySet<Sha256>;
    readonly budgetBytes: number;
    readonly diskFreeBytes: number;
    /** Of downloads under way, each counted whole. */
    readonly promisedBytes?: number;
  },
  needed: { readonly name: string; readonly bytes: number },
): Result<readonly Sha256[]> {
  const promised = have.promisedBytes ?? 0;
  const used = have.images.reduce((sum, image) => sum + image.sizeBytes, promised);
  const short = Math.max(used + needed.bytes - have.budgetBytes, promised + needed.bytes + DISK_RESERVE_BYTES - have.diskFreeBytes);
  const chosen: Sha256[] = [];
  let freed = 0;
  for (const image of have.images.toSorted((a, b) => a.usedAtMs - b.usedAtMs)) {
    if (freed >= short) break;
    if (have.pinned.has(image.sha256)) continue;
    chosen.push(image.sha256);
    freed += image.sizeBytes;
  }
  if (freed >= short) return ok(chosen);
  const mb = (bytes: number): string => `${Math.ceil(bytes / 1024 ** 2)} MB`;
  const reason = `cannot stage "${needed.name}": it needs ${mb(needed.bytes)}, the disk has ${mb(have.diskFreeBytes)} free, the depot uses ${mb(used)} of ${mb(have.budgetBytes)}, and ${mb(freed)} could be evicted; ${HOW_TO_MAKE_ROOM}`;
  return fail({ kind: "refused", via: "depot", reason });
}

function imagePath(folder: string, sha256: Sha256): string {
  return join(folder, "images", sha256.slice(0, 2), sha256);
}

/** Sync the file, rename it, sync both directories: in this order, so that no name ever stands for missing bytes. */
async function moveIn(partial: string, folder: string, sha256: Sha256): Promise<string> {
  const path = imagePath(folder, sha256);
  const home = join(folder, "images", sha256.slice(0, 2));
  await mkdir(home, { recursive: true, mode: 0o700 });
  await syncPath(partial);
  await rename(partial, path);
  await syncPath(home);
  await syncPath(join(folder, "images"));
  return path;
}

async function syncPath(path: string): Promise<void> {
  await using handle = await open(path, "r");
  await handle.sync();
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => !entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name));
}

/** Verifies one file found in `images`; one that is not what its name says is removed. */
async function readIn(path: string, folder: string, signal: AbortSignal): Promise<{ image?: StoredImage; claimed?: Sha256 }> {
  const claimed = parseSha256(path.split("/").at(-1) ?? "");
  const inspected = claimed !== undefined && path === imagePath(folder, claimed) ? await inspectFile(path, signal) : undefined;
  if (claimed !== undefined && inspected?.ok === true && inspected.value.sha256 === claimed) {
    const { mtimeMs } = await stat(path);
    return { image: { sha256: claimed, sizeBytes: inspected.value.sizeBytes, path, usedAtMs: mtimeMs } };
  }
  await rm(path, { force: true });
  return claimed === undefined ? {} : { claimed };
}

async function partsIn(folder: string): Promise<DepotSpace["parts"]> {
  const names = (await readdir(folder)).flatMap((name) => parseSha256(name) ?? []);
  // One may be moved in while it is looked at.
  const sizes = await Promise.all(names.map((name) => stat(join(folder, name)).catch(() => undefined)));
  return names.flatMap((sha256, at) => (sizes[at] === undefined ? [] : [{ sha256, doneBytes: sizes[at].size }]));
}

/** Keeps `<sha256>` and its `<sha256>.etag`, removes everything else. */
async function tidyPartial(folder: string): Promise<void> {
  const names = new Set(await readdir(folder));
  for (const name of names) {
    const owner = name.replace(/\.etag$/, "");
    const keep = parseSha256(owner) !== undefined && names.has(owner);
    if (!keep) await rm(join(folder, name), { recursive: true, force: true });
  }
}
