/**
 * What a file in quarantine holds. An archive is looked into within its limits, and nothing of it is written anywhere: it is
 * unpacked only once a person has accepted it.
 */
import { fail, ok, type Result } from "../../protocols/core/fault.ts";
import { type ArchiveIo, inspectArchive } from "./archive.ts";
import type { ArchiveImage, FirmwareArchive } from "./archive-contents.ts";
import { type ArchiveRefusal, type ArchiveWhy, archiveFault, refusal } from "./archive-refusal.ts";

/**
 * `plain`: no archive, the file itself is the image. `release`: an archive of phones' images. `other`: a sound archive without
 * any, which may be a package of another family. `refused`: of no use to anybody, in words that say what to do.
 */
export type Inside =
  | { readonly kind: "plain" }
  | ({ readonly kind: "release" } & InsideRelease)
  | { readonly kind: "other"; readonly words: string }
  | { readonly kind: "refused"; readonly why: ArchiveWhy; readonly words: string };

export interface InsideRelease {
  /** Out of `sip.ver`, as they stand there. */
  readonly versions: readonly string[];
  readonly images: readonly ArchiveImage[];
  /** Files that are no images. */
  readonly otherFiles: number;
  /** All files together. */
  readonly unpackedBytes: number;
}

/** As many as a release document may name. */
const IMAGES_MAX = 200;

/**
 * @param name  what the file is called: it decides only whether a file that is no zip was meant to be one
 * @returns a fault where it could not be looked into, and may be another time. Rejects when aborted
 */
export async function lookInside(path: string, name: string, io: ArchiveIo, signal: AbortSignal): Promise<Result<Inside>> {
  const looked = await inspectArchive(path, io, signal);
  if (looked.ok) return ok(insideOf(looked.value));
  const { why } = looked.fault;
  if (why === "disk" || why === "tooSlow") return fail(archiveFault(looked.fault));
  if (why === "notZip" && !/\.zip$/i.test(name)) return ok({ kind: "plain" });
  return ok(why === "noFirmware" ? { kind: "other", words: looked.fault.words } : refused(looked.fault));
}

function insideOf({ versions, images, files }: FirmwareArchive): Inside {
  if (images.length > IMAGES_MAX) return refused(refusal("tooMany", `${images.length} images`));
  const unpackedBytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return { kind: "release", versions, images, otherFiles: files.length - images.length, unpackedBytes };
}

const refused = ({ why, words }: ArchiveRefusal): Inside => ({ kind: "refused", why, words });
