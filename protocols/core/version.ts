/**
 * Version order as the vendor means it: never as text, never as semver. The agent's own version is semver.
 */
import { satisfies } from "semver";

declare const brand: unique symbol;
/** A device's version as it states it, trimmed of vendor words and dates: `6.4.6.0123`, `3.12.0-366027`, `6.2.2.8-670021`. */
export type Version = string & { readonly [brand]?: "Version" };

export interface ParsedVersion {
  readonly text: Version;
  /** Dotted numbers in order; a letter after the third part (`4.0.0B`) makes `tag`. */
  readonly parts: readonly number[];
  /** Build after `-` or `_`, for video systems. */
  readonly build?: string;
  /** Something we cannot order (`_ne`): such a version is reported, never updated over. */
  readonly tag?: string;
  /** False with a tag, and in the spelling of the USB catalogue: a device shows only its first two parts. */
  readonly comparable: boolean;
}

/**
 * Reads a version in any form the vendors print: `Release - 6.2.2.8-670021`, `7.2.1.1000 01-Feb-22 10:00`,
 * `5.9.7.3480`, `3.10.0_362035`, `2.5.0.8_ne-4035`, `version "Release - 3.1.14-56008"`, `Release 9.0.6.2-103`, `RMX.8.4.0.100`,
 * `SIP/5.6.0.18519/15-Nov-17 23:08`, and the USB catalogue's `0225_0_0`. `undefined` where no dotted number starts the text.
 * Source: protocols/uc-phones.md 9, protocols/video.md 1, protocols/snmp.md 3 and 5, protocols/lens-and-portal.md 6.
 */
export function parseVersion(input: string): ParsedVersion | undefined {
  const text =
    input
      .trim()
      .replace(/^version\s+/i, "")
      .replaceAll('"', "")
      .replace(/^Release(?:\s*-\s*|\s+)/i, "")
      .replace(/^RMX\.(?=\d)/i, "")
      .replace(/^(?:SIP|UP|BR)\/(\d[^/\s]*)\/?.*$/i, "$1")
      .split(/\s/, 1)[0] ?? "";
  const usb = usbCatalogue(text);
  if (usb !== undefined) return usb;
  const match = /^(\d{1,9}(?:\.\d{1,9}){1,3})([A-Za-z]{0,8})((?:[-_][0-9A-Za-z]{1,20})*)$/.exec(text) ?? lettered(text);
  if (match === null) return undefined;
  const [, dotted = "", letters = "", rest = ""] = match;
  const pieces = rest.split(/[-_]/).filter((piece) => piece !== "");
  const words = pieces.filter((piece) => !/^\d+$/.test(piece));
  const build = pieces.findLast((piece) => /^\d+$/.test(piece));
  const tag = [letters, ...words].filter((word) => word !== "").join("_");
  return {
    text,
    parts: dotted.split(".").map(Number),
    ...(build === undefined ? {} : { build }),
    ...(tag === "" ? {} : { tag }),
    comparable: tag === "",
  };
}

/** `4.4.0B.1234`, `4.4.0B.1234A`: a letter inside. Kept as tag, so not comparable. */
function lettered(text: string): RegExpExecArray | null {
  const match = /^(\d{1,9}\.\d{1,9}\.\d{1,9})([A-Z])\.(\d{1,9})([A-Z]{0,8})$/.exec(text);
  if (match === null) return null;
  match[1] = `${match[1]}.${match[3]}`;
  match[3] = match[4] === "" ? "" : `_${match[4]}`;
  return match;
}

/** Four parts, the third may carry a letter, the build of four or more digits too. Source: protocols/uc-phones.md 9. */
const PHONE_VERSION = /(?<![\d.])(?:\d{1,3}[A-Z]?\.){3}\d{4,9}[A-Z]{0,4}(?![\d.])/;

/** The first version of a phone within other words: `SIP/4.0.15.1047 20-Nov-17 10:00`. */
export function phoneVersionIn(text: string): Version | undefined {
  const found = PHONE_VERSION.exec(text)?.[0];
  return found === undefined ? undefined : parseVersion(found)?.text;
}

/**
 * `0225_0_0`, `3861.3039.100`: four decimal digits in one, which the device shows as `2.25`, `38.61`, and nothing of the rest.
 * So the first two parts are the device's, and the whole cannot be ordered against what it shows.
 */
function usbCatalogue(text: string): ParsedVersion | undefined {
  const match = /^(\d\d)(\d\d)([._])(\d{1,9})\3(\d{1,9})$/.exec(text);
  return match === null ? undefined : { text, parts: [1, 2, 4, 5].map((at) => Number(match[at])), comparable: false };
}

export type Order = "older" | "same" | "newer";

/**
 * How `a` stands to `b`. A missing fourth part is 0; builds count only when both state one and all parts are equal.
 * @returns `undefined` when either does not parse or carries a tag: unknown order is never guessed
 */
export function orderOf(a: Version, b: Version): Order | undefined {
  const left = parseVersion(a);
  const right = parseVersion(b);
  if (left === undefined || right === undefined || !left.comparable || !right.comparable) return undefined;
  for (let i = 0; i < Math.max(left.parts.length, right.parts.length); i++) {
    const difference = (left.parts[i] ?? 0) - (right.parts[i] ?? 0);
    if (difference !== 0) return difference < 0 ? "older" : "newer";
  }
  if (left.build === undefined || right.build === undefined) return "same";
  // A build may have more digits than a number keeps apart.
  const difference = BigInt(left.build) - BigInt(right.build);
  return difference === 0n ? "same" : difference < 0n ? "older" : "newer";
}

/** True only when both parse, are comparable and are the same version. */
export function sameVersion(a: Version, b: Version): boolean {
  return orderOf(a, b) === "same";
}

/** Does this agent (semver) meet what a release or contract asks for, such as `>=0.1.0`? An unreadable range does not. */
export function agentMeets(agentVersion: string, range: string): boolean {
  return satisfies(agentVersion, range, { includePrerelease: true });
}
