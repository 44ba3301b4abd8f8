/**
 * Traps and informs as they arrive: enough to know that a packet is one, and to acknowledge an inform. What they say is not read: they are
 * lost and forged, and the sender is known by its address. Source: RFC 1157, 4.1.6; RFC 3416, 4.2.6 and 4.2.7; protocols/snmp.md 6.
 */
import { encode, integerIn, type Tlv, tlvAt } from "./ber.ts";

export interface Notice {
  /** A notice of version 3 is sealed for its receiver: that there is one is all there is to know. */
  readonly version: "1" | "2c" | "3";
  /** What an inform waits for; a trap waits for nothing. */
  readonly answer?: Buffer;
}

const INTEGER = 0x02;
const OCTETS = 0x04;
const SEQUENCE = 0x30;
const RESPONSE = 0xa2;
const TRAP_V1 = 0xa4;
const INFORM = 0xa6;
const TRAP_V2 = 0xa7;
/** What a network carries in one datagram; longer ones are no notice. */
const BYTES_MAX = 8_192;

/** The elements of `whole`, at most as many as asked for; `undefined` where one is broken. */
function partsOf(packet: Buffer, whole: Tlv, most: number): readonly Tlv[] | undefined {
  const parts: Tlv[] = [];
  for (let at = whole.start; at < whole.end && parts.length < most; ) {
    const part = tlvAt(packet, at, whole.end);
    if (part === undefined) return undefined;
    parts.push(part);
    at = part.end;
  }
  return parts;
}

/** @returns `undefined` for anything that is no trap and no inform */
export function readNotice(packet: Buffer): Notice | undefined {
  if (packet.length > BYTES_MAX) return undefined;
  const message = tlvAt(packet, 0, packet.length);
  if (message?.tag !== SEQUENCE || message.end !== packet.length) return undefined;
  const [version, second, third] = partsOf(packet, message, 4) ?? [];
  if (version?.tag !== INTEGER || second === undefined || third === undefined) return undefined;
  const number = integerIn(packet, version);
  // msgGlobalData and msgSecurityParameters; what follows them may be encrypted.
  if (number === 3) return second.tag === SEQUENCE && third.tag === OCTETS ? { version: "3" } : undefined;
  if (second.tag !== OCTETS || third.end !== message.end) return undefined;
  if (number === 0) return third.tag === TRAP_V1 ? { version: "1" } : undefined;
  if (number !== 1) return undefined;
  if (third.tag === TRAP_V2) return { version: "2c" };
  return third.tag === INFORM ? inform(packet, { message, pdu: third }) : undefined;
}

/** The same message back as a response: request id and values as they were, no error. */
function inform(packet: Buffer, { message, pdu }: { readonly message: Tlv; readonly pdu: Tlv }): Notice | undefined {
  const parts = partsOf(packet, pdu, 5);
  const [id, status, index, values] = parts ?? [];
  const isWhole = parts?.length === 4 && values?.tag === SEQUENCE && values.end === pdu.end;
  if (!isWhole || [id, status, index].some((part) => part?.tag !== INTEGER) || id === undefined || status === undefined) return undefined;
  const bindings = values as Tlv;
  // Version and community, and the values, with the headers they came with.
  const head = packet.subarray(message.start, pdu.start - headerBytes(packet, pdu, message));
  const tail = packet.subarray(bindings.start - headerBytes(packet, bindings, pdu), bindings.end);
  const noError = encode(INTEGER, Buffer.of(0));
  const idBytes = encode(INTEGER, packet.subarray(id.start, id.end));
  return { version: "2c", answer: encode(SEQUENCE, head, encode(RESPONSE, idBytes, noError, noError, tail)) };
}

/** How long the header of the last element of `whole` is: it begins where the one before it ends. */
function headerBytes(packet: Buffer, last: Tlv, whole: Tlv): number {
  let at = whole.start;
  for (let part = tlvAt(packet, at, whole.end); part !== undefined && part.start !== last.start; part = tlvAt(packet, at, whole.end)) {
    at = part.end;
  }
  return last.start - at;
}
