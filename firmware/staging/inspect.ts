/**
 * What a firmware file is, seen from outside: name, size and hash.
 */
import { createHash } from "node:crypto";
import { constants, open } from "node:fs/promises";
import { basename } from "node:path";
import { fail, ok, type Result } from "../../protocols/core/fault.ts";
import { parseSha256, type Sha256 } from "../../protocols/core/ids.ts";
import { filePieces } from "./file-pieces.ts";

export interface Inspected {
  /** Without its folder. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: Sha256;
}

/** Reads one file whole. `unreachable` where it is not a file or cannot be read. Rejects when aborted. */
export async function inspectFile(path: string, signal: AbortSignal): Promise<Result<Inspected>> {
  const name = basename(path);
  const unreadable = fail({ kind: "unreachable" as const, via: "depot" as const, detail: `"${name}" cannot be read` });
  const hash = createHash("sha256");
  let sizeBytes = 0;
  try {
    signal.throwIfAborted();
    // A pipe of that name is not waited for.
    await using file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if (!(await file.stat()).isFile()) return unreadable;
    for await (const piece of filePieces(file)) {
      signal.throwIfAborted();
      hash.update(piece);
      sizeBytes += piece.length;
    }
  } catch {
    signal.throwIfAborted();
    return unreadable;
  }
  return ok({ name, sizeBytes, sha256: parseSha256(hash.digest("hex")) as Sha256 });
}
