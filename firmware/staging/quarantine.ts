/**
 * Where files wait that were fetched and that no person has accepted: by content, beside the depot and never served from.
 */
import { createHash } from "node:crypto";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, type Result } from "../../protocols/core/fault.ts";
import { parseSha256, type Sha256 } from "../../protocols/core/ids.ts";
import { diskFault } from "./disk-fault.ts";

export interface Quarantine {
  pathOf(sha256: Sha256): string;
  /** Where a file is kept until it is whole; the same name always gives the same path. */
  partialPath(name: string): string;
  /** Bytes that still fit. */
  freeBytes(): Promise<number>;
  /** Takes in the whole file at `partialPath`; the same bytes again are fine. `unreachable` where the disk fails. */
  take(partialPath: string, sha256: Sha256): Promise<Result<void>>;
  drop(sha256: Sha256): Promise<void>;
  held(): Promise<readonly Sha256[]>;
}

/** Removes nothing but what is none of ours. Throws where the folder cannot be made. */
export async function openQuarantine(folder: string, budgetBytes: number): Promise<Quarantine> {
  const partials = join(folder, "partial");
  await mkdir(partials, { recursive: true, mode: 0o700 });
  const held = async (): Promise<Sha256[]> => (await readdir(folder)).flatMap((name) => parseSha256(name) ?? []);
  const pathOf = (sha256: Sha256): string => join(folder, sha256);
  return {
    pathOf,
    partialPath: (name) => join(partials, createHash("sha256").update(name).digest("hex")),
    async freeBytes() {
      const paths = [...(await held()).map(pathOf), ...(await readdir(partials)).map((name) => join(partials, name))];
      const sizes = await Promise.all(paths.map((path) => stat(path).catch(() => undefined)));
      return budgetBytes - sizes.reduce((sum, facts) => sum + (facts?.size ?? 0), 0);
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
