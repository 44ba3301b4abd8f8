/**
 * Files of a channel's folder: read whole and bounded, written whole or not at all.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { codeOf } from "../../protocols/core/error-code.ts";
import type { Stated } from "./metadata.ts";

/** As much as a reader takes of targets, the largest role. */
export const FILE_BYTES_MAX = 4 * 1024 * 1024;

/** The bytes, or `undefined` where there is no such file. Throws for every other failure, and for more than is read. */
export async function readOrAbsent(path: string, bytesMax: number = FILE_BYTES_MAX): Promise<Buffer | undefined> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    if (size > bytesMax) throw new RangeError(`"${path}" has ${size} bytes; at most ${bytesMax} are read`);
    return await file.readFile();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(codeOf(error))) return undefined;
    throw error;
  }
}

/** Writes beside the name, then renames: whoever reads sees the old file or the new one, after a power cut too. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const fresh = join(dirname(path), `.${basename(path)}.new`);
  {
    await using file = await open(fresh, "w", 0o644);
    await file.writeFile(bytes);
    await file.sync();
  }
  await rename(fresh, path);
  await syncFolder(dirname(path));
}

/** Moves a file within one disk. */
export async function moveWhole(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
  await syncFolder(dirname(to));
}

/** Names in it are there after a power cut too. */
export async function syncFolder(folder: string): Promise<void> {
  await using opened = await open(folder, "r");
  await opened.sync();
}

/** Copies while hashing; the copy appears under its name when it is whole. False where `from` changed under our hands. */
export async function copyWhole(from: string, to: string, stated: Stated, signal: AbortSignal): Promise<boolean> {
  await mkdir(dirname(to), { recursive: true });
  const fresh = join(dirname(to), `.${basename(to)}.new`);
  const hash = createHash("sha256");
  let sizeBytes = 0;
  {
    await using file = await open(fresh, "w", 0o644);
    for await (const piece of createReadStream(from, { highWaterMark: 1024 * 1024, signal }) as AsyncIterable<Buffer>) {
      hash.update(piece);
      sizeBytes += piece.length;
      await file.writeFile(piece);
    }
    await file.sync();
  }
  if (sizeBytes !== stated.sizeBytes || hash.digest("hex") !== stated.sha256) {
    await rm(fresh, { force: true });
    return false;
  }
  await moveWhole(fresh, to);
  return true;
}

/** Names in a folder; none where it does not exist. */
export async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

/** Size of a file; `undefined` where there is none. */
export async function sizeOf(path: string): Promise<number | undefined> {
  const facts = await stat(path).catch(() => undefined);
  return facts?.isFile() === true ? facts.size : undefined;
}
