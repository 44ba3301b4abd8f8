/**
 * The XML catalogue behind a phone's "Software upgrade" page: read what a server or the phone itself lists, and write one for
 * a custom server. Pure. Source: protocols/lens-and-portal.md 7; protocols/uc-phones.md 5.
 */
import { type Fault, fail, ok, type Result, type Transport } from "../core/fault.ts";
import { parseVersion, type Version } from "../core/version.ts";
import { childOf, childrenOf, parseXml } from "../core/xml.ts";

/** In the root of a custom server. */
export const CATALOGUE_FILE = "ucs.xml";
/** Where a phone looks by itself: plain HTTP, the image carries the signature. */
export const POLY_CATALOGUE_SERVER = "http://downloads.polycom.com/voice/software/";

export interface CatalogueImage {
  readonly version: Version;
  /** Ends with a slash; the phone adds its part number's file. */
  readonly directory: string;
  /** Hardware it is for; empty is every one. */
  readonly revision: string;
}

/** Poly's own lists a few dozen. */
export const IMAGES_MAX = 2_000;

/**
 * @param text may begin with other bytes, as the phone's own answer does
 * @returns entries whose version and directory can be read, in their order; `garbled` for anything else, a page of HTML included
 */
export function readImageCatalogue(text: string, via: Transport): Result<readonly CatalogueImage[]> {
  const garbled: Fault = { kind: "garbled", via, wanted: "a catalogue of phone software" };
  const root = parseXml(text, via);
  if (!root.ok) return root.fault.kind === "garbled" ? fail(garbled) : root;
  if (root.value.name.toLowerCase() !== "phone_images") return fail(garbled);
  const images: CatalogueImage[] = [];
  for (const revision of childrenOf(root.value, "revision")) {
    const id = attributeOf(revision.attributes, "id").trim();
    for (const image of childrenOf(revision, "phone_image")) {
      const version = parseVersion(childOf(image, "version")?.text ?? "")?.text;
      const directory = directoryOf(childOf(image, "path")?.text ?? "");
      if (version === undefined || directory === undefined) continue;
      if (images.length === IMAGES_MAX) return fail({ kind: "overBudget", via, budget: "items", limit: IMAGES_MAX });
      images.push({ version, directory, revision: id });
    }
  }
  return ok(images);
}

function attributeOf(attributes: ReadonlyMap<string, string>, name: string): string {
  return [...attributes].find(([key]) => key.toLowerCase() === name)?.[1] ?? "";
}

function directoryOf(path: string): string | undefined {
  if (!URL.canParse(path)) return undefined;
  const url = new URL(path);
  if (url.protocol !== "http:" && url.protocol !== "https:") return undefined;
  if (url.username !== "" || url.password !== "" || url.search !== "" || url.hash !== "") return undefined;
  return url.href.endsWith("/") ? url.href : `${url.href}/`;
}

/** Those for a phone of this hardware (`HARDWARE_ID`, `HARDWARE_REV` as it states them), and those for every one. */
export function imagesFor(images: readonly CatalogueImage[], hardware: readonly string[]): readonly CatalogueImage[] {
  const own = new Set(hardware.map((id) => id.trim().toLowerCase()));
  return images.filter(({ revision }) => revision === "" || own.has(revision.toLowerCase()));
}

const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" };
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (letter) => ESCAPES[letter] ?? letter);

/** A catalogue in the form of the document, one group per revision; to be served as `CATALOGUE_FILE`. */
export function writeImageCatalogue(images: readonly CatalogueImage[]): string {
  const groups = Map.groupBy(images, ({ revision }) => revision);
  const lines = [...groups].flatMap(([revision, group]) => [
    `  <REVISION ID="${escaped(revision)}">`,
    ...group.map(
      ({ version, directory }) => `    <PHONE_IMAGE><VERSION>${escaped(version)}</VERSION><PATH>${escaped(directory)}</PATH></PHONE_IMAGE>`,
    ),
    "  </REVISION>",
  ]);
  return ['<?xml version="1.0" encoding="utf-8" standalone="yes"?>', "<PHONE_IMAGES>", ...lines, "</PHONE_IMAGES>", ""].join("\n");
}
