/**
 * One stand-in for each value that is somebody's: the same wherever it appears, in a form of its own, so that a second redaction
 * finds nothing to do. Pure.
 */
import { isIPv4, isIPv6 } from "node:net";
import { KINDS, type Kind } from "./kinds.ts";

export interface Original {
  readonly kind: Kind;
  readonly value: string;
}

/** What was learnt and is not yet named. */
export interface Book {
  /** A value in stand-in form is kept as it is; its name is taken. */
  learn(kind: Kind, value: string): void;
  knows(kind: Kind, value: string): boolean;
  seal(): Pseudonyms;
}

export interface Pseudonyms {
  /** Upper and lower case are one value. `undefined` for what was not learnt. */
  of(value: string): { readonly kind: Kind; readonly pseudonym: string } | undefined;
  /** Values that must not appear any more. */
  readonly originals: readonly Original[];
}

/** RFC 5737 and, when these are used up, RFC 2544; RFC 3849 for IPv6. */
const DOCUMENTATION = ["192.0.2", "198.51.100", "203.0.113"] as const;
const PER_NETWORK = 254;
const LOW_HALF = /aaa[0-9a-f]{3}$/;

const FORMS: readonly RegExp[] = [
  // MAC, serial number, address, fingerprint.
  /^[0-9a-f]{6}aaa[0-9a-f]{3}$/,
  /^(?:[0-9a-z]{4}00aaa[0-9a-f]{3}00|sn\d{6})$/,
  /^(?:192\.0\.2|198\.51\.100|203\.0\.113|198\.1[89]\.\d{1,3})\.\d{1,3}$|^2001:db8:/,
  /^(?:0{60}|0{36})[0-9a-f]{4}$|^sha256:a{39}\d{4}$/,
  // Names reserved for examples belong to nobody (RFC 2606, RFC 6761).
  /(?:^|\.)(?:example|invalid|test|localhost)(?:\.(?:com|net|org))?$/,
];

const WORDED = new RegExp(`^(?:${KINDS.join("|")})-\\d{3,}$|^canary-[a-z0-9-]+$`);

/** Is it already a stand-in, of any kind? One value may be a host here and a user there. */
export function isPseudonym(value: string): boolean {
  const lower = value.toLowerCase();
  return WORDED.test(lower) || FORMS.some((form) => form.test(lower));
}

const three = (n: number): string => String(n).padStart(3, "0");

/** The n-th, from 1, of those that need no other value. */
function nth(kind: Kind, n: number, value: string): string {
  switch (kind) {
    case "mac":
      return `aaa${n.toString(16).padStart(3, "0")}`;
    case "address":
      return isIPv6(value) ? `2001:db8::${n.toString(16)}` : address4(n);
    case "fingerprint":
      if (/^SHA256:/i.test(value)) return `SHA256:${"A".repeat(39)}${String(n).padStart(4, "0")}`;
      return n.toString(16).padStart(value.length, "0");
    case "serial":
      return `SN${String(n).padStart(6, "0")}`;
    case "host":
      return `host-${three(n)}.example`;
    case "secret":
      return `canary-${three(n)}`;
    default:
      return `${kind}-${three(n)}`;
  }
}

function address4(n: number): string {
  const network = DOCUMENTATION[Math.floor((n - 1) / PER_NETWORK)];
  if (network !== undefined) return `${network}.${((n - 1) % PER_NETWORK) + 1}`;
  const rest = n - DOCUMENTATION.length * PER_NETWORK;
  return `198.18.${Math.floor(rest / PER_NETWORK)}.${(rest % PER_NETWORK) + 1}`;
}

export function createBook(): Book {
  const learnt = new Map<string, Original>();
  return {
    learn(kind, value) {
      const name = value.toLowerCase();
      const known = learnt.get(name);
      if (known === undefined || KINDS.indexOf(kind) < KINDS.indexOf(known.kind)) learnt.set(name, { kind, value });
    },
    knows: (kind, value) => learnt.get(value.toLowerCase())?.kind === kind,
    seal: () => seal([...learnt.values()]),
  };
}

/** Named in the order of the values, not of their appearance: what answered first is chance. */
function seal(all: readonly Original[]): Pseudonyms {
  const byName = new Map<string, { readonly kind: Kind; readonly pseudonym: string }>();
  const sorted = all.toSorted((a, b) => (keyOf(a.value) < keyOf(b.value) ? -1 : 1));
  const kept = new Set(sorted.filter(({ value }) => isPseudonym(value)).map(({ value }) => value.toLowerCase()));
  const lowHalves = nameLowHalves(sorted.filter(({ kind }) => kind === "mac").map(({ value }) => value.slice(6)));
  const counts = new Map<string, number>();
  for (const { kind, value } of sorted) {
    byName.set(value.toLowerCase(), { kind, pseudonym: kept.has(value.toLowerCase()) ? value : pseudonymOf(kind, value) });
  }
  function pseudonymOf(kind: Kind, value: string): string {
    if (kind === "mac") return value.slice(0, 6) + lowHalves.get(value.slice(6));
    const low = kind === "serial" ? lowHalves.get(value.slice(6, 12).toLowerCase()) : undefined;
    // The rule that ties serial number and MAC together holds for the stand-ins too.
    if (low !== undefined && value.length === 14) return `${value.slice(0, 4)}00${low}00`.toUpperCase();
    for (;;) {
      const family = kind === "address" && isIPv4(value) ? "address4" : kind;
      const n = (counts.get(family) ?? 0) + 1;
      counts.set(family, n);
      const candidate = nth(kind, n, value);
      if (!kept.has(candidate.toLowerCase())) return candidate;
    }
  }
  return {
    of: (value) => byName.get(value.toLowerCase()),
    originals: sorted.filter(({ value }) => !kept.has(value.toLowerCase())),
  };
}

/** Makers' halves stay, so equal low halves of two makers stay equal too. */
function nameLowHalves(all: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set(all.filter((low) => LOW_HALF.test(low)));
  const names = new Map([...taken].map((low) => [low, low] as const));
  let n = 0;
  for (const low of all) {
    if (names.has(low)) continue;
    let candidate = "";
    do candidate = nth("mac", ++n, low);
    while (taken.has(candidate));
    names.set(low, candidate);
  }
  return names;
}

/** Addresses by number, the rest by text. */
function keyOf(value: string): string {
  if (!isIPv4(value)) return value.toLowerCase();
  return value
    .split(".")
    .map((part) => part.padStart(3, "0"))
    .join(".");
}
