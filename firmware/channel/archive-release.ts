/**
 * Which images of a release archive go into a release. What the archive says of itself (version, part numbers) and what the
 * technician says must agree: neither is believed over the other. Pure.
 */
import { ok, type Result } from "../../protocols/core/fault.ts";
import { orderOf } from "../../protocols/core/version.ts";
import { normaliseModel } from "../../protocols/families/models.ts";
import { modelOfPartNumber, PART_NUMBERS } from "../../protocols/families/part-numbers.ts";
import type { ArchiveImage, FirmwareArchive } from "../staging/archive-contents.ts";
import type { GivenFile } from "./release-input.ts";
import { type Trouble, trouble } from "./trouble.ts";

/** What the technician says. */
export interface Said {
  readonly version: string | undefined;
  readonly models: readonly string[] | undefined;
  readonly partNumbers: readonly string[];
}

export interface FoundImage extends ArchiveImage {
  /** Whose part number it is, where a source names it. */
  readonly model: string | undefined;
}

export interface Choice {
  readonly taken: readonly FoundImage[];
  readonly left: readonly FoundImage[];
  /** As said; else the archive's own, where it has one. */
  readonly version: string | undefined;
  /** The version is the archive's word alone, or the technician's. */
  readonly versionFrom: "both" | "archive" | "technician";
  /** As said; else those of the images. */
  readonly models: readonly string[] | undefined;
}

/** @returns `refused`, with both sides in its words, where they do not agree */
export function chooseImages(archive: FirmwareArchive, said: Said): Result<Choice, Trouble> {
  const images = archive.images.map((image) => ({ ...image, model: modelOfPartNumber(image.partNumber ?? "") }));
  const version = versionOf(archive.versions, said.version);
  const taken = archive.kind === "combinedRelease" ? images : images.filter((image) => isWanted(image, said));
  const problems = [
    ...(version.problem === undefined ? [] : [version.problem]),
    ...(archive.kind === "combinedRelease" ? [] : partProblems(images, taken, said)),
  ];
  if (problems.length > 0) return trouble("refused", `The archive and what is said of it do not agree:\n${listed(problems)}`, DISAGREE);
  const known = archive.kind === "combinedRelease" ? said.partNumbers.map(modelOfPartNumber) : taken.map(({ model }) => model);
  const found = known.filter((model) => model !== undefined);
  const models = said.models ?? (found.length === 0 ? undefined : [...new Set(found)]);
  return ok({ taken, left: images.filter((image) => !taken.includes(image)), ...version.chosen, models });
}

const DISAGREE =
  "Take the archive of this release, or say what it holds. Where its sip.ver is known to be wrong, unpack it and give the *.sip.ld files.";

const listed = (problems: readonly string[]): string => problems.map((text) => `  - ${text}`).join("\n");

/** For `buildRelease`: each is found again by its path in the archive. */
export function filesOfChoice({ taken }: Choice): readonly GivenFile[] {
  return taken.map(({ path, sizeBytes, sha256 }) => ({ path, name: path.split("/").at(-1) ?? path, sizeBytes, sha256, webPage: false }));
}

interface VersionWord {
  readonly chosen: Pick<Choice, "version" | "versionFrom">;
  readonly problem?: string;
}

function versionOf(own: readonly string[], said: string | undefined): VersionWord {
  const technician: VersionWord = { chosen: { version: said, versionFrom: "technician" } };
  if (own.length === 0) return technician;
  const shown = own.map((text) => `"${text}"`).join(" and ");
  if (said !== undefined) {
    if (own.some((text) => says(text, said))) return { chosen: { version: said, versionFrom: "both" } };
    return { ...technician, problem: `its sip.ver says ${shown}, --version or the document says "${said}"` };
  }
  const [only = ""] = own;
  if (own.length === 1 && isWhole(only)) return { chosen: { version: only, versionFrom: "archive" } };
  return { ...technician, problem: `its sip.ver says ${shown}, which is not one version as a device shows it: give --version` };
}

/** `6.4.6` is the version of `6.4.6.2494` in fewer words; not the other way round, as devices show all four. */
function says(own: string, said: string): boolean {
  return own === said || orderOf(own, said) === "same" || said.startsWith(`${own}.`);
}

/** Four numbers, as every phone shows them. Source: protocols/uc-phones.md 9. */
function isWhole(version: string): boolean {
  return version.split(".").length === 4;
}

function isWanted({ partNumber, model }: FoundImage, { models, partNumbers }: Said): boolean {
  if (partNumber === undefined) return false;
  if (partNumbers.length > 0) return partNumbers.includes(partNumber);
  if (model === undefined) return false;
  return models === undefined || models.some((said) => normaliseModel(said) === model);
}

function partProblems(images: readonly FoundImage[], taken: readonly FoundImage[], { models = [], partNumbers }: Said): string[] {
  const holds = `it holds ${images.map(shownImage).join(", ")}`;
  const absent = partNumbers.filter((part) => !images.some(({ partNumber }) => partNumber === part));
  const bare = models.filter((model) => !taken.some((image) => isFor(image, normaliseModel(model))));
  const problems = [
    ...(absent.length === 0 ? [] : [`--part-number says ${absent.join(", ")}; ${holds}`]),
    ...(bare.length === 0
      ? []
      : [`the models say ${bare.join(", ")}, and no image taken is for ${bare.length === 1 ? "it" : "them"}; ${holds}`]),
  ];
  if (problems.length === 0 && taken.length === 0)
    problems.push(`no model is on record for its hardware: give --part-number and --models; ${holds}`);
  return problems;
}

const ON_RECORD = new Set(Object.values(PART_NUMBERS));

/** A model without a part number on record may be that of any hardware without a model on record. */
function isFor({ model }: FoundImage, said: string): boolean {
  return model === undefined ? !ON_RECORD.has(said) : model === said;
}

export function shownImage({ partNumber = "sip.ld", model }: FoundImage): string {
  return `${partNumber} (${model ?? (partNumber === "sip.ld" ? "any hardware" : "no model on record")})`;
}
