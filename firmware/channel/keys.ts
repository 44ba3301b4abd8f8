/**
 * Keys of a channel's roles: Ed25519, kept as text that a passphrase may seal. Pure but for chance and the cost of scrypt.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  scryptSync,
  sign,
} from "node:crypto";
import * as z from "zod";
import { Bug } from "../../protocols/core/fault.ts";
import type { Secret } from "../../protocols/core/secret.ts";

export interface ChannelKey {
  /** SHA-256 of the public key's document. Source: TUF specification 4.2.1. */
  readonly id: string;
  /** 32 bytes in hex. */
  readonly publicHex: string;
  readonly privateKey: KeyObject;
}

/** `sealed`: only a passphrase opens it, and none was given. `wrongPassphrase`: none of those given does. */
export type KeyTrouble = "notAKey" | "sealed" | "wrongPassphrase";

/** What scrypt costs, `n` a power of two; 128 · n · r bytes of memory. */
export interface ScryptCost {
  readonly n: number;
  readonly r: number;
  readonly p: number;
}

/** 128 MB and about half a second for each guess. Source: OWASP Password Storage Cheat Sheet, scrypt. */
export const KEY_COST: ScryptCost = { n: 2 ** 17, r: 8, p: 1 };
/** More than this a file may not ask of the machine that opens it. */
const COST_BYTES_MAX = 512 * 1024 ** 2;
const NONCE_BYTES = 12;
const SALT_BYTES = 16;

const base64url = z.string().regex(/^[A-Za-z0-9_-]{1,200}$/);
const keyFileSchema = z.strictObject({
  schema: z.literal("groundswell.channel-key/1"),
  /** For people: which role it was made for. */
  name: z.string().max(100),
  id: z.string().regex(/^[0-9a-f]{64}$/),
  publicKey: z.string().regex(/^[0-9a-f]{64}$/),
  privateKey: base64url.optional(),
  sealed: z
    .strictObject({
      kdf: z.literal("scrypt"),
      n: z
        .int()
        .min(2)
        .max(2 ** 22),
      r: z.int().min(1).max(64),
      p: z.int().min(1).max(16),
      salt: base64url,
      cipher: z.literal("aes-256-gcm"),
      nonce: base64url,
      tag: base64url,
      text: base64url,
    })
    .optional(),
});
type KeyFile = z.infer<typeof keyFileSchema>;

export function makeKey(): ChannelKey {
  const { privateKey } = generateKeyPairSync("ed25519");
  return fromPrivate(privateKey);
}

/** The public half as a root states it. Source: TUF specification 4.2.1, `ed25519`. */
export function keyDocument(publicHex: string) {
  return { keytype: "ed25519", scheme: "ed25519", keyval: { public: publicHex } } as const;
}

export function keyIdOf(publicHex: string): string {
  // The canonical form of this document: names sorted, no blanks.
  const text = `{"keytype":"ed25519","keyval":{"public":"${publicHex}"},"scheme":"ed25519"}`;
  return createHash("sha256").update(text).digest("hex");
}

/** A signature in hex, as metadata carries it. */
export function signatureOf(bytes: Uint8Array, key: ChannelKey): string {
  return sign(null, bytes, key.privateKey).toString("hex");
}

/** The text of a key file. Without a passphrase it is only as safe as the file. */
export function sealKey(key: ChannelKey, name: string, passphrase: Secret | undefined, cost: ScryptCost = KEY_COST): string {
  const { d } = key.privateKey.export({ format: "jwk" });
  if (d === undefined) throw new Bug("An Ed25519 key without a private half");
  const open = { schema: "groundswell.channel-key/1", name, id: key.id, publicKey: key.publicHex } as const;
  if (passphrase === undefined) return `${JSON.stringify({ ...open, privateKey: d } satisfies KeyFile)}\n`;
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", stretched(passphrase, salt, cost), nonce).setAAD(Buffer.from(key.id));
  const text = Buffer.concat([cipher.update(Buffer.from(d, "base64url")), cipher.final()]);
  const parts = { salt, nonce, tag: cipher.getAuthTag(), text };
  const written = Object.fromEntries(Object.entries(parts).map(([part, bytes]) => [part, bytes.toString("base64url")]));
  const sealed = { kdf: "scrypt", ...cost, cipher: "aes-256-gcm", ...(written as Record<keyof typeof parts, string>) } as const;
  return `${JSON.stringify({ ...open, sealed } satisfies KeyFile)}\n`;
}

/** What a key file says without its passphrase. */
export function describeKey(text: string): { readonly name: string; readonly id: string; readonly sealed: boolean } | undefined {
  const file = parseFile(text);
  return file === undefined ? undefined : { name: file.name, id: file.id, sealed: file.sealed !== undefined };
}

/** The key in the text; each passphrase is tried. */
export function openKey(text: string, passphrases: readonly Secret[]): ChannelKey | KeyTrouble {
  const file = parseFile(text);
  if (file === undefined) return "notAKey";
  if (file.sealed === undefined) return fits(file, Buffer.from(file.privateKey ?? "", "base64url"));
  if (128 * file.sealed.n * file.sealed.r > COST_BYTES_MAX) return "notAKey";
  if (passphrases.length === 0) return "sealed";
  for (const passphrase of passphrases) {
    const seed = unsealed(file.id, file.sealed, passphrase);
    if (seed !== undefined) return fits(file, seed);
  }
  return "wrongPassphrase";
}

function parseFile(text: string): KeyFile | undefined {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return undefined;
  }
  const read = keyFileSchema.safeParse(raw);
  if (!read.success) return undefined;
  return (read.data.privateKey === undefined) === (read.data.sealed === undefined) ? undefined : read.data;
}

function unsealed(id: string, sealed: NonNullable<KeyFile["sealed"]>, passphrase: Secret): Buffer | undefined {
  const bytes = (part: "salt" | "nonce" | "tag" | "text"): Buffer => Buffer.from(sealed[part], "base64url");
  try {
    const decipher = createDecipheriv("aes-256-gcm", stretched(passphrase, bytes("salt"), sealed), bytes("nonce"), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(id)).setAuthTag(bytes("tag"));
    return Buffer.concat([decipher.update(bytes("text")), decipher.final()]);
  } catch {
    return undefined; // the tag does not fit: another passphrase, or another file
  }
}

function stretched(passphrase: Secret, salt: Buffer, { n, r, p }: ScryptCost): Buffer {
  return scryptSync(passphrase.reveal().normalize("NFC"), salt, 32, { N: n, r, p, maxmem: COST_BYTES_MAX * 2 });
}

/** The private half decides; what the file says beside it must agree. */
function fits(file: KeyFile, seed: Buffer): ChannelKey | "notAKey" {
  let privateKey: KeyObject;
  try {
    const x = Buffer.from(file.publicKey, "hex").toString("base64url");
    privateKey = createPrivateKey({ key: { kty: "OKP", crv: "Ed25519", x, d: seed.toString("base64url") }, format: "jwk" });
  } catch {
    return "notAKey";
  }
  const key = fromPrivate(privateKey);
  return key.publicHex === file.publicKey && key.id === file.id ? key : "notAKey";
}

function fromPrivate(privateKey: KeyObject): ChannelKey {
  // Through PKCS #8, which holds the seed alone: a public half stated beside it is not believed.
  const derived = createPrivateKey({ key: privateKey.export({ format: "der", type: "pkcs8" }), format: "der", type: "pkcs8" });
  const { x } = createPublicKey(derived).export({ format: "jwk" });
  const publicHex = Buffer.from(x ?? "", "base64url").toString("hex");
  return { id: keyIdOf(publicHex), publicHex, privateKey: derived };
}
