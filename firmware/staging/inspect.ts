/**
 * What a firmware file is, seen from outside: name, size and hash.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { fail, ok,             } from "../../protocols/core/fault.ts";
import { parseSha256,             } from "../../protocols/core/ids.ts";

/** Reads of this size hash fastest. Measured: design.md 17, "verify an image". */
const READ_BYTES = 1024 * 1024;

/** Reads one file whole. `unreachable` where it is not a file or cannot be read. Rejects when aborted. */
export async function inspectFile(path        , signal             )                             {
  const name = basename(path);
  const unreadable = fail({ kind: "unreachable"         , via: "depot"         , detail: `"${name}" cannot be read` });
  const facts = await stat(path).catch(() => undefined);
  if (facts?.isFile() !== true) return unreadable;
  const hash = createHash("sha256");
  let sizeBytes = 0;
  try {
    for await (const piece of createReadStream(path, { highWaterMark: READ_BYTES, signal })                         ) {
      hash.update(piece);
      sizeBytes += piece.length;
    }
  } catch {
    signal.throwIfAborted();
    return unreadable;
  }
  return ok({ name, sizeBytes, sha256: parseSha256(hash.digest("hex"))           });
}

