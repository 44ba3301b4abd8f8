/**
 * The document that says what a file is for: from a file a person wrote, or from options over one file in quarantine.
 */
import * as z from "zod";
import { type Release, releaseSchema } from "../../firmware/release.ts";
import { MINUTE } from "../../protocols/core/time.ts";
import { modelOfPartNumber } from "../../protocols/families/part-numbers.ts";
import { CliError } from "./context.ts";
import { EXIT } from "./exit-codes.ts";
import type { FileShown } from "./firmware-results.ts";

export interface DocumentOptions {
  readonly id?: string;
  readonly title?: string;
  readonly family?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly model?: readonly string[];
  readonly part?: readonly string[];
  readonly from?: string;
  readonly reversibility?: string;
}

/** How long an update takes where nobody measured: long enough that no gate calls a slow one failed. Guesses. */
const UNMEASURED = { p50: 6 * MINUTE, p90: 12 * MINUTE, p99: 25 * MINUTE };

export function readDocument(text: string, name: string): Release {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new CliError(`"${name}" is not JSON`, EXIT.usage, "Its form is in docs/firmware-sources.md.");
  }
  return checked(raw, `"${name}"`);
}

/** @param files  the files that are accepted; all of them for the named part numbers, or each for the one its name tells */
export function documentOf(options: DocumentOptions, files: readonly FileShown[]): Release {
  const { title, family = "uc-phone", kind = "combined", model = [], from, reversibility = "one_way" } = options;
  const version = options.version ?? versionOf(files);
  const images = files.flatMap((file) => imagesOf(file, options.part ?? []));
  const models = model.length > 0 ? model : modelsOf(images);
  const missing = [
    ...(version === undefined ? ["--version"] : []),
    ...(models.length === 0 ? ["--model"] : []),
    ...(from === undefined ? ["--from"] : []),
  ];
  if (missing.length > 0)
    throw new CliError(
      `Without --release the document needs ${missing.join(", ")}`,
      EXIT.usage,
      "Example: --from 6.0.0.0-6.4.7.9999 --version 6.4.8.1190 --model 'VVX 450' --part 3111-48840-001",
    );
  const [fromMin = "", fromMax = fromMin] = (from ?? "").split("-");
  const id = options.id ?? `${family}-${version}`.toLowerCase();
  return checked(
    {
      schema: "groundswell.release/1",
      ...{ id, family, title: title ?? `${family} ${version}`, models, version, kind },
      edges: [{ models, fromMin, fromMax, reversibility, durationMs: UNMEASURED, revertMs: UNMEASURED.p99 }],
      images,
    },
    "The release these options describe",
  );
}

interface DocumentImage {
  readonly target: string;
  readonly partNumbers: readonly string[];
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** The file itself, or the images inside the archive. */
function imagesOf(file: FileShown, given: readonly string[]): readonly DocumentImage[] {
  const { inside, sha256 } = file;
  if (inside?.kind !== "release") return [imageOf(file, given, file.partNumber)];
  const images = inside.images ?? [];
  const split = images.filter(({ partNumber }) => typeof partNumber === "string");
  const absent = given.filter((part) => !split.some(({ partNumber }) => partNumber === part));
  const combined = images.find(({ partNumber }) => typeof partNumber !== "string");
  if (absent.length > 0 && combined === undefined)
    throw new CliError(
      `"${file.name}" holds no image for ${absent.join(", ")}`,
      EXIT.usage,
      `groundswell firmware quarantine ${sha256.slice(0, 12)} shows what it holds.`,
    );
  const wanted = given.length === 0 ? split : split.filter(({ partNumber }) => given.includes(partNumber ?? ""));
  const within = (image: (typeof images)[number], parts: readonly string[]) =>
    imageOf({ name: `${sha256.slice(0, 12)}/${image.path}`, sha256: image.sha256, sizeBytes: image.sizeBytes }, parts, image.partNumber);
  const parts = wanted.map((image) => within(image, []));
  if (combined === undefined || (given.length > 0 && absent.length === 0)) return parts;
  return [...parts, within(combined, absent)];
}

function imageOf(
  { name, sha256, sizeBytes }: Pick<FileShown, "name" | "sha256" | "sizeBytes">,
  given: readonly string[],
  known: string | null | undefined,
): DocumentImage {
  const partNumbers = given.length > 0 ? given : typeof known === "string" ? [known] : [];
  if (partNumbers.length === 0)
    throw new CliError(`The name of "${name}" tells no part number`, EXIT.usage, "Name the hardware it is for with --part.");
  return { target: targetOf(name, sha256), partNumbers, sizeBytes, sha256 };
}

/** What the files say inside, where they say one thing; else what was said of the first. */
function versionOf(files: readonly FileShown[]): string | undefined {
  const within = new Set(files.flatMap(({ inside }) => inside?.versions ?? []));
  const [only] = within;
  return within.size === 1 ? only : (files[0]?.version ?? undefined);
}

/** Of boards in the public table of part numbers. */
function modelsOf(images: readonly DocumentImage[]): readonly string[] {
  return [...new Set(images.flatMap(({ partNumbers }) => partNumbers.flatMap((part) => modelOfPartNumber(part) ?? [])))];
}

/** A target path of the form a channel has; letters it may not hold are dashes. */
function targetOf(name: string, sha256: string): string {
  const plain = name
    .replaceAll(/[^A-Za-z0-9._-]/g, "-")
    .replaceAll("..", "-")
    .replace(/^[^A-Za-z0-9]+/, "")
    .slice(-120);
  return `accepted/${sha256.slice(0, 12)}/${plain === "" ? "image" : plain}`;
}

function checked(raw: unknown, what: string): Release {
  const read = releaseSchema.safeParse(raw);
  if (read.success) return read.data;
  throw new CliError(
    `${what} is not a release document:\n${z.prettifyError(read.error)}`,
    EXIT.usage,
    "Its form is in docs/firmware-sources.md.",
  );
}
