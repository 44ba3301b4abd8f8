/**
 * Originals at rest and on their way: AES-256-GCM, at rest under a key of the agent's, on the way to whoever asked under a key only
 * that one can make. Neither the broker nor the record of answers ever sees a secret.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from "node:crypto";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import type { WatchKeys } from "./keys.ts";

/** Form 1: one byte, nonce, tag, the document deflated. */
const FORM = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** An override file is at most half a megabyte, a room's file four. */
const DOCUMENT_BYTES_MAX = 8 * 1024 * 1024;
const WAY = "groundswell config restore";

/** @param about bound into the seal: the same bytes under another name do not open */
export function seal(document: Uint8Array, about: string, keys: Pick<WatchKeys, "seal">): Buffer {
  return sealUnder(Buffer.from(keys.seal, "hex"), document, about);
}

/** `undefined` where it was sealed under another key or is not what was sealed. */
export function unseal(sealed: Uint8Array, about: string, keys: Pick<WatchKeys, "seal">): Buffer | undefined {
  return openUnder(Buffer.from(keys.seal, "hex"), sealed, about);
}

function sealUnder(key: Uint8Array, document: Uint8Array, about: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce);
  cipher.setAAD(Buffer.from(about));
  const body = Buffer.concat([cipher.update(deflateRawSync(document)), cipher.final()]);
  return Buffer.concat([Buffer.from([FORM]), nonce, cipher.getAuthTag(), body]);
}

function openUnder(key: Uint8Array, sealed: Uint8Array, about: string): Buffer | undefined {
  const bytes = Buffer.from(sealed);
  const bodyAt = 1 + NONCE_BYTES + TAG_BYTES;
  if (bytes.length < bodyAt || bytes[0] !== FORM) return undefined;
  const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(1, 1 + NONCE_BYTES));
  decipher.setAAD(Buffer.from(about));
  decipher.setAuthTag(bytes.subarray(1 + NONCE_BYTES, bodyAt));
  let plain: Buffer;
  try {
    plain = Buffer.concat([decipher.update(bytes.subarray(bodyAt)), decipher.final()]);
  } catch {
    // The tag does not fit: another key, or other bytes.
    return undefined;
  }
  return inflateRawSync(plain, { maxOutputLength: DOCUMENT_BYTES_MAX });
}

/** For one restore: whoever asks keeps `privateKey` and sends `publicKey`. */
export function makeReceiver(): { readonly privateKey: KeyObject; readonly publicKey: string } {
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  return { privateKey, publicKey: rawOf(publicKey) };
}

export interface Parcel {
  /** The sender's half, for this parcel alone. */
  readonly from: string;
  readonly sealed: string;
}

/** Base64url of 32 bytes; `undefined` where `to` is no such key. */
export function pack(document: Uint8Array, about: string, to: string): Parcel | undefined {
  const receiver = publicOf(to);
  if (receiver === undefined) return undefined;
  const { privateKey, publicKey } = generateKeyPairSync("x25519");
  const shared = diffieHellman({ privateKey, publicKey: receiver });
  return { from: rawOf(publicKey), sealed: sealUnder(wayKey(shared), document, about).toString("base64url") };
}

export function unpack({ from, sealed }: Parcel, about: string, privateKey: KeyObject): Buffer | undefined {
  const sender = publicOf(from);
  if (sender === undefined) return undefined;
  const shared = diffieHellman({ privateKey, publicKey: sender });
  return openUnder(wayKey(shared), Buffer.from(sealed, "base64url"), about);
}

const wayKey = (shared: Buffer): Buffer => Buffer.from(hkdfSync("sha256", shared, "", WAY, 32));

function rawOf(key: KeyObject): string {
  return key.export({ format: "jwk" }).x ?? "";
}

function publicOf(raw: string): KeyObject | undefined {
  if (!/^[A-Za-z0-9_-]{43}$/.test(raw)) return undefined;
  return createPublicKey({ key: { kty: "OKP", crv: "X25519", x: raw }, format: "jwk" });
}
