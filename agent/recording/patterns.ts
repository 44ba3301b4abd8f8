/**
 * What shows by its form alone that it names a device, a network or a person, wherever it stands. Pure.
 */
import { isIPv4, isIPv6 } from "node:net";
import { parseMac } from "../../protocols/core/ids.ts";
import { ouiOf } from "../../protocols/families/oui.ts";
import type { FieldKind, Kind } from "./kinds.ts";

const PLAIN_MAC = "(?:(?<![0-9A-Za-z])|(?<=(?<![0-9A-Za-z])SEP))[0-9a-f]{12}(?![0-9A-Za-z])";
const PAIR = "[0-9a-f]{2}";
const SPACED_MAC = `(?<![0-9A-Za-z])${PAIR}(?:(?<gap>[:\\- ]|%3A)${PAIR}(?:\\k<gap>${PAIR}){4})(?![0-9A-Za-z]|[:-]${PAIR}(?![0-9a-z]))`;
const DOTTED_MAC = "(?<![0-9A-Za-z])[0-9a-f]{4}\\.[0-9a-f]{4}\\.[0-9a-f]{4}(?![0-9A-Za-z])";
/** 64 hex digits are SHA-256, 40 SHA-1; OpenSSH writes base64. */
const FINGERPRINT = "(?<![0-9A-Za-z])(?:[0-9a-f]{64}|[0-9a-f]{40})(?![0-9A-Za-z])|SHA256:[A-Za-z0-9+/]{43}";
const IP6 = "(?<![0-9A-Za-z:.])(?=[0-9a-f:]{0,39}:[0-9a-f:]{0,39}:)[0-9a-f:]{2,39}(?:(?:\\.\\d{1,3}){3})?(?:%\\w+)?(?![0-9A-Za-z:])";
const IP4 = "(?<![0-9A-Za-z.])\\d{1,3}(?:\\.\\d{1,3}){3}(?![0-9A-Za-z]|\\.\\d)";
const NO_WORD = "(?<![0-9A-Za-z-])";
const NO_MORE = "(?![0-9A-Za-z-])";
/** Option and software keys. Source: protocols/video.md 4.1. */
const KEY = `${NO_WORD}(?=[A-Z-]*\\d)[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3,7}${NO_MORE}`;
/** What else is long enough to be made by chance: a UUID, a session, a digest. */
const TOKEN = `${NO_WORD}(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32})${NO_MORE}`;

/** For one alternation; a match has exactly one of the groups. */
export const PATTERNS = {
  fingerprint: FINGERPRINT,
  secret: `${KEY}|${TOKEN}`,
  mac: `${SPACED_MAC}|${DOTTED_MAC}|${PLAIN_MAC}`,
  ip6: IP6,
  ip4: IP4,
} as const;

export const ANY_PATTERN = Object.entries(PATTERNS)
  .map(([name, source]) => `(?<${name}>${source})`)
  .join("|");

/** Hex digits of a MAC in any spelling, `%3A` between them included. */
export const macDigits = (text: string): string => text.replaceAll(/%3A|[:\-. ]/gi, "").toLowerCase();

/** Twelve digits without a letter are more often a number, unless a maker of ours has that block. */
export function looksLikeMac(text: string): boolean {
  const mac = parseMac(macDigits(text));
  return mac !== undefined && (text.length > 12 || /[a-f]/i.test(text) || ouiOf(mac) !== undefined);
}

/** Masks, multicast, "no address yet" and resolvers that everybody may ask are nobody's. */
const NOBODY = /^(?:(?:0\.0\.0\.0|1\.1\.1\.1|1\.0\.0\.1|8\.8\.8\.8|8\.8\.4\.4|9\.9\.9\.9)$|255\.|22[4-9]\.|23\d\.)/;

/** Four numbers are as often a version: after a program's name, before a build, in a field of that name. */
export function isAddressAt(found: {
  readonly text: string;
  readonly at: number;
  readonly whole: string;
  readonly kind: FieldKind | undefined;
}): boolean {
  const { text, at, whole, kind } = found;
  if (!isIPv4(text) || NOBODY.test(text) || kind === "version") return false;
  const before = whole.slice(Math.max(0, at - 24), at);
  if (/[\w+]\/$|(?:version|release|firmware|software|updater|build|rev|app|\bv)[\s:=."-]{0,4}$/i.test(before)) return false;
  return !/^[-_]\d/.test(whole.slice(at + text.length));
}

export function isAddress6(text: string): boolean {
  return isIPv6(text) && text !== "::" && text !== "::1";
}

/** An address that is no device's: stays as it is, wherever it stands. */
export function isNobodys(value: string): boolean {
  return NOBODY.test(value) || value === "::" || value === "::1";
}

/** What a whole value is by its form, if anything. */
export function kindByForm(value: string): Kind | undefined {
  if (looksLikeMac(value)) return "mac";
  return isIPv4(value) || isIPv6(value) ? "address" : undefined;
}

/** Makers' own hosts and those that stand in schemas say nothing of a customer; a number in front of them does. */
export const VENDOR_HOST = /(?:^|\.)(?:poly|polycom|hp|w3)\.(?:com|org)$/i;
/** A customer of Lens has a number. Source: protocols/uc-phones.md 4.5. */
export const TENANT = /^t\d{2,}(?=\.)/i;

export const SIP_ADDRESS = /(?:sips?:)?([\w.+!~*'()&=$-]{1,64})@([\w-]+(?:\.[\w-]+){0,20}|\[[0-9a-f:]+\])/gi;
/** `"Jane Roe" <sip:1001@…>` */
export const SIP_DISPLAY = /"([^"\r\n]{1,100})"\s{0,3}<sips?:/gi;
export const URL_HOST =
  /\b(?:https?|ftps?|tftp|ldaps?):\/\/(?:([^/\s:@"<>]{1,64})(?::([^/\s@"<>]{0,128}))?@)?([\w.-]{1,253}|\[[0-9a-f:]+\])/gi;
export const E164 = /(?<![\w+])\+\d{7,15}(?!\d)/g;
/** Source: protocols/video.md 1: six characters, the low half of the MAC, two more. */
export const VIDEO_SERIAL = /(?<![0-9A-Za-z])[0-9A-Z]{6}([0-9A-F]{6})[0-9A-Z]{2}(?![0-9A-Za-z])/gi;
