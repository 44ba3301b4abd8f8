/**
 * Bounded reads of a channel's files, from a server or from a folder.
 */

import { open } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, type Result } from "../../protocols/core/fault.ts";
import { fetchBytes } from "../staging/get.ts";
import type { SourceFault } from "./source.ts";

/** Where a channel is. */
export type ChannelPlace =
  /** `ca` replaces the public authorities: certificates in PEM. */
  { readonly kind: "url"; readonly url: URL; readonly ca?: string } | { readonly kind: "folder"; readonly folder: string };

/** `missing` tells "there is no such file" from "no answer". */
export type FileFault = SourceFault & { readonly missing: boolean };

/** Reads one file below the base, at most that many bytes. Rejects when aborted. */
export type ReadChannelFile = (path: string, bytesMax: number) => Promise<Result<Buffer, FileFault>>;

/** Real milliseconds for one metadata file: 4 MB over a line of 1 Mbit/s. A slower trickle counts as no answer. */
const FILE_TIME_MS = 40_000;
const pathForm = /^[A-Za-z0-9][A-Za-z0-9._/-]*$/;

export function openChannelFiles(place: ChannelPlace, signal: AbortSignal): ReadChannelFile {
  return async (path, bytesMax) => {
    signal.throwIfAborted();
    if (!pathForm.test(path) || path.includes("..")) {
      return fail({ kind: "garbled", via: "depot", wanted: "a plain file name", name: "garbled", missing: false });
    }
    return place.kind === "folder" ? readFromFolder(join(place.folder, path), bytesMax) : readFromServer(place, path, bytesMax, signal);
  };
}

async function readFromServer(
  place: ChannelPlace & { kind: "url" },
  path: string,
  bytesMax: number,
  signal: AbortSignal,
): Promise<Result<Buffer, FileFault>> {
  const ask = { url: new URL(path, place.url), ...(place.ca === undefined ? {} : { ca: place.ca }) };
  const via = place.url.protocol === "https:" ? "https" : "http";
  const got = await fetchBytes(ask, { bytes: bytesMax, timeMs: FILE_TIME_MS }, signal);
  if (!got.ok) {
    const oversized = got.fault.kind === "overBudget" && got.fault.budget === "bytes";
    return fail({ ...got.fault, name: oversized ? "oversized" : "unreachable", missing: false });
  }
  const { status, body } = got.value;
  if (status === 200) return ok(body);
  // Object stores answer 403 for what is not there. Source: TUF specification 5.3.3 as practised by tuf-js.
  const missing = status === 404 || status === 403;
  return fail({ kind: "unreachable", via, detail: `status ${status} for ${path}`, name: "unreachable", missing });
}

async function readFromFolder(path: string, bytesMax: number): Promise<Result<Buffer, FileFault>> {
  try {
    await using file = await open(path, "r");
    const { size } = await file.stat();
    if (size > bytesMax) {
      return fail({ kind: "overBudget", via: "depot", budget: "bytes", limit: bytesMax, name: "oversized", missing: false });
    }
    return ok((await file.readFile()).subarray(0, bytesMax));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unreadable";
    return fail({ kind: "unreachable", via: "depot", detail: `"${path}": ${code}`, name: "unreachable", missing: code === "ENOENT" });
  }
}
