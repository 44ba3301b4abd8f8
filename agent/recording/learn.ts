/**
 * Learns from a recording what in it names its device, its network and its people. Pure.
 */
import { macFromVideoSerial, parseMac } from "../../protocols/core/ids.ts";
import { familyOfModel } from "../../protocols/families/models.ts";
import type { Plain, Recording } from "./format.ts";
import { type FieldKind, KINDS, type Kind, type Segment } from "./kinds.ts";
import {
  ANY_PATTERN,
  E164,
  isAddress6,
  isAddressAt,
  isNobodys,
  kindByForm,
  looksLikeMac,
  macDigits,
  SIP_ADDRESS,
  SIP_DISPLAY,
  TENANT,
  URL_HOST,
  VENDOR_HOST,
  VIDEO_SERIAL,
} from "./patterns.ts";
import { type Book, createBook, type Pseudonyms } from "./pseudonyms.ts";
import { walk } from "./walk.ts";

/** States and defaults that stand in many fields and are nobody's. */
const PLAIN_WORDS =
  /^(?:<?empty>?|true|false|yes|no|on|off|up|down|full|all_up|none|null|unknown|default|enabled?|disabled?|active|inactive|available|unavailable|online|offline|established|auto|static|dhcp|http|https|tftp|ftp|ftps|sip|udp|tcp|tls|dns|srv|removed_secure_content|videoconferencing device|poly|polycom|polycom inc\.?|hp|hp inc\.?|admin|root|user|public|private|plcmspip|anonymous|groundswell)$/i;
/** Words of the recording itself, stand-ins included: whoever chose one of them as a name or a password is not known by it. */
const OUR_WORDS: ReadonlySet<string> = new Set([
  ...KINDS,
  ..."password usm canary example device devices phone phones room group switch sip ssh snmp telnet tls get post put delete options".split(
    " ",
  ),
  ..."ask answer fault path method status headers body json text hex base64 login banner offer session command lines line walk".split(" "),
  ..."version visit at trust credentials kind id facts family model vendor running application updater registered state reason".split(" "),
  ..."expected look evidence faults via what parts reading confidence schema exchanges integer gauge counter ticks oid ip".split(" "),
]);
const TWO_LETTERS = /[\p{L}\p{N}].*[\p{L}\p{N}]/su;

/** What a device is, as opposed to whose it is: stays readable. */
function isPlain(value: string, kept: ReadonlySet<string>): boolean {
  return (
    PLAIN_WORDS.test(value) ||
    OUR_WORDS.has(value.toLowerCase()) ||
    !TWO_LETTERS.test(value) ||
    kept.has(value.toLowerCase()) ||
    familyOfModel(value) !== undefined
  );
}

/** Models, versions and part numbers of this device. */
function keptWords({ facts, parts }: Recording["expected"]): ReadonlySet<string> {
  const { model, partNumber, vendor, running, family } = facts;
  const own = [model, model?.replaceAll(" ", ""), partNumber, vendor, family, running?.application, running?.updater];
  const theirs = parts.flatMap((part) => [part.model, part.version]);
  return new Set([...own, ...theirs].filter((word) => word !== undefined).map((word) => word.toLowerCase()));
}

/** @param secrets what was used to get in */
export function learnFrom(recording: Recording, secrets: readonly string[]): Pseudonyms {
  const book = createBook();
  const kept = keptWords(recording.expected);
  const learn = (kind: Kind, value: string): void => {
    // Four numbers may be the version that runs there.
    const plain = kind === "address" ? kept.has(value) : kind !== "mac" && kind !== "fingerprint" && isPlain(value, kept);
    if (!plain) book.learn(kind, value);
  };
  for (const secret of secrets) learn("secret", secret);
  const { facts, visit, parts, lines } = recording.expected;
  book.learn("address", visit.address);
  for (const mac of [facts.mac, visit.expectMac, ...parts.map((part) => part.mac)]) if (mac !== undefined) book.learn("mac", mac);
  for (const serial of [facts.serial, ...parts.map((part) => part.serial)]) if (serial !== undefined) learnField("serial", serial, learn);
  if (facts.name !== undefined) learnField("name", facts.name, learn);
  for (const { address } of lines) learnField("line", address, learn);
  const candidates = new Map<string, string>();
  const visitSegment = (segment: Segment, { whole, at }: { readonly whole: string; readonly at: number }): string => {
    if (segment.kind !== undefined) learnField(segment.kind, segment.text, learn);
    learnForms({ segment, whole, at }, learn);
    for (const [serial, low = ""] of segment.text.matchAll(VIDEO_SERIAL)) candidates.set(serial, low.toLowerCase());
    return segment.text;
  };
  walk(recording as unknown as Plain, visitSegment);
  learnSerials(book, candidates);
  return book.seal();
}

/** Serial numbers without a name beside them, known by the MAC inside. */
function learnSerials(book: Book, candidates: ReadonlyMap<string, string>): void {
  for (const serial of candidates.keys()) {
    const mac = macFromVideoSerial(serial);
    if (mac !== undefined && book.knows("mac", mac) && parseMac(serial) === undefined) book.learn("serial", serial);
  }
}

type Learn = (kind: Kind, value: string) => void;

/** A value by what its field says. */
function learnField(kind: FieldKind, raw: string, learn: Learn): void {
  const value = raw
    .trim()
    .replaceAll(/^["'<]+|["'>]+$/g, "")
    .trim();
  const form = kindByForm(value);
  if (value === "" || isNobodys(value) || kind === "version" || kind === "address" || kind === "fingerprint") return;
  if (form !== undefined) learn(form, form === "mac" ? macDigits(value) : value);
  else if (kind === "mac") learnMac(value, learn);
  else if (kind === "serial") learnSerial(value, learn);
  else if (kind === "subject") learnSubject(value, learn);
  else if (kind === "organisation") learnUnlessMaker(value, learn);
  else if (kind === "number") learnDialled(value, learn);
  else if (kind === "user") learnUser(value, learn);
  else if (kind === "line") learnWhere(value, DIGITS.test(value) ? "number" : "user", learn);
  else if (kind === "where") learnWhere(value, "host", learn);
  else if (kind === "domain") learnWhere(value, undefined, learn);
  else learn(kind, value);
}

const DIGITS = /^[+\d*#]+$/;

function learnMac(value: string, learn: Learn): void {
  const mac = parseMac(macDigits(value));
  if (mac !== undefined) learn("mac", mac);
}

/** With the MAC inside it, so that both get stand-ins that belong together. */
function learnSerial(value: string, learn: Learn): void {
  const mac = macFromVideoSerial(value);
  if (mac !== undefined) learn("mac", mac);
  learn("serial", value);
}

/** Factory certificates name a MAC or a serial number, a customer's own a host. */
function learnSubject(value: string, learn: Learn): void {
  if (macFromVideoSerial(value) !== undefined) learnSerial(value, learn);
  else if (value.includes(".")) learnWhere(value, undefined, learn);
  else learn("name", value);
}

function learnUnlessMaker(value: string, learn: Learn): void {
  if (!/^(?:poly(?:com)?|hp|hewlett[ -]packard)\b/i.test(value)) learn("organisation", value);
}

/** A dot in a user's name makes it no host. */
function learnUser(value: string, learn: Learn): void {
  if (!value.includes("@")) learn(DIGITS.test(value) ? "number" : "user", value);
}

/** A name may stand before the number. Source: protocols/video.md 4.2. */
function learnDialled(value: string, learn: Learn): void {
  for (const part of value.split(":")) {
    if (!part.includes("@") && kindByForm(part) === undefined) learn(DIGITS.test(part) ? "number" : "contact", part);
  }
}

/** A host, a URL, a SIP address; a bare word is of the given kind, or nothing. */
function learnWhere(text: string, bare: Kind | undefined, learn: Learn): void {
  const value = text.trim();
  // Both are found by their form.
  if (value === "" || value.includes("@") || value.includes("://")) return;
  const host = value.replace(/:\d{1,5}$/, "");
  if (kindByForm(host) !== undefined) return;
  if (/^[\w-]+(?:\.[\w-]+)+\.?$/.test(host) && /[a-z]/i.test(host)) learnHost(host, learn);
  else if (bare !== undefined && (bare !== "host" || !/\s/.test(value))) learn(bare, value);
}

function learnHost(host: string, learn: Learn): void {
  const tenant = TENANT.exec(host)?.[0];
  if (!VENDOR_HOST.test(host)) learn("host", host.replace(/\.$/, ""));
  else if (tenant !== undefined) learn("user", tenant);
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not encoded, then: a percent sign of its own.
    return text;
  }
}

const ANY = new RegExp(ANY_PATTERN, "giu");

/** What shows by its form, wherever it stands. */
function learnForms(found: { readonly segment: Segment; readonly whole: string; readonly at: number }, learn: Learn): void {
  const { segment, whole, at } = found;
  const { text, kind } = segment;
  for (const match of text.matchAll(ANY)) {
    const { mac, ip4, ip6, fingerprint, secret } = match.groups ?? {};
    if (mac !== undefined && looksLikeMac(mac)) learn("mac", macDigits(mac));
    if (ip4 !== undefined && isAddressAt({ text: ip4, at: at + match.index, whole, kind })) learn("address", ip4);
    if (ip6 !== undefined && isAddress6(ip6)) learn("address", ip6);
    if (fingerprint !== undefined) learn("fingerprint", fingerprint);
    if (secret !== undefined) learn("secret", secret);
  }
  for (const [, display = ""] of text.matchAll(SIP_DISPLAY)) learnField("contact", display, learn);
  for (const [, user = "", host = ""] of text.matchAll(SIP_ADDRESS)) {
    learnUser(user, learn);
    learnWhere(host, "host", learn);
  }
  for (const [, user = "", password = "", host = ""] of text.matchAll(URL_HOST)) {
    if (user !== "") learn("user", percentDecoded(user));
    if (password !== "") learn("secret", percentDecoded(password));
    learnWhere(host, "host", learn);
  }
  for (const [number] of text.matchAll(E164)) learn("number", number);
}
