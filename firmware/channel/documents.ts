/**
 * Release documents of a channel, as its author has them: decoded, and held against the files beside them.
 */
import { join } from "node:path";
import * as z from "zod";
import { ok, type Result } from "../../protocols/core/fault.ts";
import { type Release, releaseSchema } from "../release.ts";
import { targetPath } from "../sources/channel-catalogue.ts";
import { readOrAbsent } from "./disk.ts";
import { type Stated, type StatedFiles, sha256Of } from "./metadata.ts";
import { type Trouble, trouble } from "./trouble.ts";

export const documentPath = (id: string): string => `releases/${id}.json`;

/** What readers take of one document. */
export const DOCUMENT_BYTES_MAX = 256 * 1024;

export interface DocumentFile {
  readonly bytes: Buffer;
  readonly stated: Stated;
}

export function documentOf(release: Release): DocumentFile {
  const bytes = Buffer.from(`${JSON.stringify(release, null, 1)}\n`);
  return { bytes, stated: { sizeBytes: bytes.length, sha256: sha256Of(bytes) } };
}

/** Every release that the files name, by its id. One document that does not hold is trouble: it would be refused at every site. */
export async function readDocuments(folder: string, files: StatedFiles): Promise<Result<ReadonlyMap<string, Release>, Trouble>> {
  const releases = new Map<string, Release>();
  for (const [path, stated] of files) {
    if (!path.startsWith("releases/")) continue;
    const bytes = await readDocument(folder, path, stated);
    if (bytes === undefined)
      return trouble("missing", `The document "${path}" is not there, or is not the one the targets name`, BRING_BACK);
    const release = decode(bytes);
    if (!release.ok) return trouble("damaged", `The document "${path}": ${release.fault.why}`);
    const why = disagreement(release.value, path, files);
    if (why !== undefined) return trouble("damaged", `The document "${path}": ${why}`);
    releases.set(release.value.id, release.value);
  }
  return ok(releases);
}

const BRING_BACK = "Bring it back from the copy of the channel that is given out, or from the desk that made it.";

async function readDocument(folder: string, path: string, stated: Stated): Promise<Buffer | undefined> {
  for (const part of ["draft", ""]) {
    const bytes = await readOrAbsent(join(folder, part, targetPath(path, stated.sha256)), DOCUMENT_BYTES_MAX);
    if (bytes !== undefined && sha256Of(bytes) === stated.sha256) return bytes;
  }
  return undefined;
}

function decode(bytes: Buffer): Result<Release, Trouble> {
  try {
    const read = releaseSchema.safeParse(JSON.parse(bytes.toString("utf8")));
    return read.success ? ok(read.data) : trouble("damaged", z.prettifyError(read.error));
  } catch {
    return trouble("damaged", "it is not JSON");
  }
}

function disagreement(release: Release, path: string, files: StatedFiles): string | undefined {
  if (path !== documentPath(release.id)) return `it calls itself "${release.id}"`;
  for (const { target, sizeBytes, sha256 } of release.images) {
    const stated = files.get(target);
    if (stated === undefined) return `its image "${target}" is not among the targets`;
    if (stated.sha256 !== sha256 || stated.sizeBytes !== sizeBytes) return `its image "${target}" is another file than the targets name`;
  }
  return undefined;
}
