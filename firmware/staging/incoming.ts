/**
 * The next bytes of a transfer, and leave to take them.
 */
import { fail, ok, type Result } from "../../protocols/core/fault.ts";
import type { Pace } from "../../protocols/provisioning/pace.ts";
import { unreachableBy } from "./get.ts";

/** The next bytes, `undefined` at the end; `unreachable` where the line broke. @param url  absent for a file on disk */
export async function nextPiece(body: AsyncIterator<Buffer>, url: URL | undefined): Promise<Result<Buffer | undefined>> {
  try {
    const next = await body.next();
    return ok(next.done === true ? undefined : next.value);
  } catch (error) {
    return fail(url === undefined ? { kind: "unreachable", via: "depot", detail: "the folder cannot be read" } : unreachableBy(url, error));
  }
}

/** Waits until so many bytes may be taken. Rejects with the signal's reason when aborted. */
export async function paced(bytes: number, pace: Pace, signal: AbortSignal): Promise<void> {
  for (let left = bytes; left > 0; left -= pace.pieceBytes) await pace.take(Math.min(left, pace.pieceBytes), signal);
}
