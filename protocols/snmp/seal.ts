/**
 * HMAC and AES-128-CFB over objects that are kept: making a new one for every message costs more than its work. The primitives
 * are the runtime's. Source: RFC 2104, 2; RFC 3826, 3.1.
 */
import { type Cipheriv, createCipheriv, createDecipheriv, type Decipheriv, hash } from "node:crypto";

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

const blocksOf = (bytes: number): number => Math.ceil(bytes / BLOCK_BYTES) * BLOCK_BYTES;

/** What a cipher is given, laid out; what it gives back is its own. */
const work = Buffer.alloc(LARGEST_BYTES + 4 * BLOCK_BYTES);

/** The first octets of `work`: room for a block, and `message` behind it in whole blocks with zeros at its end. */
function laidOut(message: Buffer, behind: number): Buffer {
  const end = BLOCK_BYTES + blocksOf(message.length);
  work.set(message, BLOCK_BYTES);
  work.fill(0, BLOCK_BYTES + message.length, end + behind);
  return work.subarray(0, end + behind);
}

/**
 * One cipher object each way for all messages of a key. CFB's next block depends on nothing but the last block of secret text,
 * so a running cipher is brought to a vector by making that vector its last secret block: given as such to the one that
 * decrypts, and to the one that encrypts as the plain text that turns into it. What that takes is the last secret block,
 * encrypted; the one that decrypts makes it from a block of zeros behind the block, along with the answer in between.
 */
export function createPrivacy(key: Buffer): Privacy {
  let opener: Decipheriv | undefined;
  let sealer: Cipheriv | undefined;
  // Copied, not referred to: thousands of agents would each keep a whole message alive.
  const last = Buffer.alloc(BLOCK_BYTES);
  const mask = Buffer.alloc(BLOCK_BYTES);
  let isMasked = false;

  /** The vector, the secret in whole blocks, and what makes the next mask. */
  const opened = (iv: Buffer, secret: Buffer): Buffer => {
    const input = laidOut(secret, 2 * BLOCK_BYTES);
    const end = input.length - 2 * BLOCK_BYTES;
    input.set(iv, 0);
    input.set(last, end);
    opener ??= createDecipheriv("aes-128-cfb", key, iv);
    const plain = opener.update(input);
    plain.copy(mask, 0, end + BLOCK_BYTES);
    isMasked = true;
    return plain.subarray(BLOCK_BYTES, BLOCK_BYTES + secret.length);
  };
  const sealed = (cipher: Cipheriv, input: Buffer): Buffer => {
    const secret = cipher.update(input);
    secret.copy(last, 0, secret.length - BLOCK_BYTES);
    isMasked = false;
    return secret;
  };

  return {
    encrypt(iv, plain) {
      if (plain.length === 0) return plain;
      if (sealer === undefined) {
        sealer = createCipheriv("aes-128-cfb", key, iv);
        return sealed(sealer, laidOut(plain, 0).subarray(BLOCK_BYTES)).subarray(0, plain.length);
      }
      // A question that was never answered left no mask behind.
      if (!isMasked) opened(iv, NOTHING);
      const input = laidOut(plain, 0);
      for (let i = 0; i < BLOCK_BYTES; i++) input[i] = (iv[i] as number) ^ (mask[i] as number);
      return sealed(sealer, input).subarray(BLOCK_BYTES, BLOCK_BYTES + plain.length);
    },
    decrypt: opened,
  };
}

const NOTHING = Buffer.alloc(0);
