/**
 * Bounded reads of a channel's files, from a server or from a folder.
 */

import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { codeOf } from "../../protocols/core/error-code.ts";
import { fail, ok, type Result } from "../../protocols/core/fault.ts";
import { type Clock, SECOND } from "../../protocols/core/time.ts";
import { fetchBytes } from "../staging/get.ts";
import type { SlowLimits } from "../staging/slow.ts";
import type { SourceFault } from "./source.ts";

/** Where a channel is. */
export type ChannelPlace =
  /** `ca` replaces the public authorities: certificates in PEM. */
  { readonly kind: "url"; readonly url: URL; readonly ca?: string } | { readonly kind: "folder"; readonly folder: string };

/** `missing` tells "there is no such file" from "no answer". */
export type FileFault = SourceFault & { readonly missing: boolean };

/** Reads one file below the base, at most that many bytes. Rejects when aborted. */
export type ReadChannelFile = (path: string, bytesMax: number) => Promise<Result<Buffer, FileFault>>;

/**
 * 4 MB over a line of 1 Mbit/s take 34 s. A line that brings less than 1 kB/s for 10 s brings no firmware either; a file
 * below 10 kB must be here within them.
 */
const SLOWEST: SlowLimits = { timeMs: 40 * SECOND, windowMs: 10 * SECOND, windowBytes: 10_000 };
const pathForm = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;

/** @param clock  real time, or that of a test: sockets do not run faster than the wall */
export function openChannelFiles(place: ChannelPlace, clock: Clock, signal: AbortSignal): ReadChannelFile {
  return async (path, bytesMax) => {
    signal.throwIfAborted();
    if (!pathForm.test(path) || path.includes("..")) {
      return fail({ kind: "garbled", via: "depot", wanted: "a plain file name", name: "garbled", missing: false });
    }
    return place.kind === "folder"
      ? readFromFolder(join(place.folder, path), bytesMax)
      : readFromServer(place, { path, bytesMax }, clock, signal);
  };
}

async function readFromServer(
  place: ChannelPlace & { kind: "url" },
  { path, bytesMax }: { readonly path: string; readonly bytesMax: number },
  clock: Clock,
  signal: AbortSignal,
): Promise<Result<Buffer, FileFault>> {
  const ask = { url: new URL(path, place.url), ...(place.ca === undefined ? {} : { ca: place.ca }) };
  const via = place.url.protocol === "https:" ? "https" : "http";
  const got = await fetchBytes(ask, { bytes: bytesMax, ...SLOWEST }, clock, signal);
  if (!got.ok) {
    const over = got.fault.kind === "overBudget" ? got.fault.budget : undefined;
    const name = over === "bytes" ? "oversized" : over === "time" ? "slow" : "unreachable";
    return fail({ ...got.fault, name, missing: false });
  }
  const { status, body } = got.value;
  if (status === 200) return ok(body);
  // Object stores answer 403 for what is not there. Source: TUF specification 5.3.3 as practised by tuf-js.
  const missing = status === 404 || status === 403;
  return fail({ kind: "unreachable", via, detail: `status ${status} for ${path}`, name: "unreachable", missing });
}

/** A folder is carried here by somebody: a pipe in it never answers, and a device never ends. */
async function readFromFolder(path: string, bytesMax: number): Promise<Result<Buffer, FileFault>> {
  try {
    if (!(await stat(path)).isFile()) return unreadable(path, "it is no file", false);
    await using file = await open(path, "r");
    const { size } = await file.stat();
    const buffer = Buffer.alloc(Math.min(size, bytesMax) + 1);
    let bytes = 0;
    for (let read = 1; read > 0 && bytes < buffer.length; bytes += read) ({ bytesRead: read } = await file.read(buffer, bytes));
    if (bytes > bytesMax) {
      return fail({ kind: "overBudget", via: "depot", budget: "bytes", limit: bytesMax, name: "oversized", missing: false });
    }
    // One byte more than its size: it grew while it was read.
    return bytes > size ? unreadable(path, "it is being written", false) : ok(buffer.subarray(0, bytes));
  } catch (error) {
    const code = codeOf(error) || "unreadable";
    return unreadable(path, code, code === "ENOENT");
  }
}

function unreadable(path: string, why: string, missing: boolean) {
  return fail({ kind: "unreachable" as const, via: "depot" as const, detail: `"${path}": ${why}`, name: "unreachable" as const, missing });
}
