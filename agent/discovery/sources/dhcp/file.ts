/**
 * Lease files from disk: whole or not at all. A server replaces its file while it is read; then it is read again.
 */

import { open, stat } from "node:fs/promises";
import { codeOf } from "../../../../protocols/core/error-code.ts";
import { type Fault, fail, ok, type Result } from "../../../../protocols/core/fault.ts";
import type { Ms } from "../../../../protocols/core/time.ts";
import { reasonOf as usualReasonOf } from "../../../config/files.ts";

/** A /15 of leases, each of 450 bytes as ISC writes them; its files grow to twice that before they are written anew. Guessed. */
export const LEASE_BYTES_MAX = 64 * 1024 * 1024;
const PIECE_BYTES = 256 * 1024;
/** A server replaces its file once in minutes: twice in a row is already unlikely. */
const TRIES = 3;

export interface LeaseFile {
  readonly path: string;
  readonly text: string;
  /** The wall's time of its last change. */
  readonly writtenMs: Ms;
}

/** Those of the names that exist, in the order given, all of one moment. `bytesMax` is for all of them together. */
export async function readLeaseFiles(
  paths: readonly string[],
  bytesMax: number = LEASE_BYTES_MAX,
  readOne: ReadOne = readLeaseFile,
): Promise<Result<readonly LeaseFile[]>> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const before = await Promise.all(paths.map(identityOf));
    const files: LeaseFile[] = [];
    let left = bytesMax;
    let gone = false;
    for (const [i, path] of paths.entries()) {
      const known = before[i];
      if (known === undefined) continue;
      if ("fault" in known) return fail(known.fault);
      const read = await readOne(path, left);
      if (read === "tooLong") return fail({ kind: "overBudget", via: "dhcp", budget: "bytes", limit: bytesMax });
      if ("fault" in read) return fail(read.fault);
      if (read.id !== known.id) gone = true;
      left -= read.bytes;
      files.push(read);
    }
    const after = await Promise.all(paths.map(identityOf));
    if (!gone && JSON.stringify(after) === JSON.stringify(before)) return ok(files);
  }
  return fail(unreadable(paths.at(-1) ?? "", `it was replaced ${TRIES} times while it was read`));
}

/** Which file a name stands for now. What grows is the same file: only whole lines of it are taken. */
async function identityOf(path: string): Promise<{ readonly id: string } | { readonly fault: Fault } | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true });
    return { id: `${dev} ${ino}` };
  } catch (error) {
    return codeOf(error) === "ENOENT" ? undefined : { fault: unreadable(path, reasonOf(error)) };
  }
}

/** One file as it is now, and which one that is. */
type ReadOne = (
  path: string,
  bytesMax: number,
) => Promise<(LeaseFile & { readonly id: string; readonly bytes: number }) | "tooLong" | { readonly fault: Fault }>;

export const readLeaseFile: ReadOne = async (path, bytesMax) => {
  try {
    await using file = await open(path, "r");
    const { dev, ino, mtimeMs } = await file.stat({ bigint: true });
    const pieces: Buffer[] = [];
    let bytes = 0;
    for (;;) {
      const { bytesRead, buffer } = await file.read({ buffer: Buffer.alloc(PIECE_BYTES) });
      if (bytesRead === 0) break;
      bytes += bytesRead;
      if (bytes > bytesMax) return "tooLong";
      pieces.push(buffer.subarray(0, bytesRead));
    }
    // Names and classes are bytes; one a character, nothing is lost.
    return { path, text: Buffer.concat(pieces).toString("latin1"), id: `${dev} ${ino}`, bytes, writtenMs: Number(mtimeMs) };
  } catch (error) {
    // Replaced between the look and the opening: the next look tells.
    if (codeOf(error) === "ENOENT") return { path, text: "", id: "", bytes: 0, writtenMs: 0 };
    return { fault: unreadable(path, reasonOf(error)) };
  }
};

function unreadable(path: string, why: string): Fault {
  return { kind: "unreachable", via: "dhcp", detail: `cannot read "${path}": ${why}` };
}

/** Nothing of that name, or of those beside it, is there. */
export function noFile(path: string): Fault {
  return unreadable(path, "it does not exist");
}

function reasonOf(error: unknown): string {
  switch (codeOf(error)) {
    case "EACCES":
    case "EPERM":
      return "not allowed; let the agent's user read it";
    case "ENOTDIR":
      return "a part of the path is no folder";
    default:
      return usualReasonOf(error);
  }
}
