/**
 * What a firmware file is, seen from outside: name, size and hash.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { fail, ok, type Result } from "../../protocols/core/fault.ts";
import { parseSha256, type Sha256 } from "../../protocols/core/ids.ts";

export interface Inspected {
  /** Without its folder. */
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: Sha256;
}

/** Reads of this size hash fastest. Measured: design.md 17, "verify an image". */
const READ_BYTES = 1024 * 1024;

/** Reads one file whole. `unreachable` where it is not a file or cannot be read. Rejects when aborted. */
export async function inspectFile(path: string, signal: AbortSignal): Promise<Result<Inspected>> {
  const name = basename(path);
  const unreadable = fail({ kind: "unreachable" as const, via: "depot" as const, detail: `"${name}" cannot be read` });
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isFile() !== true) return unreadable;
  const hash = createHash("sha256");
  let sizeBytes = 0;
  try {
    for await (const piece of createReadStream(path, { highWaterMark: READ_BYTES, signal }) as AsyncIterable<Buffer>) {
      hash.update(piece);
      sizeBytes += piece.length;
    }
  } catch {
    signal.throwIfAborted();
    return unreadable;
  }
  return ok({ name, sizeBytes, sha256: parseSha256(hash.digest("hex")) as Sha256 });
}
