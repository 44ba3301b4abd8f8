/**
 * HMAC and AES-128-CFB over objects that are kept: making a new one for every message costs more than its work. The primitives
 * are the runtime's. Source: RFC 2104, 2; RFC 3826, 3.1.
 */
import { createCipheriv, createDecipheriv, hash } from "node:crypto";

const BLOCK_BYTES = 16;
/** Of MD5, SHA-1 and SHA-256 alike. */
const HASH_BLOCK_BYTES = 64;
/** The largest message UDP carries. */
const LARGEST_BYTES = 65_507;

export interface Digest {
  /** Octets that stand in a message. */
  readonly length: number;
  /** The shortened HMAC of a message in which the digest's place holds zeros. */
  of(message: Buffer): Buffer;
}

/** One message at a time is worked on; nothing waits in between. */
const inner = Buffer.alloc(HASH_BLOCK_BYTES + LARGEST_BYTES);

/** `key` is no longer than a block, as localised keys are. */
export function createDigest(name: string, key: Buffer, length: number): Digest {
  const pad = (octet: number): Buffer => Buffer.alloc(HASH_BLOCK_BYTES, octet).map((byte, at) => byte ^ (key[at] ?? 0)) as Buffer;
  const inside = pad(0x36);
  const outside = Buffer.concat([pad(0x5c), hash(name, "", "buffer")]);
  // Digests as text: a buffer of their own for twenty octets costs more than hashing the message.
  const hashed = (bytes: Buffer): string => hash(name, bytes, "latin1");
  return {
    length,
    of(message) {
      inner.set(inside, 0);
      inner.set(message, HASH_BLOCK_BYTES);
      outside.write(hashed(inner.subarray(0, HASH_BLOCK_BYTES + message.length)), HASH_BLOCK_BYTES, "latin1");
      return Buffer.from(hashed(outside), "latin1").subarray(0, length);
    },
  };
}

/** AES-128-CFB under one key, each message with a vector of its own. */
export interface Privacy {
  encrypt(iv: Buffer, plain: Buffer): Buffer;
  decrypt(iv: Buffer, secret: Buffer): Buffer;
}

/**
 * One cipher object for all messages of a key. CFB's next block depends on nothing but the last block of secret text, so a
 * running cipher is brought to a vector by making that vector its last secret block: given as such to the one that decrypts,
 * and to the one that encrypts as the plain text that turns into it.
 */
export function createPrivacy(key: Buffer): Privacy {
  const opener = createDecipheriv("aes-128-cfb", key, Buffer.alloc(BLOCK_BYTES));
  const sealer = createCipheriv("aes-128-cfb", key, Buffer.alloc(BLOCK_BYTES));
  const blocks = createCipheriv("aes-128-ecb", key, null).setAutoPadding(false);
  // Copied, not referred to: thousands of agents would each keep a whole message alive.
  const last = Buffer.alloc(BLOCK_BYTES);
  /** The vector and a message in whole blocks: what is left of a block would shift the next message. */
  const framed = (iv: Buffer, message: Buffer): Buffer => {
    const input = Buffer.alloc(BLOCK_BYTES + Math.ceil(message.length / BLOCK_BYTES) * BLOCK_BYTES);
    input.set(iv, 0);
    input.set(message, BLOCK_BYTES);
    return input;
  };
  return {
    encrypt(iv, plain) {
      const input = framed(iv, plain);
      const mask = blocks.update(last);
      for (let i = 0; i < BLOCK_BYTES; i++) input[i] = (input[i] as number) ^ (mask[i] as number);
      const secret = sealer.update(input);
      secret.copy(last, 0, secret.length - BLOCK_BYTES);
      return secret.subarray(BLOCK_BYTES, BLOCK_BYTES + plain.length);
    },
    decrypt: (iv, secret) => opener.update(framed(iv, secret)).subarray(BLOCK_BYTES, BLOCK_BYTES + secret.length),
  };
}
