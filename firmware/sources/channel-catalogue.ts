/**
 * From verified targets to releases: every release document is decoded, and must agree with the image files the channel signed.
 */

import { createHash } from "node:crypto";
import * as z from "zod";
import { fail, ok, type Result } from "../../protocols/core/fault.ts";
import { agentMeets } from "../../protocols/core/version.ts";
import { type ImageRef, type Release, releaseSchema } from "../release.ts";
import type { ReadChannelFile } from "./channel-files.ts";
import type { RefusedRelease, SourceFault } from "./source.ts";

/** What the channel signed of one file. */
export interface SignedFile {
  /** Bytes. */
  readonly length: number;
  /** Hex digests by algorithm. */
  readonly hashes: Readonly<Record<string, string>>;
}

/** Every signed file by its target path. */
export type SignedFiles = ReadonlyMap<string, SignedFile>;

/** What a release document is held against. */
interface Surroundings {
  readonly document: string;
  readonly signed: SignedFiles;
  readonly agentVersion: string;
}

/** A release's text and tables; real ones take a few kilobytes. */
const DOCUMENT_BYTES = 256 * 1024;
export const DOCUMENTS_MAX = 500;
const documentName = /^releases\/[A-Za-z0-9][A-Za-z0-9._-]{0,100}\.json$/;

/**
 * Reads every `releases/*.json`. A document that does not hold is refused alone and named; a channel that stops answering
 * is a fault of the whole read.
 */
export async function readReleases(
  signed: SignedFiles,
  files: ReadChannelFile,
  agentVersion: string,
): Promise<Result<{ readonly releases: readonly Release[]; readonly refused: readonly RefusedRelease[] }, SourceFault>> {
  const documents = [...signed.keys()].filter((path) => path.startsWith("releases/")).sort();
  if (documents.length > DOCUMENTS_MAX) {
    return fail({ kind: "overBudget", via: "depot", budget: "items", limit: DOCUMENTS_MAX, name: "oversized" });
  }
  const releases: Release[] = [];
  const refused: RefusedRelease[] = [];
  for (const document of documents) {
    const bytes = await readDocument(document, signed.get(document) as SignedFile, files);
    if (!bytes.ok && typeof bytes.fault !== "string") return fail(bytes.fault);
    const release = bytes.ok ? decodeRelease(bytes.value) : bytes;
    const why = release.ok ? unfitness(release.value, { document, signed, agentVersion }) : release.fault;
    if (release.ok && why === undefined) releases.push(release.value);
    else refused.push({ document, why: String(why) });
  }
  return ok({ releases, refused });
}

/** A text says why this document alone is refused. */
async function readDocument(document: string, file: SignedFile, files: ReadChannelFile): Promise<Result<Buffer, string | SourceFault>> {
  const sha256 = sha256Of(file);
  if (!documentName.test(document)) return fail("its name is not that of a release document");
  if (file.length > DOCUMENT_BYTES) return fail(`it has ${file.length} bytes; at most ${DOCUMENT_BYTES} are read`);
  if (sha256 === undefined) return fail("the channel states no SHA-256 of it");
  const got = await files(targetPath(document, sha256), file.length);
  if (!got.ok) {
    if (got.fault.missing) return fail("the channel does not hold it");
    return got.fault.name === "oversized" ? fail("it is longer than the channel signed") : fail(got.fault);
  }
  const same = got.value.length === file.length && createHash("sha256").update(got.value).digest("hex") === sha256;
  return same ? ok(got.value) : fail("its bytes are not those the channel signed");
}

function decodeRelease(bytes: Buffer): Result<Release, string> {
  let raw: unknown;
  try {
    raw = JSON.parse(bytes.toString("utf8"));
  } catch {
    return fail("it is not JSON");
  }
  const read = releaseSchema.safeParse(raw);
  return read.success ? ok(read.data) : fail(z.prettifyError(read.error).slice(0, 500));
}

function unfitness(release: Release, { document, signed, agentVersion }: Surroundings): string | undefined {
  // The name is unique in the channel, and so the id is.
  if (document !== `releases/${release.id}.json`) return `it calls itself "${release.id}"`;
  if (!agentMeets(agentVersion, release.agent)) return `it asks for an agent ${release.agent}; this one is ${agentVersion}`;
  return release.images.map((image) => disagreement(image, signed.get(image.target))).find((why) => why !== undefined);
}

/** Why the document's image is not the file the channel signed; `undefined` where they agree. */
function disagreement(image: ImageRef, file: SignedFile | undefined): string | undefined {
  const { target } = image;
  if (file === undefined) return `image "${target}" is not in the channel`;
  if (file.length !== image.sizeBytes) return `image "${target}": the release says ${image.sizeBytes} bytes, the channel ${file.length}`;
  const sha256 = sha256Of(file);
  if (sha256 === image.sha256) return undefined;
  return `image "${target}": the release says sha256 ${image.sha256}, the channel ${sha256 ?? "states none"}`;
}

function sha256Of(file: SignedFile): string | undefined {
  const sha256 = file.hashes["sha256"];
  return sha256 !== undefined && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : undefined;
}

/** `targets/releases/<sha256>.<name>`: how consistent snapshots name a target. Source: TUF specification 6.2. */
export function targetPath(path: string, sha256: string): string {
  const slash = path.lastIndexOf("/") + 1;
  return `targets/${path.slice(0, slash)}${sha256}.${path.slice(slash)}`;
}
