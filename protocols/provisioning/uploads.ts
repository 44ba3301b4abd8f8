/**
 * What phones upload: logs and overrides, one newest file per device and kind, under names made by us.
 */
import { constants } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, type Result } from "../core/fault.ts";
import type { Mac } from "../core/ids.ts";

export type UploadKind = "boot.log" | "app.log" | "phone.cfg" | "web.cfg";

/** `tooLarge`: this file; `full`: the folder; `cutShort`: the sender went away; `disk`: it could not be written. */
export type UploadFault = "tooLarge" | "full" | "cutShort" | "disk";

export interface UploadCaps {
  readonly logBytes: number;
  readonly overrideBytes: number;
  /** Of all files together. */
  readonly totalBytes: number;
}

export interface Uploads {
  /**
   * Saves one file in place of the device's older one of that kind, whole or not at all.
   *
   * @param body.declaredBytes  what the sender says the size is
   * @returns the size in bytes
   */
  save(
    mac: Mac,
    kind: UploadKind,
    body: { readonly pieces: AsyncIterable<Buffer>; readonly declaredBytes?: number },
  ): Promise<Result<number, UploadFault>>;
}

export const UPLOAD_CAPS: UploadCaps = { logBytes: 2 * 1024 * 1024, overrideBytes: 512 * 1024, totalBytes: 512 * 1024 * 1024 };

/** Opens the folder and removes what an earlier stop left half written. */
export async function openUploads(folder: string, caps: UploadCaps = UPLOAD_CAPS): Promise<Uploads> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  let totalBytes = 0;
  for (const name of await readdir(folder)) {
    if (name.endsWith(".part")) await rm(join(folder, name), { force: true });
    else totalBytes += await sizeOf(join(folder, name));
  }
  let sequence = 0;
  return {
    async save(mac, kind, body) {
      const path = join(folder, `${mac}-${kind}`);
      const partial = `${path}.${sequence++}.part`;
      const cap = Math.min(kind.endsWith(".log") ? caps.logBytes : caps.overrideBytes, caps.totalBytes - totalBytes);
      if (cap <= 0) return fail("full");
      if ((body.declaredBytes ?? 0) > cap) return fail("tooLarge");
      const written = await writeCapped(partial, body.pieces, cap);
      if (!written.ok) {
        await rm(partial, { force: true });
        return written;
      }
      const before = await sizeOf(path);
      try {
        await rename(partial, path);
      } catch {
        await rm(partial, { force: true });
        return fail("disk");
      }
      totalBytes += written.value - before;
      return written;
    },
  };
}

async function writeCapped(path: string, pieces: AsyncIterable<Buffer>, cap: number): Promise<Result<number, UploadFault>> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  } catch {
    return fail("disk");
  }
  let bytes = 0;
  let failure: UploadFault = "cutShort";
  try {
    for await (const piece of pieces) {
      bytes += piece.length;
      if (bytes > cap) return fail("tooLarge");
      failure = "disk";
      await file.write(piece);
      failure = "cutShort";
    }
    failure = "disk";
    await file.sync();
    return ok(bytes);
  } catch {
    // The sender's socket or our disk: which one is known by what was under way.
    return fail(failure);
  } finally {
    await file.close();
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}
