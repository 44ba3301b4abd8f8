/**
 * The software catalogue of the cloud: a hint that something newer exists, never a gate. Pure.
 * Source: protocols/lens-and-portal.md 6.
 */
import * as z from "zod";
import type { Ms } from "../core/time.ts";
import { type Order, orderOf, type Version } from "../core/version.ts";
import { looseFlag, looseText } from "../families/json.ts";
import { moment } from "./devices.ts";

export interface CatalogueRelease {
  /** As the catalogue spells it: compare with `orderOfSoftware`. */
  readonly version: string;
  /** Absent is the default channel. */
  readonly channel?: string;
  readonly latest: boolean;
  /** May not be fetched, or no longer be used. */
  readonly withdrawn: boolean;
  readonly publishedMs?: Ms;
  readonly archive?: Archive;
}

/** A file of the maker's software server. No answer carries its hash: whoever fetches it records one. */
export interface Archive {
  readonly url: string;
  readonly pid: string;
  readonly version: string;
  readonly build: string;
  readonly file: string;
}

/** The way to a release: steps in between, none where it is direct. */
export interface SteppedPath {
  readonly found: boolean;
  readonly steps: readonly string[];
  readonly target?: string;
}

const SOFTWARE_ORIGIN = "https://swupdate.lens.poly.com";

/** `https://swupdate.lens.poly.com/<pid>/<version>/<build>/<file>`; any other place is nobody's archive. */
export function archiveOf(text: string): Archive | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.origin !== SOFTWARE_ORIGIN || url.username !== "" || url.password !== "") return undefined;
  const parts = url.pathname.split("/").slice(1);
  const names = parts.flatMap((part) => decoded(part) ?? []);
  const [pid, version, build] = names;
  const file = names.at(-1);
  if (names.length !== parts.length || names.length < 4 || names.some((name) => name === "")) return undefined;
  if (pid === undefined || version === undefined || build === undefined || file === undefined) return undefined;
  return { url: url.href, pid, version, build, file };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

const build = z.object({ archiveurl: looseText });
export const releaseNode = z.object({
  version: looseText,
  releasechannel: looseText,
  latest: looseFlag,
  blockeddownload: looseFlag,
  deprecated: looseFlag,
  publishdate: moment,
  productbuild: z
    .union([build, z.array(build).max(50)])
    .nullish()
    .catch(undefined),
});

export function releaseOf(node: z.infer<typeof releaseNode>): CatalogueRelease | undefined {
  if (node.version === undefined) return undefined;
  const { version, releasechannel: channel } = node;
  const archive = [node.productbuild].flat().flatMap((one) => archiveOf(one?.archiveurl ?? "") ?? [])[0];
  return {
    version,
    latest: node.latest === true,
    withdrawn: node.blockeddownload === true || node.deprecated === true,
    ...(channel === undefined ? {} : { channel }),
    ...(node.publishdate === undefined ? {} : { publishedMs: node.publishdate }),
    ...(archive === undefined ? {} : { archive }),
  };
}

/** The one to tell people of: on the default channel, not withdrawn, said to be the latest, else the highest. */
export function newestOf(releases: readonly CatalogueRelease[], usb: boolean): CatalogueRelease | undefined {
  const usable = releases.filter(({ channel, withdrawn }) => channel === undefined && !withdrawn);
  const latest = usable.filter((release) => release.latest);
  return (latest.length === 0 ? usable : latest).reduce<CatalogueRelease | undefined>(
    (best, one) => (best === undefined || orderOfSoftware(one.version, best.version, usb) === "newer" ? one : best),
    undefined,
  );
}

/**
 * How what a device runs stands to a version of the catalogue. Network devices print the same four parts; a USB device shows
 * BCD (`2.25`, `38.61`) where the catalogue has `0225_0_0` or `3861.3039.100`.
 *
 * @returns `undefined` where either cannot be read: unknown order is never guessed
 */
export function orderOfSoftware(running: string, catalogue: string, usb: boolean): Order | undefined {
  if (!usb) return orderOf(running as Version, catalogue as Version);
  const left = usbParts(running);
  const right = usbParts(catalogue);
  if (left === undefined || right === undefined) return undefined;
  // BCD has two parts: what is not shown is not compared.
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = (left[i] ?? 0) - (right[i] ?? 0);
    if (difference !== 0) return difference < 0 ? "older" : "newer";
  }
  return "same";
}

/** The first group of four digits is BCD: two and two. A minor of one digit could be 2.05 or 2.50, and is neither. */
function usbParts(text: string): readonly number[] | undefined {
  const bcd = /^(\d{1,2})\.(\d{2})$/.exec(text.trim());
  const spelt = /^(\d{2})(\d{2})((?:[._]\d{1,9}){0,4})$/.exec(text.trim());
  const match = bcd ?? spelt;
  if (match === null) return undefined;
  const rest = (match[3] ?? "").split(/[._]/).filter((part) => part !== "");
  return [match[1], match[2], ...rest].map(Number);
}

export const steppedNode = z.object({
  foundsoftware: looseFlag,
  steppedupgradeversionlist: z.array(looseText).max(50).nullish(),
  productsoftware: z.object({ version: looseText }).nullish().catch(undefined),
});

export function steppedPathOf(node: z.infer<typeof steppedNode>): SteppedPath {
  const target = node.productsoftware?.version;
  return {
    found: node.foundsoftware === true,
    steps: (node.steppedupgradeversionlist ?? []).filter((step) => step !== undefined),
    ...(target === undefined ? {} : { target }),
  };
}
