/**
 * Reads answers to what `writer.ts` wrote: whole, without throwing, every length checked against its parent. The same rules as
 * `guard.ts`, for the hot path in one pass. Source: RFC 3416, 3; RFC 3412, 6; RFC 3414, 2.4; security.md 1, facts 2 and 3.
 */
import { SNMP_BUDGET } from "../core/budget.ts";
import { oidIn } from "./ber.ts";
import { LARGEST_PACKET_BYTES, type Refusal } from "./guard.ts";
import type { SnmpRow, SnmpValue } from "./values.ts";
import type { Asked } from "./writer.ts";

/** Where reading stands. */
interface Cursor {
  readonly packet: Buffer;
  at: number;
}

const INTEGER = 0x02;
const OCTETS = 0x04;
const OID = 0x06;
const SEQUENCE = 0x30;
const RESPONSE = 0xa2;
const REPORT = 0xa8;
const BROKEN = -1;

/** Steps over tag and length of the next element, which must have that tag; its end, or `BROKEN`. Any tag where `tag` is 0. */
function enter(cursor: Cursor, tag: number, limit: number): number {
  const { packet, at } = cursor;
  if (at + 2 > limit || (tag !== 0 && packet[at] !== tag)) return BROKEN;
  const first = packet[at + 1] as number;
  if (first < 0x80) {
    cursor.at = at + 2;
    return cursor.at + first > limit ? BROKEN : cursor.at + first;
  }
  const octets = first & 0x7f;
  if (octets === 0 || octets > 4 || at + 2 + octets > limit) return BROKEN;
  cursor.at = at + 2 + octets;
  const end = cursor.at + packet.readUIntBE(at + 2, octets);
  return end > limit ? BROKEN : end;
}

/** A signed INTEGER of one to four octets; `undefined` for anything else. */
function integer(cursor: Cursor, limit: number): number | undefined {
  const end = enter(cursor, INTEGER, limit);
  const length = end - cursor.at;
  if (end === BROKEN || length < 1 || length > 4) return undefined;
  const { packet, at } = cursor;
  cursor.at = end;
  return length === 1 ? ((packet[at] as number) << 24) >> 24 : packet.readIntBE(at, length);
}

/** Octets as an unsigned number of at most 32 bits: one to four, or five of which the first is zero. */
function unsigned(packet: Buffer, start: number, end: number): number | undefined {
  const length = end - start;
  if (length < 1 || length > 5 || (length === 5 && packet[start] !== 0)) return undefined;
  let value = 0;
  for (let at = start; at < end; at++) value = value * 256 + (packet[at] as number);
  return value;
}

function absent(why: "noSuchObject" | "noSuchInstance" | "endOfMibView" | "null", length: number): SnmpValue | undefined {
  return length === 0 ? { type: "absent", why } : undefined;
}

function numeric(type: "counter" | "gauge" | "ticks", value: number | undefined): SnmpValue | undefined {
  return value === undefined ? undefined : { type, value };
}

function snmpValueAt(packet: Buffer, tag: number, at: { readonly start: number; readonly end: number }): SnmpValue | undefined {
  const { start, end } = at;
  const length = end - start;
  switch (tag) {
    case INTEGER:
      return length >= 1 && length <= 4 ? { type: "integer", value: packet.readIntBE(start, length) } : undefined;
    case OCTETS:
    case 0x44:
      return { type: "octets", value: packet.subarray(start, end) };
    case 0x41:
      return numeric("counter", unsigned(packet, start, end));
    case 0x42:
      return numeric("gauge", unsigned(packet, start, end));
    case 0x43:
      return numeric("ticks", unsigned(packet, start, end));
    case OID: {
      const value = oidIn(packet, { tag, start, end });
      return value === undefined ? undefined : { type: "oid", value };
    }
    case 0x40:
      return length === 4 ? { type: "ip", value: packet.subarray(start, end).join(".") } : undefined;
    case 0x46:
      if (length < 1 || length > 9) return undefined;
      return { type: "counter64", value: BigInt.asUintN(64, BigInt(`0x${packet.toString("hex", start, end)}`)) };
    case 0x05:
      return absent("null", length);
    case 0x80:
      return absent("noSuchObject", length);
    case 0x81:
      return absent("noSuchInstance", length);
    case 0x82:
      return absent("endOfMibView", length);
    default:
      return undefined;
  }
}

/** What a PDU says. A Report's `counter` is N of `1.3.6.1.6.3.15.1.1.N.0`, 0 for another object. */
export type Said =
  | { readonly kind: "rows"; readonly rows: readonly SnmpRow[] }
  | { readonly kind: "status"; readonly status: number }
  | { readonly kind: "report"; readonly counter: number }
  | { readonly kind: "refused"; readonly why: Refusal };

const refused = (why: Refusal): Said => ({ kind: "refused", why });

const USM_STATS = /^1\.3\.6\.1\.6\.3\.15\.1\.1\.([1-6])\.0$/;

/** What a PDU must fit to be the answer. */
export interface Wanted {
  readonly id: number;
  readonly objects: readonly Asked[];
}

/** `Wanted` in version 1 or 2c: `version` as on the wire. */
export interface Asking extends Wanted {
  readonly version: 0 | 1;
  readonly community: Buffer;
}

/** Stands `octets` in the packet at `at`? Both ends lie within it. */
function standsAt(packet: Buffer, at: number, octets: Buffer): boolean {
  for (let i = 0; i < octets.length; i++) if (packet[at + i] !== octets[i]) return false;
  return true;
}

/**
 * One binding as nearly all are: named as asked, and short lengths throughout. The name is then not spelled out again.
 *
 * @returns `undefined` for any other, whole or broken: the cursor then stands where it stood
 */
function usualRowAt(cursor: Cursor, { oid, named }: Asked, limit: number): SnmpRow | undefined {
  const { packet, at } = cursor;
  const valueAt = at + 2 + named.length;
  if (valueAt + 2 > limit || packet[at] !== SEQUENCE) return undefined;
  const size = packet[at + 1] as number;
  const length = packet[valueAt + 1] as number;
  const end = valueAt + 2 + length;
  if (size >= 0x80 || length >= 0x80 || at + 2 + size !== end || end > limit || !standsAt(packet, at + 2, named)) return undefined;
  const value = snmpValueAt(packet, packet[valueAt] as number, { start: valueAt + 2, end });
  if (value === undefined) return undefined;
  cursor.at = end;
  return { oid, value };
}

/** Any binding as a row. */
function rowAt(cursor: Cursor, limit: number): SnmpRow | undefined {
  const { packet } = cursor;
  const end = enter(cursor, SEQUENCE, limit);
  const nameEnd = end === BROKEN ? BROKEN : enter(cursor, OID, end);
  if (nameEnd === BROKEN) return undefined;
  const oid = oidIn(packet, { tag: OID, start: cursor.at, end: nameEnd });
  cursor.at = nameEnd;
  const tag = packet[nameEnd] ?? 0;
  const valueEnd = enter(cursor, 0, end);
  if (oid === undefined || valueEnd !== end) return undefined;
  const value = snmpValueAt(packet, tag, { start: cursor.at, end: valueEnd });
  cursor.at = end;
  return value === undefined ? undefined : { oid, value };
}

function readPdu(cursor: Cursor, limit: number, wanted: Wanted): Said {
  const tag = cursor.packet[cursor.at];
  if (tag !== RESPONSE && tag !== REPORT) return refused("wrong kind");
  const end = enter(cursor, tag, limit);
  if (end !== limit) return refused("not a message");
  const id = integer(cursor, end);
  const status = integer(cursor, end);
  const index = integer(cursor, end);
  if (id === undefined || status === undefined || index === undefined || enter(cursor, SEQUENCE, end) !== end)
    return refused("not a message");
  if (tag === RESPONSE && id !== wanted.id) return refused("wrong id");
  const rows: SnmpRow[] = [];
  while (cursor.at < end) {
    if (rows.length === SNMP_BUDGET.items) return refused("too many values");
    const asked = wanted.objects[rows.length];
    const row = (asked === undefined ? undefined : usualRowAt(cursor, asked, end)) ?? rowAt(cursor, end);
    if (row === undefined) return refused("broken values");
    rows.push(row);
  }
  if (tag === REPORT) return { kind: "report", counter: Number(USM_STATS.exec(rows[0]?.oid ?? "")?.[1] ?? 0) };
  return status === 0 ? { kind: "rows", rows } : { kind: "status", status };
}

/** Version 1 or 2c. */
export function readByCommunity(packet: Buffer, asked: Asking): Said {
  const cursor: Cursor = { packet, at: 0 };
  const end = enter(cursor, SEQUENCE, packet.length);
  if (end !== packet.length || end > LARGEST_PACKET_BYTES) return refused("not a message");
  const version = integer(cursor, end);
  if (version === undefined) return refused("not a message");
  if (version !== asked.version) return refused("wrong version");
  const communityEnd = enter(cursor, OCTETS, end);
  if (communityEnd === BROKEN) return refused("not a message");
  const same = packet.compare(asked.community, 0, asked.community.length, cursor.at, communityEnd) === 0;
  cursor.at = communityEnd;
  const said = readPdu(cursor, end, asked);
  // A Report has no place in these versions: the library's parser would end the process on it.
  if (said.kind === "report") return refused("wrong kind");
  return said.kind === "refused" || same ? said : refused("wrong community");
}

/** The outside of a version 3 message; positions are in the packet. */
export interface Outer {
  readonly id: number;
  readonly level: 0 | 1 | 3;
  readonly engine: Buffer;
  readonly boots: number;
  readonly seconds: number;
  readonly digestAt: number;
  readonly digestEnd: number;
  readonly salt: Buffer;
  /** Encrypted content, or the scoped PDU with its header. */
  readonly data: Buffer;
}

/** Longest engine id. Source: RFC 3411, 5, SnmpEngineID. */
const ENGINE_BYTES = 32;

export function readOuter(packet: Buffer): Outer | "wrong version" | undefined {
  const cursor: Cursor = { packet, at: 0 };
  const end = enter(cursor, SEQUENCE, packet.length);
  if (end !== packet.length || end > LARGEST_PACKET_BYTES) return undefined;
  const version = integer(cursor, end);
  if (version !== 3) return version === 0 || version === 1 ? "wrong version" : undefined;
  const headEnd = enter(cursor, SEQUENCE, end);
  if (headEnd === BROKEN) return undefined;
  const id = integer(cursor, headEnd);
  const size = integer(cursor, headEnd);
  const flagsEnd = enter(cursor, OCTETS, headEnd);
  if (id === undefined || size === undefined || flagsEnd - cursor.at !== 1) return undefined;
  const level = (packet[cursor.at] as number) & 3;
  cursor.at = flagsEnd;
  if (integer(cursor, headEnd) !== 3 || cursor.at !== headEnd || level === 2) return undefined;
  const securityEnd = enter(cursor, OCTETS, end);
  if (securityEnd === BROKEN || enter(cursor, SEQUENCE, securityEnd) !== securityEnd) return undefined;
  const engine = octets(cursor, securityEnd);
  const boots = integer(cursor, securityEnd);
  const seconds = integer(cursor, securityEnd);
  const user = octets(cursor, securityEnd);
  const digestEnd = enter(cursor, OCTETS, securityEnd);
  const digestAt = cursor.at;
  if (engine === undefined || engine.length > ENGINE_BYTES || user === undefined || digestEnd === BROKEN) return undefined;
  if (boots === undefined || boots < 0 || seconds === undefined || seconds < 0) return undefined;
  cursor.at = digestEnd;
  const salt = octets(cursor, securityEnd);
  if (salt === undefined || cursor.at !== securityEnd) return undefined;
  const dataAt = cursor.at;
  if (enter(cursor, level === 3 ? OCTETS : SEQUENCE, end) !== end) return undefined;
  const data = packet.subarray(level === 3 ? cursor.at : dataAt, end);
  return { id, level: level as 0 | 1 | 3, engine, boots, seconds, digestAt, digestEnd, salt, data };
}

function octets(cursor: Cursor, limit: number): Buffer | undefined {
  const end = enter(cursor, OCTETS, limit);
  if (end === BROKEN) return undefined;
  const { at } = cursor;
  cursor.at = end;
  return cursor.packet.subarray(at, end);
}

/** A scoped PDU in clear. What stands behind it is padding, which only DES leaves; here nothing may. */
export function readScoped(scoped: Buffer, wanted: Wanted): Said {
  const cursor: Cursor = { packet: scoped, at: 0 };
  const end = enter(cursor, SEQUENCE, scoped.length);
  if (end !== scoped.length) return refused("not a message");
  if (octets(cursor, end) === undefined || octets(cursor, end) === undefined) return refused("not a message");
  return readPdu(cursor, end, wanted);
}
