/**
 * Which files and images an order to accept is about, and what stands in its way: from the rows alone, nothing is done.
 */
import type { ImageRef, Release } from "../../firmware/release.ts";
import { type ContradictionKind, documentContradictions, fileContradictions } from "../../firmware/sources/contradictions.ts";
import { fail, ok, type Result } from "../../protocols/core/fault.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import type { QuarantineRow } from "../../store/quarantine.ts";
import type { Store } from "../../store/store.ts";
import type { HeldArchive, HeldFile } from "../threads/depot-requests.ts";
import { archiveOf, heldAt, imagesInside } from "./standing.ts";

export interface AcceptOrder {
  readonly hashes: readonly Sha256[];
  readonly release: Release;
  readonly reason: string;
  /** Contradictions the person knows of. */
  readonly despite: readonly ContradictionKind[];
}

/** Why a word was not taken: nothing is changed then. */
export interface Refused {
  readonly code: "notFound" | "wrongState" | "faulted";
  readonly why: string;
}

export const refuse = (code: Refused["code"], why: string) => fail<Refused>({ code, why });

/** One file of the order: what of the release it brings, and where it lies. */
export interface NamedFile {
  readonly row: QuarantineRow;
  readonly images: readonly ImageRef[];
  /** Absent where its bytes are gone and all of its images are staged. */
  readonly from?: { readonly held: HeldFile } | { readonly archive: HeldArchive };
}

type Tables = Pick<Store, "releases" | "quarantine">;

/** Every named hash is a file we have and have looked into, and brings an image of the document with its size. */
export function nameFiles({ hashes, release, despite }: AcceptOrder, store: Tables): Result<readonly NamedFile[], Refused> {
  const named: NamedFile[] = [];
  for (const sha256 of hashes) {
    const file = nameFile(sha256, release, store);
    if (!file.ok) return file;
    named.push(file.value);
  }
  const wrong = named.flatMap(({ row, images }) =>
    [...fileContradictions(row), ...documentContradictions(row, release, images)].map((one) => ({ ...one, name: row.name })),
  );
  const unknown = wrong.filter(({ about }) => !despite.includes(about));
  if (unknown.length === 0) return ok(named);
  const words = unknown.map(({ name, text }) => `"${name}": ${text}`).join("; ");
  const kinds = [...new Set(unknown.map(({ about }) => `--despite ${about}`))].join(" ");
  return refuse("wrongState", `What is said of the file and what is in it differ: ${words}. If you know why, accept it with ${kinds}`);
}

function nameFile(sha256: Sha256, release: Release, store: Tables): Result<NamedFile, Refused> {
  const rows = store.quarantine.ofHash(sha256);
  const row = rows.find(({ goneAtMs }) => goneAtMs === undefined) ?? rows[0];
  if (row === undefined)
    return refuse("notFound", `No file with the hash ${sha256} is in quarantine: "groundswell firmware quarantine" shows them`);
  const unusable = unusableWords(row, release);
  if (unusable !== undefined) return refuse("wrongState", unusable);
  const isArchive = row.inside?.kind === "release";
  const images = isArchive ? insideImages(row, release) : wholeImages(row, release);
  if (!images.ok) return images;
  const from = isArchive ? archiveOf(row)[0] : heldAt(sha256, store);
  const staged = images.value.every((image) => store.releases.image(image.sha256)?.state === "staged");
  if (from === undefined) {
    if (!staged) return refuse("wrongState", `"${row.name}" lies nowhere any more: drop or fetch it again`);
    return ok({ row, images: images.value });
  }
  if (row.inside === undefined)
    return refuse("wrongState", `"${row.name}" has not been looked into yet: read its source again with "groundswell firmware sync"`);
  return ok({ row, images: images.value, from: "sha256" in from ? { archive: from } : from });
}

/** Families whose packages may themselves be zip files; no document says how they look inside. Source: protocols/lens-and-portal.md 8. */
const PACKAGED: ReadonlySet<Release["family"]> = new Set(["video-os", "group"]);

function unusableWords({ name, inside }: QuarantineRow, { family }: Release): string | undefined {
  if (inside?.kind === "refused") return `"${name}" cannot be accepted. ${inside.words}`;
  if (inside?.kind === "other" && !PACKAGED.has(family)) return `"${name}" cannot be accepted for phones. ${inside.words}`;
  return undefined;
}

function wholeImages({ name, sha256, sizeBytes }: QuarantineRow, release: Release): Result<readonly ImageRef[], Refused> {
  const image = release.images.find((one) => one.sha256 === sha256);
  if (image === undefined) return refuse("wrongState", `The release document names no image with the hash ${sha256}`);
  return image.sizeBytes === sizeBytes ? ok([image]) : refuse("wrongState", otherSize(image, { name, sizeBytes }));
}

function insideImages(row: QuarantineRow, release: Release): Result<readonly ImageRef[], Refused> {
  const inside = new Map(imagesInside(row).map((one) => [one.sha256, one]));
  const images = release.images.filter(({ sha256 }) => inside.has(sha256));
  if (images.length === 0)
    return refuse(
      "wrongState",
      `The release document names no image that is inside "${row.name}": "groundswell firmware quarantine ${row.sha256.slice(0, 12)}" shows them`,
    );
  const wrong = images.find(({ sha256, sizeBytes }) => inside.get(sha256)?.sizeBytes !== sizeBytes);
  if (wrong === undefined) return ok(images);
  const { path: name = "", sizeBytes = 0 } = inside.get(wrong.sha256) ?? {};
  return refuse("wrongState", otherSize(wrong, { name, sizeBytes }));
}

const otherSize = ({ target, sizeBytes }: ImageRef, file: { readonly name: string; readonly sizeBytes: number }): string =>
  `The release document says ${sizeBytes} bytes of "${target}", the file "${file.name}" has ${file.sizeBytes}`;
