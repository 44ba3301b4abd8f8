/**
 * From what a technician gives (a document, options, files) to a release. Pure; every problem is told, not the first alone.
 */
import * as z from "zod";
import { ok, type Result } from "../../protocols/core/fault.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import { orderOf, parseVersion } from "../../protocols/core/version.ts";
import { familyOfModel, normaliseModel } from "../../protocols/families/models.ts";
import { modelOfPartNumber } from "../../protocols/families/part-numbers.ts";
import { type ImageRef, imageSchema, type Release, releaseSchema } from "../release.ts";
import { type Trouble, trouble } from "./trouble.ts";

/** A file as it was found. */
export interface GivenFile {
  readonly path: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly sha256: Sha256;
  /** It begins as a page of the web does: the download asked for a log-in. */
  readonly webPage: boolean;
}

export interface Given {
  /** A document as it was read, `groundswell.release/1`; its `images` may be left out, or state part numbers alone. */
  readonly document: Readonly<Record<string, unknown>>;
  /** What options say, over the document. */
  readonly options: Readonly<Record<string, unknown>>;
  /** For files whose name begins with no part number. */
  readonly partNumbers: readonly string[];
  readonly files: readonly GivenFile[];
}

export interface Built {
  readonly release: Release;
  /** Where the file of each image target lies. */
  readonly sources: ReadonlyMap<string, string>;
}

/** An image as a document may state it before its file is known. */
const statedSchema = z.strictObject({
  target: z.string().max(256).optional(),
  /** Name of the file; where `target` is left out. */
  file: z.string().max(256).optional(),
  partNumbers: imageSchema.shape.partNumbers.optional(),
  /** Of a file of an update server. */
  path: imageSchema.shape.path,
  sizeBytes: z.int().optional(),
  sha256: z.string().optional(),
});
type StatedImage = z.infer<typeof statedSchema>;
const statedListSchema = z.array(statedSchema).max(200).optional();

/** `3111-48450-001.sip.ld`: how split releases name the hardware. Source: protocols/provisioning.md 4. */
const partNumberInName = /^(\d{4}-\d{5}-\d{3})\./;

export function buildRelease({ document, options, partNumbers, files }: Given): Result<Built, Trouble> {
  const raw: Record<string, unknown> = { schema: "groundswell.release/1", ...document, ...options };
  raw["id"] ??= `${String(raw["family"] ?? "release")}-${String(raw["version"] ?? "").toLowerCase()}`;
  raw["title"] ??= `${Array.isArray(raw["models"]) ? raw["models"].join(", ") : ""} ${String(raw["version"] ?? "")}`.trim().slice(0, 200);
  const stated = statedListSchema.safeParse(raw["images"]);
  if (!stated.success) return trouble("damaged", `images:\n${z.prettifyError(stated.error)}`);
  const { images, problems, sources } = imagesFrom(stated.data ?? [], { files, partNumbers, id: String(raw["id"]) });
  const read = releaseSchema.safeParse({ ...raw, images });
  if (raw["edges"] === undefined) problems.push("from which versions may devices step to it? Give --edge, or edges in the document");
  if (!read.success)
    problems.push(...read.error.issues.filter(isUntold).map(({ path, message }) => `${path.join(".") || "the release"}: ${message}`));
  else problems.push(...releaseProblems(read.data));
  if (!read.success || problems.length > 0)
    return trouble("refused", `The release does not hold:\n${problems.map((text) => `  - ${text}`).join("\n")}`);
  return ok({ release: read.data, sources });
}

/** What is said in better words elsewhere. */
function isUntold({ path, code }: z.core.$ZodIssue): boolean {
  return (
    !(path[0] === "edges" && path.length === 1 && code === "invalid_type") &&
    !(path[0] === "images" && path[2] === "partNumbers" && path.length === 3)
  );
}

interface ImageWorld {
  readonly files: readonly GivenFile[];
  readonly partNumbers: readonly string[];
  readonly id: string;
}

/** Each file becomes an image; what the document states of it must agree. What it states wholly needs no file again. */
function imagesFrom(stated: readonly StatedImage[], { files, partNumbers, id }: ImageWorld) {
  const problems: string[] = [];
  const sources = new Map<string, string>();
  const images: Partial<ImageRef>[] = [];
  const left = new Set(files);
  for (const image of stated) {
    const name = image.file ?? image.target?.split("/").at(-1);
    const file = files.find((one) => one.name === name || (one.sha256 === image.sha256 && image.sha256 !== undefined));
    if (file === undefined) {
      const whole = image.target !== undefined && image.sha256 !== undefined && image.sizeBytes !== undefined;
      if (!whole) problems.push(`image "${name ?? "without a name"}": its file is not given`);
      const { file: _file, ...rest } = image;
      images.push(rest as Partial<ImageRef>);
      continue;
    }
    left.delete(file);
    const inName = partNumberInName.exec(file.name)?.[1];
    if (inName !== undefined && image.partNumbers?.includes(inName) === false)
      problems.push(`"${file.path}" is named for ${inName}, the document says ${image.partNumbers.join(", ")}`);
    if (image.sha256 !== undefined && image.sha256 !== file.sha256)
      problems.push(`"${file.path}" has sha256 ${file.sha256}, the document says ${image.sha256}`);
    if (image.sizeBytes !== undefined && image.sizeBytes !== file.sizeBytes)
      problems.push(`"${file.path}" has ${file.sizeBytes} bytes, the document says ${image.sizeBytes}`);
    images.push(
      imageOf(
        file,
        {
          target: image.target ?? targetOf(id, file),
          partNumbers: image.partNumbers ?? (image.path === undefined ? partsOf(file, partNumbers) : []),
          ...(image.path === undefined ? {} : { path: image.path }),
        },
        sources,
      ),
    );
  }
  for (const file of left) images.push(imageOf(file, { target: targetOf(id, file), partNumbers: partsOf(file, partNumbers) }, sources));
  for (const { target = "", partNumbers: parts = [], path } of images) {
    if (parts.length === 0 && path === undefined)
      problems.push(`"${target}": for which hardware? Give --part-number, or a file named PART-NUMBER.sip.ld`);
  }
  for (const file of files) problems.push(...fileProblems(file));
  return { images, problems, sources };
}

function imageOf(file: GivenFile, of: Pick<ImageRef, "target" | "partNumbers" | "path">, sources: Map<string, string>): ImageRef {
  sources.set(of.target, file.path);
  return { ...of, sizeBytes: file.sizeBytes, sha256: file.sha256 };
}

const targetOf = (id: string, { name }: GivenFile): string =>
  `images/${id}/${name.replaceAll(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "")}`;

function partsOf({ name }: GivenFile, given: readonly string[]): string[] {
  const inName = partNumberInName.exec(name)?.[1];
  return inName === undefined ? [...given] : [inName];
}

function fileProblems({ path, sizeBytes, webPage }: GivenFile): string[] {
  if (webPage) return [`"${path}" is a web page and no firmware: log in to the Support Portal, then fetch the file again`];
  return sizeBytes === 0 ? [`"${path}" is empty`] : [];
}

/** Its hash goes before it, and disks and sticks keep names of 255. */
const NAME_CHARS_MAX = 180;

/** What the schema cannot say: versions in their order, steps for models of the release, hardware named once. */
function releaseProblems(release: Release): string[] {
  const problems: string[] = [];
  if (parseVersion(release.version)?.comparable !== true) problems.push(`version "${release.version}" cannot be ordered against others`);
  for (const [i, edge] of release.edges.entries()) {
    const strangers = edge.models.filter((model) => !release.models.includes(model));
    if (strangers.length > 0) problems.push(`step ${i + 1}: ${strangers.join(", ")} is not among the models`);
    if (!["older", "same"].includes(orderOf(edge.fromMin, edge.fromMax) ?? ""))
      problems.push(`step ${i + 1}: "${edge.fromMin}" to "${edge.fromMax}" is no range`);
    if (orderOf(edge.fromMax, release.version) !== "older")
      problems.push(`step ${i + 1}: "${edge.fromMax}" is not older than ${release.version}`);
    const { p50, p90, p99 } = edge.durationMs;
    if (p50 > p90 || p90 > p99) problems.push(`step ${i + 1}: the times must rise from p50 to p99`);
  }
  const parts = release.images.flatMap(({ partNumbers }) => partNumbers);
  problems.push(...modelProblems(release, parts));
  const twice = parts.filter((part, at) => parts.indexOf(part) !== at);
  if (twice.length > 0) problems.push(`part number ${[...new Set(twice)].join(", ")} is in two images`);
  const targets = release.images.map(({ target }) => target);
  const long = targets.find((target) => target.split("/").some((name) => name.length > NAME_CHARS_MAX));
  if (long !== undefined) problems.push(`"${long}" is too long a name: at most ${NAME_CHARS_MAX} characters between slashes`);
  const same = targets.filter((target, at) => targets.indexOf(target) !== at);
  if (same.length > 0) problems.push(`two images are named "${same[0]}"`);
  return problems;
}

/**
 * Models are compared letter by letter with what devices say, and each asks for the image of its own part number: another
 * spelling, or an image too few, would show only when a wave has begun.
 */
function modelProblems({ models, family, images }: Release, parts: readonly string[]): string[] {
  const problems = models
    .filter((model) => normaliseModel(model) !== model)
    .map((model) => `model "${model}" is written "${normaliseModel(model)}" by devices`);
  for (const model of models) {
    const own = familyOfModel(model);
    if (own !== undefined && own !== family) problems.push(`model "${model}" is of family ${own}; the release says ${family}`);
  }
  const listed = parts.map((part) => ({ part, model: modelOfPartNumber(part) }));
  for (const { part, model } of listed) {
    if (model !== undefined && !models.includes(model))
      problems.push(`part number ${part} is ${model}; the models say ${models.join(", ")}`);
  }
  // An image for hardware that no source names may be for any of them.
  if (listed.some(({ model }) => model === undefined)) return problems;
  const bare = models.filter((model) => !listed.some((one) => one.model === model));
  // A tree of files is for all models of its release.
  return bare.length === 0 || images.some(({ path }) => path !== undefined)
    ? problems
    : [...problems, `no image is for ${bare.join(", ")}: the part numbers are ${parts.join(", ")}`];
}

const EDGE_FORM = /^(\S+?)\.\.([^:\s]+):(in_place|needs_reset|one_way)(?::(\d+)\/(\d+)\/(\d+):(\d+))?$/;
const MINUTE_MS = 60_000;
/** A guess, where nobody has measured: what the simulated phones take. */
const GUESSED_MINUTES = { p50: 6, p90: 8, p99: 11, revert: 11 };

/** `6.4.0.0000..6.4.8.1189:in_place:6/8/11:11`: from, to, way back, minutes p50/p90/p99, minutes to go back. */
export function parseEdge(text: string): { readonly edge: Readonly<Record<string, unknown>>; readonly guessed: boolean } | undefined {
  const match = EDGE_FORM.exec(text);
  if (match === null) return undefined;
  const [, fromMin, fromMax, reversibility, ...times] = match;
  const minutes = (at: number, guess: number): number => Number(times[at] ?? guess) * MINUTE_MS;
  const { p50, p90, p99, revert } = GUESSED_MINUTES;
  const durationMs = { p50: minutes(0, p50), p90: minutes(1, p90), p99: minutes(2, p99) };
  return { edge: { fromMin, fromMax, reversibility, durationMs, revertMs: minutes(3, revert) }, guessed: times[0] === undefined };
}
