/**
 * The sweep's one request, GET of sysDescr, sysObjectID and sysName, as bytes made once; and what its answer says.
 */

import type { SnmpAccess } from "./access.ts";
import { encode, encodeOid, integerIn, oidIn, tlvAt } from "./ber.ts";
import type { Outside } from "./guard.ts";
import { SYSTEM } from "./oids.ts";
import { textOf } from "./values.ts";

const ASKED = [SYSTEM.sysDescr, SYSTEM.sysObjectID, SYSTEM.sysName] as const;

/** An encoded request; only its id changes. */
export interface EncodedRequest {
  readonly packet: Buffer;
  /** Where its id stands, four octets. */
  readonly idAt: number;
  readonly version: Outside["version"];
  /** The community, hex. */
  readonly who: string;
}

export interface SystemAnswer {
  readonly sysDescr?: string;
  readonly sysObjectId?: string;
  readonly sysName?: string;
}

export function encodeSystemRequest(access: Exclude<SnmpAccess, { version: "3" }>): EncodedRequest {
  const varbinds = ASKED.map((oid) => encode(0x30, encode(6, encodeOid(oid.split(".").map(Number))), encode(5)));
  const marker = Buffer.from([0x7f, 0x01, 0x02, 0x03]);
  const zero = encode(2, Buffer.from([0]));
  const pdu = encode(0xa0, encode(2, marker), zero, zero, encode(0x30, ...varbinds));
  const community = Buffer.from(access.community.reveal());
  const packet = encode(0x30, encode(2, Buffer.from([access.version === "1" ? 0 : 1])), encode(4, community), pdu);
  const idAt = packet.length - pdu.length + pdu.indexOf(marker);
  return { packet, idAt, version: access.version, who: community.toString("hex") };
}

/** The three values of a packet the guard let pass. */
export function readSystem(packet: Buffer): SystemAnswer {
  const message = tlvAt(packet, 0, packet.length);
  if (message === undefined) return {};
  let at = message.start;
  const next = (limit: number) => {
    const field = tlvAt(packet, at, limit);
    at = field?.end ?? limit;
    return field;
  };
  next(message.end);
  next(message.end);
  const pdu = next(message.end);
  if (pdu === undefined) return {};
  at = pdu.start;
  next(pdu.end);
  const status = next(pdu.end);
  next(pdu.end);
  const list = next(pdu.end);
  if (list === undefined || status === undefined || integerIn(packet, status) !== 0) return {};
  const found: { sysDescr?: string; sysObjectId?: string; sysName?: string } = {};
  at = list.start;
  for (let varbind = next(list.end); varbind !== undefined && at <= list.end; varbind = at < list.end ? next(list.end) : undefined) {
    const name = tlvAt(packet, varbind.start, varbind.end);
    const value = name === undefined ? undefined : tlvAt(packet, name.end, varbind.end);
    if (name === undefined || value === undefined) break;
    const oid = oidIn(packet, name);
    const text = value.tag === 4 ? textOf({ type: "octets", value: packet.subarray(value.start, value.end) }) : undefined;
    const named = value.tag === 6 ? oidIn(packet, value) : undefined;
    if (oid === SYSTEM.sysDescr && text !== undefined) found.sysDescr = text;
    if (oid === SYSTEM.sysName && text !== undefined) found.sysName = text;
    if (oid === SYSTEM.sysObjectID && named !== undefined) found.sysObjectId = named;
  }
  return found;
}
