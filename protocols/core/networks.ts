/**
 * Address ranges: read, compare, walk. The only user of `ipaddr.js`.
 */
import ipaddr from "ipaddr.js";
import type { Random } from "./random.ts";

/** Addresses as `10.20.0.0/16`, host bits cleared, or as `10.20.0.10-10.20.0.99`. */
export interface Network {
  readonly text: string;
  readonly family: 4 | 6;
  /** Of a range: of the smallest network around it. */
  readonly prefix: number;
  /** How many addresses it covers; for IPv6 up to 2^128, so not exact above 2^53. */
  readonly size: number;
}

/** Reads CIDR text or a single address (then `/32` or `/128`). IPv4 only as four decimal numbers. */
export function parseCidr(text: string): Network | undefined {
  const [addressText = "", prefixText, ...rest] = text.trim().split("/");
  const address = parseStrict(addressText);
  if (address === undefined || rest.length > 0) return undefined;
  const bits = address.kind() === "ipv4" ? 32 : 128;
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return undefined;
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  if (prefix > bits) return undefined;
  return {
    text: `${textOf(masked(address.toByteArray(), prefix))}/${prefix}`,
    family: bits === 32 ? 4 : 6,
    prefix,
    size: 2 ** (bits - prefix),
  };
}

/** Reads CIDR text, a single address, or an IPv4 range from its lowest to its highest address, both included. */
export function parseNetwork(text: string): Network | undefined {
  const [from = "", to, ...rest] = text.split("-").map((part) => part.trim());
  if (to === undefined) return parseCidr(text);
  if (rest.length > 0 || !isFour(from) || !isFour(to)) return undefined;
  const [first, last] = [numberOf(from), numberOf(to)];
  if (first > last) return undefined;
  return { text: `${from}-${to}`, family: 4, prefix: Math.clz32(first ^ last), size: last - first + 1 };
}

/** True for the text of one address, IPv4 as four decimal numbers or IPv6. */
export function isAddress(text: string): boolean {
  return parseStrict(text) !== undefined;
}

/** Is the address inside the network? Text that is no address is in none; `::ffff:10.0.0.1` is `10.0.0.1`. */
export function contains(network: Network, address: string): boolean {
  const parsed = parseStrict(address);
  if (parsed === undefined) return false;
  if (isRange(network)) {
    const at = parsed.kind() === "ipv4" ? numberOf(parsed.toString()) : -1;
    return at >= numberOf(firstOf(network)) && at <= numberOf(lastOf(network));
  }
  const [base, prefix] = ipaddr.parseCIDR(network.text);
  if (parsed.kind() !== base.kind()) return false;
  const bytes = parsed.toByteArray();
  return textOf(masked(bytes, prefix)) === textOf(base.toByteArray());
}

/** Does `outer` cover every address of `inner`? */
export function covers(outer: Network, inner: Network): boolean {
  return outer.family === inner.family && contains(outer, firstOf(inner)) && contains(outer, lastOf(inner));
}

/** The lowest address. */
export function firstOf(network: Network): string {
  return network.text.slice(0, network.text.search(/[/-]/));
}

/** The highest address. */
export function lastOf(network: Network): string {
  if (isRange(network)) return network.text.slice(network.text.indexOf("-") + 1);
  const [base, prefix] = ipaddr.parseCIDR(network.text);
  const bytes = base.toByteArray().map((byte, at) => byte | (0xff >> clamp(prefix - at * 8, 0, 8)));
  return textOf(bytes);
}

export function isLoopback(address: string): boolean {
  return parseStrict(address)?.range() === "loopback";
}

/**
 * Not a private network's, as far as the address says: what is not set aside for private use counts as public, ranges for
 * documentation and tests included. Text that is no address is taken for public: fail closed.
 * Source: RFC 1918, RFC 6598 (carrier-grade NAT), RFC 3927 and RFC 4291 (link-local), RFC 4193 (unique-local).
 */
export function isPublic(address: string): boolean {
  const range = parseStrict(address)?.range();
  return range === undefined || !PRIVATE_USE.has(range);
}

/** True for addresses nobody may be asked on one by one: groups, everybody, nobody. */
export function isNobody(address: string): boolean {
  const range = parseStrict(address)?.range();
  return range === "multicast" || range === "broadcast" || range === "unspecified";
}

const PRIVATE_USE = new Set<string>(["private", "loopback", "linkLocal", "uniqueLocal", "carrierGradeNat"]);

export interface Walk {
  readonly networks: readonly Network[];
  readonly exclude: readonly Network[];
  readonly random: Random;
}

/**
 * Every IPv4 address of the networks exactly once, in random order, made one at a time: a /15 costs no list. Left out are
 * excluded addresses, and those that are the network or broadcast address of any of the networks, where another covers them
 * too. Of IPv6 only single addresses are given, before all others: networks are too large to walk.
 */
export function* expandAddresses({ networks, exclude, random }: Walk): Generator<string, void, undefined> {
  for (const six of new Set(networks.filter(isSingleSix).map(firstOf))) {
    if (!exclude.some((hole) => contains(hole, six))) yield six;
  }
  const ranges: Range[] = networks.filter(({ family }) => family === 4).map(rangeOf);
  const holes: Range[] = [...exclude, ...networks.flatMap(edgesOf)].filter(({ family }) => family === 4).map(rangeOf);
  const total = ranges.reduce((sum, range) => sum + range.hosts, 0);
  if (total === 0) return;
  const scramble = permutation(total, random);
  for (let i = 0; i < scramble.domain; i++) {
    let offset = scramble.at(i);
    if (offset >= total) continue;
    let at = 0;
    while (offset >= (ranges[at] as Range).hosts) offset -= (ranges[at++] as Range).hosts;
    const address = (ranges[at] as Range).firstHost + offset;
    const seenInEarlier = ranges.slice(0, at).some((range) => address >= range.firstHost && address < range.firstHost + range.hosts);
    if (seenInEarlier || holes.some((hole) => address >= hole.first && address <= hole.last)) continue;
    yield dotted(address);
  }
}

/** How many addresses a walk of one network visits. */
export function hostsOf(network: Network): number {
  return network.family === 4 ? rangeOf(network).hosts : isSingleSix(network) ? 1 : 0;
}

/** How many addresses a whole walk visits. */
export function countAddresses(walk: Omit<Walk, "random">): number {
  const still: Random = { next: () => 0, below: () => 0, hex: () => "" };
  let count = 0;
  for (const _ of expandAddresses({ ...walk, random: still })) count++;
  return count;
}

/** Says of an IPv4 address in which of the networks it is, the first where several cover it; -1 for none. Made once, asked often. */
export function networkFinder(networks: readonly Network[]): (address: string) => number {
  const ranges = networks.map((network) => (network.family === 4 ? rangeOf(network) : undefined));
  return (address) => {
    if (!isFour(address)) return networks.findIndex((network) => contains(network, address));
    const at = numberOf(address);
    return ranges.findIndex((range) => range !== undefined && at >= range.first && at <= range.last);
  };
}

/** The network and the broadcast address; nobody has them. Small networks and ranges have none. */
export function edgesOf(network: Network): readonly Network[] {
  if (network.family === 6 || isRange(network) || network.prefix > 30) return [];
  return [firstOf(network), lastOf(network)].flatMap((address) => parseCidr(address) ?? []);
}

/** More addresses than one sweep may walk: a /15, the largest campus one agent sweeps. */
export const SWEEP_ADDRESSES_MAX = 2 ** 17;

const isRange = ({ text }: Network): boolean => text.includes("-");
const isSingleSix = ({ family, prefix }: Network): boolean => family === 6 && prefix === 128;
const isFour = (text: string): boolean => ipaddr.IPv4.isValidFourPartDecimal(text);
const numberOf = (four: string): number => four.split(".").reduce((value, part) => value * 256 + Number(part), 0);

interface Range {
  readonly first: number;
  readonly last: number;
  readonly firstHost: number;
  readonly hosts: number;
}

function rangeOf(network: Network): Range {
  const first = numberOf(firstOf(network));
  const edges = edgesOf(network).length / 2;
  return { first, last: first + network.size - 1, firstHost: first + edges, hosts: network.size - 2 * edges };
}

/** A Feistel network over the next even power of two: a bijection without a table. For order only, not for secrecy. */
function permutation(total: number, random: Random): { readonly domain: number; at(index: number): number } {
  const halfBits = Math.max(1, Math.ceil(Math.log2(Math.max(2, total)) / 2));
  const mask = 2 ** halfBits - 1;
  const keys = Array.from({ length: 4 }, () => random.below(2 ** 32));
  return {
    domain: 2 ** (2 * halfBits),
    at(index) {
      let left = Math.floor(index / 2 ** halfBits);
      let right = index & mask;
      for (const key of keys) [left, right] = [right, left ^ (mixed(right, key) & mask)];
      return left * 2 ** halfBits + right;
    },
  };
}

function mixed(value: number, key: number): number {
  let x = Math.imul(value ^ key, 0x9e3779b1);
  x = Math.imul(x ^ (x >>> 15), 0x85ebca6b);
  return x ^ (x >>> 13);
}

function dotted(value: number): string {
  return `${Math.floor(value / 2 ** 24)}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

type Address = ipaddr.IPv4 | ipaddr.IPv6;

function parseStrict(text: string): Address | undefined {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  if (!text.includes(":") || text.includes("%") || !ipaddr.IPv6.isValid(text)) return undefined;
  const six = ipaddr.IPv6.parse(text);
  return six.isIPv4MappedAddress() ? six.toIPv4Address() : six;
}

function masked(bytes: readonly number[], prefix: number): number[] {
  return bytes.map((byte, at) => byte & ~(0xff >> clamp(prefix - at * 8, 0, 8)) & 0xff);
}

function textOf(bytes: readonly number[]): string {
  return ipaddr.fromByteArray([...bytes]).toString();
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
