/**
 * What we remember of a channel: its last verified metadata. Kept per pinned root, so that a new pin starts afresh.
 */
import { createHash } from "node:crypto";
import { mkdir, open, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";

export interface MetadataCache {
  /** Puts the remembered metadata into a folder to work in; the pinned root where nothing newer is remembered. */
  copyTo(work: string): Promise<void>;
  /** Puts the pinned root there, in the place of what is remembered. False where it is there already. */
  copyPinnedTo(work: string): Promise<boolean>;
  /** Remembers what was verified there. */
  takeFrom(work: string): Promise<void>;
}

/** In the order they are written back: each names only files already there. */
const METADATA_FILES = ["root.json", "targets.json", "snapshot.json", "timestamp.json"] as const;

const homeOf = (folder: string, pinned: Buffer): string => join(folder, createHash("sha256").update(pinned).digest("hex").slice(0, 16));

/** `undefined` where the pinned root file cannot be read. */
export async function openMetadataCache(folder: string, rootPath: string): Promise<MetadataCache | undefined> {
  const pinned = await readOrAbsent(rootPath);
  if (pinned === undefined) return undefined;
  const home = homeOf(folder, pinned);
  await mkdir(home, { recursive: true, mode: 0o700 });
  return {
    async copyTo(work) {
      for (const name of METADATA_FILES) {
        const bytes = await readOrAbsent(join(home, name));
        if (bytes !== undefined) await writeFile(join(work, name), bytes, { mode: 0o600 });
      }
      const remembered = await readOrAbsent(join(home, "root.json"));
      if (remembered === undefined || rootVersion(remembered) < rootVersion(pinned)) await writeFile(join(work, "root.json"), pinned);
    },
    async copyPinnedTo(work) {
      const there = await readOrAbsent(join(work, "root.json"));
      if (there?.equals(pinned) === true) return false;
      await writeFile(join(work, "root.json"), pinned, { mode: 0o600 });
      return true;
    },
    async takeFrom(work) {
      for (const name of METADATA_FILES) {
        const fresh = await readOrAbsent(join(work, name));
        const known = await readOrAbsent(join(home, name));
        if (fresh !== undefined && (known === undefined || !fresh.equals(known))) await replace(home, name, fresh);
      }
    },
  };
}

/** What is remembered under a pinned root, by role; none of it where nothing was verified yet. For people to look at. */
export async function rememberedOf(folder: string, rootPath: string): Promise<ReadonlyMap<string, Buffer>> {
  const pinned = await readOrAbsent(rootPath);
  const found = new Map<string, Buffer>();
  if (pinned === undefined) return found;
  for (const name of METADATA_FILES) {
    const bytes = await readOrAbsent(join(homeOf(folder, pinned), name));
    if (bytes !== undefined) found.set(name.replace(".json", ""), bytes);
  }
  return found;
}

const versionSchema = z.object({ signed: z.object({ version: z.int().min(1) }) });

/** 0 for what is no root at all. Only chooses between two files we hold; trust is decided elsewhere. */
function rootVersion(bytes: Buffer): number {
  try {
    return versionSchema.parse(JSON.parse(bytes.toString("utf8"))).signed.version;
  } catch {
    return 0; // unreadable: the pinned one is taken
  }
}

async function replace(folder: string, name: string, bytes: Buffer): Promise<void> {
  const fresh = join(folder, `${name}.new`);
  {
    await using file = await open(fresh, "w", 0o600);
    await file.writeFile(bytes);
    await file.sync();
  }
  await rename(fresh, join(folder, name));
  await using home = await open(folder, "r");
  await home.sync();
}

async function readOrAbsent(path: string): Promise<Buffer | undefined> {
  return readFile(path).catch(() => undefined);
}
