/**
 * One file on its way: what is on disk of it, and the hash over that.
 */
import { createHash, type Hash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import { fail, ok, type Result } from "../../protocols/core/fault.ts";
import { filePieces } from "./file-pieces.ts";
import { saveValidator } from "./validator.ts";

export interface Progress {
  readonly file: FileHandle;
  readonly partialPath: string;
  hash: Hash;
  /** Hashed, and in the file as soon as its last block is. */
  doneBytes: number;
  /** Over all tries of this run. */
  receivedBytes: number;
  /** The bytes hashed come from more than one answer: of an earlier run, or of a file that changed in between. */
  spliced: boolean;
}

/** Opens the part of an earlier try, if there is one, and hashes what it holds. One larger than the file is begun anew. */
export async function openPartial(partialPath: string, sizeBytes: number): Promise<Result<Progress>> {
  let file: FileHandle | undefined;
  try {
    file = await open(partialPath, "r+").catch(() => open(partialPath, "w+", 0o600));
    const progress: Progress = { file, partialPath, hash: createHash("sha256"), doneBytes: 0, receivedBytes: 0, spliced: false };
    const { size } = await file.stat();
    if (size > sizeBytes) await restart(progress, undefined);
    else if (size > 0) {
      for await (const piece of filePieces(file)) progress.hash.update(piece);
      progress.doneBytes = size;
      progress.spliced = true;
    }
    return ok(progress);
  } catch {
    await file?.close();
    return fail({ kind: "unreachable", via: "depot", detail: `"${partialPath}" cannot be written` });
  }
}

/** Nothing is here of it; what comes now comes under this ETag. */
export async function restart(progress: Progress, etag: string | undefined): Promise<void> {
  await progress.file.truncate(0);
  await saveValidator(progress.partialPath, etag);
  progress.hash = createHash("sha256");
  progress.doneBytes = 0;
  progress.spliced = false;
}
