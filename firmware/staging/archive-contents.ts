/**
 * What the files of an archive are together. Pure.
 *
 * Source: protocols/provisioning.md 6: a split release has `<part number>.sip.ld`, a combined one a single `sip.ld`; `sip.ver` holds
 * the version text (uncertain in detail: shown as it is, and never a reason for a decision). Of packages of video systems no
 * document says how they look inside.
 */
import { fail, ok, type Result } from "../../protocols/core/fault.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import { type ArchiveRefusal, quotedName, refusal } from "./archive-refusal.ts";

export interface UnpackedFile {
  /** Inside the archive. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly sha256: Sha256;
}

export interface ArchiveImage extends UnpackedFile {
  /** Absent: the image for all models of a combined release. */
  readonly partNumber?: string;
}

export interface FirmwareArchive {
  readonly kind: "splitRelease" | "combinedRelease";
  /** Out of `sip.ver`, as they stand there. */
  readonly versions: readonly string[];
  readonly images: readonly ArchiveImage[];
  /** All files, images included, in the order of the archive. */
  readonly files: readonly UnpackedFile[];
}

/** More of a `sip.ver` is not looked at. A guess: one line is expected. */
export const VERSION_TEXT_BYTES = 4_096;
const VERSIONS_MAX = 10;

export function isVersionText(path: string): boolean {
  return baseOf(path) === "sip.ver";
}

/** @param versionTexts  the beginning of each `sip.ver` */
export function describeArchive(files: readonly UnpackedFile[], versionTexts: readonly string[]): Result<FirmwareArchive, ArchiveRefusal> {
  const images = files.flatMap((file): ArchiveImage[] => {
    const partNumber = /^(\d{4}-\d{5}-\d{3})\.sip\.ld$/.exec(baseOf(file.path))?.[1];
    if (partNumber !== undefined) return [{ ...file, partNumber }];
    return baseOf(file.path) === "sip.ld" ? [file] : [];
  });
  if (images.length === 0) return fail(refusal("noFirmware"));
  const empty = images.find(({ sizeBytes }) => sizeBytes === 0);
  if (empty !== undefined) return fail(refusal("damaged", `${quotedName(empty.path)} is empty`));
  const seen = new Set<string>();
  for (const { path, partNumber = "" } of images) {
    if (seen.has(partNumber)) return fail(refusal("severalReleases", quotedName(path)));
    seen.add(partNumber);
  }
  const versions = [...new Set(versionTexts.flatMap(versionsIn))].slice(0, VERSIONS_MAX);
  return ok({
    kind: images.some(({ partNumber }) => partNumber !== undefined) ? "splitRelease" : "combinedRelease",
    versions,
    images,
    files,
  });
}

/** Three numbers and more with dots between them. */
function versionsIn(text: string): string[] {
  return [...text.matchAll(/(?<![\d.])\d{1,3}(?:\.\d{1,5}){2,4}(?![\d.])/g)].map(([version]) => version);
}

function baseOf(path: string): string {
  return (path.split("/").at(-1) ?? "").toLowerCase();
}
