/**
 * Do the words about a file agree with what is in it? The source's list, the file's name, its `sip.ver` and the release document
 * each say something; none is proof, and where two differ a person has to say that they know. Pure.
 */
import { modelOfPartNumber } from "../../protocols/families/part-numbers.ts";
import type { ImageRef, Release } from "../release.ts";
import type { FileHint } from "../staging/hint.ts";
import type { Inside } from "../staging/inside.ts";

/** What the source says of the offering the file was fetched for. */
export interface Listed {
  readonly version: string;
  readonly partNumbers: readonly string[];
}

export interface FileWords {
  readonly name: string;
  readonly hint: FileHint;
  readonly listed?: Listed;
  readonly inside?: Inside;
}

/** `version`, `parts` and `models` are also how a person names the one they know of. */
export const CONTRADICTION_KINDS = ["version", "parts", "models"] as const;
export type ContradictionKind = (typeof CONTRADICTION_KINDS)[number];

export interface Contradiction {
  readonly about: ContradictionKind;
  readonly text: string;
}

/** Part numbers in one sentence; more are counted. */
const NAMED_MAX = 4;

/** Of a file by itself, before anybody said what it is for. */
export function fileContradictions({ hint, listed, inside }: FileWords): readonly Contradiction[] {
  const told = [
    ...(listed === undefined ? [] : [{ who: "the source lists", version: listed.version }]),
    ...(hint.version === undefined ? [] : [{ who: "its name or the sip.ver beside it says", version: hint.version }]),
  ];
  const parts = listedParts(hint, listed);
  if (inside?.kind !== "release") {
    const [one, two] = told;
    const differ = one !== undefined && two !== undefined && !sameVersion(one.version, two.version);
    const version = differ ? [about("version", `${one.who} ${one.version}, ${two.who} ${two.version}`)] : [];
    const named = hint.partNumber;
    const other = named !== undefined && listed !== undefined && listed.partNumbers.length > 0 && !listed.partNumbers.includes(named);
    return [...version, ...(other ? [about("parts", `the source lists ${some(listed.partNumbers)}, its name says ${named}`)] : [])];
  }
  const { versions } = inside;
  const wrong = told.filter(({ version }) => versions.length > 0 && !versions.some((one) => sameVersion(one, version)));
  const here = partsInside(inside);
  const absent = here.length === 0 ? [] : parts.filter(({ partNumber }) => !here.includes(partNumber));
  return [
    ...wrong.map(({ who, version }) => about("version", `${who} ${version}, its own sip.ver says ${versions.join(", ")}`)),
    ...[...Map.groupBy(absent, ({ who }) => who)].map(([who, missing]) =>
      about("parts", `${who} ${some(missing.map(({ partNumber }) => partNumber))}, inside is ${some(here)}`),
    ),
  ];
}

/** Of a file and the release a person says it is for. `images`: those of the document that come from this file. */
export function documentContradictions(
  { hint, listed, inside }: FileWords,
  { version, models }: Pick<Release, "version" | "models">,
  images: readonly ImageRef[],
): readonly Contradiction[] {
  return [
    ...versionOf({ hint, listed, inside }, version),
    ...images.flatMap((image) => partsOf(image, hint, inside)),
    ...modelsOf(models, images),
  ];
}

/** The best word there is of its version: what is in it, then the list, then the name. */
function versionOf(
  { hint, listed, inside }: { readonly hint: FileHint; readonly listed: Listed | undefined; readonly inside: Inside | undefined },
  version: string,
): readonly Contradiction[] {
  const within = inside?.kind === "release" && inside.versions.length > 0 ? inside.versions : undefined;
  const best = within ?? [listed?.version ?? hint.version].filter((one) => one !== undefined);
  if (best.length === 0 || best.some((one) => sameVersion(one, version))) return [];
  const who = within !== undefined ? "the sip.ver inside says" : listed !== undefined ? "the source lists" : "the file's name says";
  return [about("version", `the release document says ${version}, ${who} ${best.join(", ")}`)];
}

function partsOf({ partNumbers, sha256 }: ImageRef, hint: FileHint, inside: Inside | undefined): readonly Contradiction[] {
  const within = inside?.kind === "release" ? inside.images.find((one) => one.sha256 === sha256)?.partNumber : undefined;
  if (within !== undefined) {
    const others = partNumbers.filter((one) => one !== within);
    return others.length === 0 ? [] : [about("parts", `the release document takes the image of ${within} for ${some(others)}`)];
  }
  const named = inside?.kind === "release" ? undefined : hint.partNumber;
  if (named === undefined || partNumbers.includes(named)) return [];
  return [about("parts", `the release document says ${some(partNumbers)}, the file's name says ${named}`)];
}

/** Hardware the public table knows, that the document's models do not cover. */
function modelsOf(models: readonly string[], images: readonly ImageRef[]): readonly Contradiction[] {
  const known = images.flatMap(({ partNumbers }) => partNumbers.map((part) => ({ part, model: modelOfPartNumber(part) })));
  const other = known.filter(({ model }) => model !== undefined && !models.some((one) => plain(one) === plain(model)));
  if (other.length === 0) return [];
  const names = some(other.map(({ part, model }) => `${part} (${model})`));
  return [about("models", `the release document is for ${some(models)}, and brings a file for ${names}`)];
}

function listedParts(hint: FileHint, listed: Listed | undefined): readonly { readonly who: string; readonly partNumber: string }[] {
  const inList = (listed?.partNumbers ?? []).map((partNumber) => ({ who: "the source lists", partNumber }));
  return hint.partNumber === undefined ? inList : [...inList, { who: "its name says", partNumber: hint.partNumber }];
}

/** Part numbers of a split release; none of a combined one, which is for hardware it does not name. */
function partsInside(inside: Inside & { readonly kind: "release" }): readonly string[] {
  if (inside.images.some(({ partNumber }) => partNumber === undefined)) return [];
  return inside.images.flatMap(({ partNumber }) => partNumber ?? []);
}

const about = (kind: ContradictionKind, text: string): Contradiction => ({ about: kind, text });
const plain = (model: string): string => model.trim().toLowerCase();

function some(names: readonly string[]): string {
  const shown = names.slice(0, NAMED_MAX).join(", ");
  return names.length > NAMED_MAX ? `${shown} and ${names.length - NAMED_MAX} more` : shown;
}

/** `6.4.8` and `6.4.8.1190` are one version said shorter; numbers are compared as numbers. */
export function sameVersion(one: string, two: string): boolean {
  const [a, b] = [one, two].map((text) => text.trim().split(/[._-]/));
  if (a === undefined || b === undefined) return false;
  return a.slice(0, b.length).every((part, at) => samePart(part, b[at] ?? ""));
}

function samePart(one: string, two: string): boolean {
  const numbers = /^\d{1,15}$/.test(one) && /^\d{1,15}$/.test(two);
  return numbers ? Number(one) === Number(two) : one.toLowerCase() === two.toLowerCase();
}
