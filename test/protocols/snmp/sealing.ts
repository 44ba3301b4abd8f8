/**
 * Version 3 messages of an honest engine: HMAC-SHA1-96 or HMAC-MD5-96, AES-128 or DES. Source: RFC 3414, 3, 6 and 8; RFC 3826, 3.
 */
import { createCipheriv, createDecipheriv, createHash, createHmac } from "node:crypto";
import { ENGINE, tlv, type Usm, usm } from "./messages.ts";

export const USER = "agent";
export const AUTH_PASSPHRASE = "authentication-1";
export const PRIV_PASSPHRASE = "privacy-secret-1";

/** The algorithms of its one user. */
export interface Suite {
  readonly hash: "sha1" | "md5";
  readonly cipher: "aes" | "des";
}
export const USUAL: Suite = { hash: "sha1", cipher: "aes" };

const keys = new Map<string, Buffer>();

/** RFC 3414, A.2: hashes a megabyte, so once. */
function keyOf(passphrase: string, { hash }: Suite): Buffer {
  const name = `${hash} ${passphrase}`;
  const known = keys.get(name);
  if (known !== undefined) return known;
  const master = createHash(hash).update(Buffer.alloc(1_048_576, passphrase)).digest();
  const key = createHash(hash).update(master).update(ENGINE).update(master).digest();
  keys.set(name, key);
  return key;
}

/** Algorithm, key and start of one message's cipher. DES is its triple form with equal keys, which OpenSSL still has. */
function cipherOf(suite: Suite, salt: Buffer, at: { readonly boots: number; readonly seconds: number }): [string, Buffer, Buffer] {
  const key = keyOf(PRIV_PASSPHRASE, suite);
  if (suite.cipher === "des") {
    const des = key.subarray(0, 8);
    return ["des-ede3-cbc", Buffer.concat([des, des, des]), Buffer.from(salt.map((octet, i) => octet ^ (key[8 + i] as number)))];
  }
  const iv = Buffer.concat([Buffer.alloc(8), salt]);
  iv.writeUInt32BE(at.boots, 0);
  iv.writeUInt32BE(at.seconds, 4);
  return ["aes-128-cfb", key.subarray(0, 16), iv];
}

/** What one request says. */
export interface Asked3 {
  readonly id: number;
  readonly flags: number;
  readonly engine: Buffer;
  readonly boots: number;
  readonly seconds: number;
  readonly user: string;
  /** Request id of the PDU, where it could be read. */
  readonly innerId: number;
  readonly pdu: Buffer;
}

/** Fields in a row, entering constructed ones that `path` names. Our own client's requests are well formed. */
function fields(packet: Buffer): { readonly tag: number; readonly body: Buffer; readonly at: number }[] {
  const out = [];
  for (let at = 0; at < packet.length; ) {
    const first = packet[at + 1] as number;
    const long = first > 128 ? first - 128 : 0;
    const length = long === 0 ? first : packet.readUIntBE(at + 2, long);
    const start = at + 2 + long;
    out.push({ tag: packet[at] as number, body: packet.subarray(start, start + length), at: start });
    at = start + length;
  }
  return out;
}

const inside = (packet: Buffer, index: number): Buffer => (fields(packet)[index] as { body: Buffer }).body;
const number = (body: Buffer): number => body.readUIntBE(0, body.length);

/** The digest goes where twelve zeros stand. */
export function signed(packet: Buffer, suite: Suite): Buffer {
  const at = packet.indexOf(Buffer.concat([Buffer.from([4, 12]), Buffer.alloc(12)])) + 2;
  createHmac(suite.hash, keyOf(AUTH_PASSPHRASE, suite)).update(packet).digest().copy(packet, at, 0, 12);
  return packet;
}

/** A message around a scoped PDU, not yet signed: encrypted where its flags say so. */
export function wrapped(scopedPdu: Buffer, header: Usm, suite: Suite): Buffer {
  if (header.flags !== 3) return usm({}, { ...header, clear: scopedPdu });
  const salt = Buffer.alloc(8, 5);
  const cipher = createCipheriv(...cipherOf(suite, salt, { boots: header.boots ?? 1, seconds: header.seconds ?? 10 }));
  return usm({}, { ...header, salt, secret: Buffer.concat([cipher.update(scopedPdu), cipher.final()]) });
}

/** The message's id, which stands in clear. */
export function messageIdOf(packet: Buffer): number {
  return number(inside(inside(inside(packet, 0), 1), 0));
}

/** What a request says. Throws where it was sealed for another engine. */
export function readRequest3(packet: Buffer, { privacy, suite = USUAL }: { readonly privacy?: boolean; readonly suite?: Suite }): Asked3 {
  const message = inside(packet, 0);
  const [id, , flags] = fields(inside(message, 1)).map(({ body }) => body);
  const [engine, boots, seconds, user, , salt] = fields(inside(inside(message, 2), 0)).map(({ body }) => body);
  if (!id || !flags || !engine || !boots || !seconds || !user || !salt) throw new Error("no version 3 request");
  let content = fields(message)[3] as { tag: number; body: Buffer };
  if (content.tag === 4 && privacy === true) {
    const opener = createDecipheriv(...cipherOf(suite, salt, { boots: number(boots), seconds: number(seconds) })).setAutoPadding(false);
    content = { tag: 0x30, body: inside(Buffer.concat([opener.update(content.body), opener.final()]), 0) };
  }
  const { tag, body } = fields(content.body)[2] as { tag: number; body: Buffer };
  return {
    id: number(id),
    flags: flags[0] as number,
    engine,
    boots: number(boots),
    seconds: number(seconds),
    user: user.toString(),
    innerId: number(inside(body, 0)),
    pdu: tlv(tag, body),
  };
}
