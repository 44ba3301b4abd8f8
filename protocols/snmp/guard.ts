/**
 * What may reach the SNMP parser. The library's parser throws on a Report that answers version 2c, believes the flags an answer
 * claims and never looks at its sender (security.md 1), so every packet is first read here, whole and without throwing.
 */
import { SNMP_BUDGET } from "../core/budget.ts";
import { integerIn, oidIn, type Tlv, tlvAt } from "./ber.ts";

/** Why a packet was turned away. For people and counters. */
export type Refusal =
  | "not a message"
  | "wrong kind"
  | "wrong version"
  | "wrong id"
  | "wrong community"
  | "another engine"
  | "weaker security"
  | "not authentic"
  | "outside the time window"
  | "too many values"
  | "broken values";

/** What the outside of a message says. */
export interface Outside {
  readonly version: "1" | "2c" | "3";
  /** `secret`: encrypted, so what it is shows only inside. */
  readonly kind: "request" | "response" | "report" | "secret";
  /** Request id, in version 3 the message's. */
  readonly id: number;
  /** Version 3, unencrypted: the request id inside. */
  readonly innerId?: number;
  /** 0 neither, 1 authenticated, 3 authenticated and encrypted: as claimed, not as checked. */
  readonly level: 0 | 1 | 3;
  /** Community or engine id, hex. */
  readonly who: string;
  /** N of the usmStats counter a Report carries. */
  readonly report?: number;
}

/** What a PDU says. */
type Inside = Pick<Outside, "kind" | "id" | "report">;

type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: Refusal };

const no = (why: Refusal): { readonly ok: false; readonly why: Refusal } => ({ ok: false, why });

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTETS = 0x04;
const OID = 0x06;
const KINDS: Readonly<Record<number, Outside["kind"]>> = {
  160: "request",
  161: "request",
  165: "request",
  162: "response",
  168: "report",
};
/** The largest message UDP carries over IPv4; over IPv6 twenty octets more would fit. */
export const LARGEST_PACKET_BYTES = 65_507;
/** usmStats, RFC 3414 5: `1.3.6.1.6.3.15.1.1.N.0`. */
const USM_STATS = /^1\.3\.6\.1\.6\.3\.15\.1\.1\.([1-6])\.0$/;

/** The elements of `parent`, exactly filling it; `undefined` for anything else or more than `most`. */
function children(packet: Buffer, parent: Tlv, most: number): readonly Tlv[] | undefined {
  const found: Tlv[] = [];
  let at = parent.start;
  while (at < parent.end) {
    const child = tlvAt(packet, at, parent.end);
    if (child === undefined || found.length === most) return undefined;
    found.push(child);
    at = child.end;
  }
  return found;
}

/** May a value of this type have this length? Source: RFC 2578, 7.1; RFC 3416, 3. */
function valueFits(packet: Buffer, value: Tlv): boolean {
  const length = value.end - value.start;
  switch (value.tag) {
    case INTEGER:
      return length >= 1 && length <= 4;
    case 0x41: // Counter32
    case 0x42: // Gauge32
    case 0x43: // TimeTicks
      return length >= 1 && length <= 5;
    case 0x46: // Counter64
      return length >= 1 && length <= 9;
    case 0x40: // IpAddress
      return length === 4;
    case OCTETS:
    case 0x44: // Opaque
      return true;
    case OID:
      return oidIn(packet, value) !== undefined;
    case 0x05: // NULL
    case 0x80: // noSuchObject
    case 0x81: // noSuchInstance
    case 0x82: // endOfMibView
      return length === 0;
    default:
      return false;
  }
}

/** Reads a PDU to its last varbind. */
function readPdu(packet: Buffer, pdu: Tlv): Read<Inside> {
  const kind = KINDS[pdu.tag];
  if (kind === undefined) return no("wrong kind");
  const [id, status, index, list, more] = children(packet, pdu, 5) ?? [];
  if (id === undefined || status === undefined || index === undefined || list === undefined || more !== undefined)
    return no("not a message");
  if (id.tag !== INTEGER || status.tag !== INTEGER || index.tag !== INTEGER || list.tag !== SEQUENCE) return no("not a message");
  const number = integerIn(packet, id);
  if (number === undefined || integerIn(packet, status) === undefined || integerIn(packet, index) === undefined) return no("not a message");
  let first: string | undefined;
  let at = list.start;
  for (let count = 0; at < list.end; count++) {
    if (count === SNMP_BUDGET.items) return no("too many values");
    const varbind = tlvAt(packet, at, list.end);
    const name = varbind === undefined ? undefined : tlvAt(packet, varbind.start, varbind.end);
    const value = name === undefined || varbind === undefined ? undefined : tlvAt(packet, name.end, varbind.end);
    if (varbind === undefined || name === undefined || value === undefined || value.end !== varbind.end) return no("broken values");
    const oid = varbind.tag === SEQUENCE && name.tag === OID ? oidIn(packet, name) : undefined;
    if (oid === undefined || !valueFits(packet, value)) return no("broken values");
    first ??= oid;
    at = varbind.end;
  }
  const report = kind === "report" && first !== undefined ? USM_STATS.exec(first)?.[1] : undefined;
  return { ok: true, value: { kind, id: number, ...(report === undefined ? {} : { report: Number(report) }) } };
}

/** Header and security parameters of version 3, then the PDU where it is readable. Source: RFC 3412, 6; RFC 3414, 2.4. */
function readVersion3(packet: Buffer, fields: readonly Tlv[]): Read<Outside> {
  const [, header, security, data, more] = fields;
  if (header?.tag !== SEQUENCE || security?.tag !== OCTETS || data === undefined || more !== undefined) return no("not a message");
  const [idField, sizeField, flagField, modelField, extra] = children(packet, header, 5) ?? [];
  if (
    idField?.tag !== INTEGER ||
    sizeField?.tag !== INTEGER ||
    flagField?.tag !== OCTETS ||
    modelField?.tag !== INTEGER ||
    extra !== undefined
  )
    return no("not a message");
  const id = integerIn(packet, idField);
  if (id === undefined || integerIn(packet, sizeField) === undefined || integerIn(packet, modelField) !== 3) return no("not a message");
  if (flagField.end - flagField.start !== 1) return no("not a message");
  const level = (packet[flagField.start] as number) & 3;
  if (level === 2) return no("not a message");
  const who = readUsm(packet, security);
  if (who === undefined) return no("not a message");
  const outside = { version: "3", id, level: level as 0 | 1 | 3, who } as const;
  if (level === 3) return data.tag === OCTETS ? { ok: true, value: { ...outside, kind: "secret" } } : no("not a message");
  const [engine, context, pduField, rest] = data.tag === SEQUENCE ? (children(packet, data, 4) ?? []) : [];
  if (engine?.tag !== OCTETS || context?.tag !== OCTETS || pduField === undefined || rest !== undefined) return no("not a message");
  const pdu = readPdu(packet, pduField);
  if (!pdu.ok) return pdu;
  const { kind, id: innerId, report } = pdu.value;
  return { ok: true, value: { ...outside, kind, innerId, ...(report === undefined ? {} : { report }) } };
}

/** The engine id (hex) of well-formed security parameters. */
function readUsm(packet: Buffer, security: Tlv): string | undefined {
  const outer = tlvAt(packet, security.start, security.end);
  if (outer?.tag !== SEQUENCE || outer.end !== security.end) return undefined;
  const [engine, boots, time, user, authentication, privacy, more] = children(packet, outer, 7) ?? [];
  if (engine?.tag !== OCTETS || boots?.tag !== INTEGER || time?.tag !== INTEGER || user?.tag !== OCTETS) return undefined;
  if (authentication?.tag !== OCTETS || privacy?.tag !== OCTETS || more !== undefined) return undefined;
  const bootCount = integerIn(packet, boots);
  const seconds = integerIn(packet, time);
  if (bootCount === undefined || seconds === undefined || bootCount < 0 || seconds < 0 || engine.end - engine.start > 32) return undefined;
  return packet.toString("hex", engine.start, engine.end);
}

/** Reads the outside of any SNMP message, ours or a device's. Never throws; every length is checked against its parent. */
export function readOutside(packet: Buffer): Read<Outside> {
  if (packet.length > LARGEST_PACKET_BYTES) return no("not a message");
  const message = tlvAt(packet, 0, packet.length);
  if (message?.tag !== SEQUENCE || message.end !== packet.length) return no("not a message");
  const fields = children(packet, message, 5);
  const [versionField, communityField, pduField, more] = fields ?? [];
  if (fields === undefined || versionField?.tag !== INTEGER) return no("not a message");
  const version = integerIn(packet, versionField);
  if (version === 3) return readVersion3(packet, fields);
  if (version !== 0 && version !== 1) return no("wrong version");
  if (communityField?.tag !== OCTETS || pduField === undefined || more !== undefined) return no("not a message");
  const pdu = readPdu(packet, pduField);
  if (!pdu.ok) return pdu;
  const who = packet.toString("hex", communityField.start, communityField.end);
  return { ok: true, value: { version: version === 0 ? "1" : "2c", kind: pdu.value.kind, id: pdu.value.id, level: 0, who } };
}

/**
 * May `answer` be given to the one who asked `asked`? The sender's address and port are the socket's business.
 * A Report may be weaker than the request, because that is how an engine makes itself known; it never carries values.
 */
export function refusalOf(asked: Outside, answer: Outside): Refusal | undefined {
  if (answer.version !== asked.version) return "wrong version";
  if (answer.id !== asked.id) return "wrong id";
  if (answer.kind === "request") return "wrong kind";
  if (answer.kind === "report") return asked.version === "3" ? undefined : "wrong kind";
  if (asked.version !== "3") return answer.who === asked.who ? undefined : "wrong community";
  if (answer.level < asked.level) return "weaker security";
  // Else a device that knows the user's key for its own engine could answer for another device.
  if (asked.who === "" || answer.who !== asked.who) return "another engine";
  if (asked.innerId !== undefined && answer.innerId !== undefined && asked.innerId !== answer.innerId) return "wrong id";
  return undefined;
}
