/**
 * Documents of the portal as files: whole or not there, for our own user alone, and never more than there is room for.
 */
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { PortalDocument, PortalSource } from "../../firmware/sources/portal.ts";
import { asSourceFault, type SourceFault } from "../../firmware/sources/source.ts";
import { codeOf } from "../../protocols/core/error-code.ts";
import { fail, ok, type Result } from "../../protocols/core/fault.ts";

export interface KeptDocument {
  readonly title: string;
  readonly path: string;
  readonly sizeBytes: number;
}

/** All documents together: a few releases with their guides. A guess; the oldest go first, since they can be had again. */
const KEPT_BYTES_MAX = 512 * 1024 ** 2;

/** Endings people's programs know; what is not among them is opened by nobody by chance. */
const ENDINGS: Readonly<Record<string, string>> = {
  "application/pdf": "pdf",
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
  "application/zip": "zip",
  "text/csv": "csv",
  "text/markdown": "md",
  "text/plain": "txt",
};

export function endingOf(mediaType: string): string {
  return ENDINGS[mediaType.split(";", 1)[0]?.trim().toLowerCase() ?? ""] ?? "bin";
}

/** @param which  ids of the portal: letters, digits, dots, dashes and underscores, a letter or digit first (docs/portal.md) */
export async function keepDocument(
  which: { readonly key: string; readonly document: string },
  io: { readonly portal: Pick<PortalSource, "document">; readonly folder: string },
  signal: AbortSignal,
): Promise<Result<KeptDocument, SourceFault>> {
  const { folder } = io;
  try {
    await mkdir(join(folder, "partial"), { recursive: true, mode: 0o700 });
    const partialPath = join(folder, "partial", `${which.key}~${which.document}`);
    const got = await io.portal.document(which, partialPath, signal);
    if (!got.ok) return got;
    const path = await moveIn(partialPath, join(folder, which.key, `${which.document}.${endingOf(got.value.mediaType)}`));
    await forgetOldest(folder, path);
    return ok(kept(got.value, path));
  } catch (error) {
    signal.throwIfAborted();
    if (codeOf(error) === "") throw error;
    return fail(asSourceFault({ kind: "unreachable", via: "depot", detail: `"${folder}": ${codeOf(error)}` }));
  }
}

const kept = ({ title, sizeBytes }: PortalDocument, path: string): KeptDocument => ({ title, sizeBytes, path });

async function moveIn(partialPath: string, path: string): Promise<string> {
  const home = join(path, "..");
  await mkdir(home, { recursive: true, mode: 0o700 });
  await rename(partialPath, path);
  await using handle = await open(home, "r");
  await handle.sync();
  return path;
}

/** Removes the longest unread until the rest fits; never the one that has just come. */
async function forgetOldest(folder: string, newest: string): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(paths.map(async (path) => ({ path, facts: await stat(path) })));
  let bytes = files.reduce((sum, { facts }) => sum + facts.size, 0);
  for (const { path, facts } of files.toSorted((a, b) => a.facts.mtimeMs - b.facts.mtimeMs)) {
    if (bytes <= KEPT_BYTES_MAX) return;
    if (path === newest) continue;
    await rm(path, { force: true });
    bytes -= facts.size;
  }
}
