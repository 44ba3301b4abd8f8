/** SNMP messages of all versions from hand-written bytes. Source: RFC 3416, 3; RFC 3412, 6; RFC 3414, 2.4. */
import { int, octets, oid, tlv, varbind } from "./agent.ts";

export const GET = 0xa0;
export const RESPONSE = 0xa2;
export const REPORT = 0xa8;
/** usmStats of RFC 3414, 5, and what they count. */
export const USM = { level: 1, window: 2, user: 3, engine: 4, digest: 5, decryption: 6 } as const;
export const SYS_DESCR = "1.3.6.1.2.1.1.1.0";

export interface Pdu {
  readonly tag?: number;
  readonly id?: number;
  readonly status?: number;
  readonly varbinds?: readonly Buffer[];
}

export function pdu({ tag = RESPONSE, id = 7, status = 0, varbinds = [varbind(SYS_DESCR, octets("x"))] }: Pdu = {}): Buffer {
  return tlv(tag, int(id), int(status), int(0), tlv(0x30, ...varbinds));
}

/** A message of version 1 (0) or 2c (1). */
export function community(content: Pdu = {}, version: 0 | 1 = 1, name = "public"): Buffer {
  return tlv(0x30, tlv(2, Buffer.from([version])), octets(name), pdu(content));
}

export interface Usm {
  readonly id?: number;
  /** msgFlags: 1 authenticated, 2 encrypted, 4 reportable. */
  readonly flags?: number;
  readonly engine?: Buffer;
  readonly boots?: number;
  readonly seconds?: number;
  readonly user?: string;
  readonly digest?: Buffer;
  readonly salt?: Buffer;
  /** Instead of a readable PDU. */
  readonly secret?: Buffer;
  /** A scoped PDU of one's own, in clear. */
  readonly clear?: Buffer;
}

export const ENGINE = Buffer.from("80001f8804656e67696e65", "hex");

/** A scoped PDU, as it stands in an unencrypted message. */
export function scoped(content: Pdu, engine: Buffer = ENGINE): Buffer {
  return tlv(0x30, tlv(4, engine), octets(""), pdu(content));
}

/** A message of version 3 with the user-based security model. */
export function usm(content: Pdu = {}, header: Usm = {}): Buffer {
  const { id = 99, flags = 0, engine = ENGINE, boots = 1, seconds = 10, user = "agent" } = header;
  const { digest = Buffer.alloc(0), salt = Buffer.alloc(0), secret, clear = scoped(content, engine) } = header;
  const security = tlv(0x30, tlv(4, engine), int(boots), int(seconds), octets(user), tlv(4, digest), tlv(4, salt));
  return tlv(
    0x30,
    tlv(2, Buffer.from([3])),
    tlv(0x30, int(id), int(65_507), tlv(4, Buffer.from([flags])), int(3)),
    tlv(4, security),
    secret === undefined ? clear : tlv(4, secret),
  );
}

/** A Report with one usmStats counter. */
export function report(counter: number, header: Usm = {}, id = 7): Buffer {
  return usm({ tag: REPORT, id, varbinds: [varbind(`1.3.6.1.6.3.15.1.1.${counter}.0`, int(1, 0x41))] }, header);
}

export { int, octets, oid, tlv, varbind };
