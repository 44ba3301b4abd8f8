/**
 * Ed25519 keys: of people (they sign commands), of the partner's roots (they sign rosters), of the agent (it signs answers).
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { closeSync, constants, fstatSync, fsyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { calculateJwkThumbprint } from "jose";
import * as z from "zod";
import { Bug } from "../../protocols/core/fault.ts";
import { isCanonicalBase64url } from "./base64url.ts";
import { parseStrictJson } from "./strict-json.ts";

/** 32 bytes as base64url, in its one spelling. */
export const keyTextSchema = z
  .string()
  .refine((text) => text.length === 43 && isCanonicalBase64url(text), "is not a base64url key of 32 bytes");
/** RFC 7638 thumbprint with SHA-256. Same form as a key. */
export const kidSchema = keyTextSchema;

const keyFileSchema = z.strictObject({
  schema: z.literal("groundswell.key/1"),
  kid: kidSchema,
  publicKey: keyTextSchema,
  privateKey: keyTextSchema,
});

/** A private key with its names. The key object prints nothing of itself. */
export interface SigningKey {
  /** `thumbprint` of the public key. */
  readonly kid: string;
  /** `x` of its JWK. */
  readonly publicKey: string;
  readonly key: KeyObject;
}

/** Why a key file was not taken: not there, readable by others, or not what it should be. */
export type KeyFileTrouble = "missing" | "openToOthers" | "notAKey";

export async function makeKey(): Promise<SigningKey> {
  const { privateKey } = generateKeyPairSync("ed25519");
  return signingKeyOf(privateKey);
}

async function signingKeyOf(key: KeyObject): Promise<SigningKey> {
  const { x } = key.export({ format: "jwk" });
  if (x === undefined) throw new Bug("An Ed25519 key without a public half");
  return { kid: await thumbprint(x), publicKey: x, key };
}

/** The name of a public key: RFC 7638, SHA-256, base64url. */
export function thumbprint(publicKey: string): Promise<string> {
  return calculateJwkThumbprint({ kty: "OKP", crv: "Ed25519", x: publicKey }, "sha256");
}

export function publicKeyOf(publicKey: string): KeyObject {
  return createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: publicKey }, format: "jwk" });
}

/** A plain Ed25519 signature over bytes, as base64url: for rosters, which are JSON with several signatures. */
export function signBytes(bytes: Uint8Array, key: SigningKey): string {
  return sign(null, bytes, key.key).toString("base64url");
}

/** `false` for anything that is not exactly a valid signature. */
export function verifyBytes(bytes: Uint8Array, signature: string, publicKey: string): boolean {
  if (signature.length !== 86 || !isCanonicalBase64url(signature)) return false;
  try {
    return verify(null, bytes, publicKeyOf(publicKey), Buffer.from(signature, "base64url"));
  } catch {
    // A key text of the right length may still be no point of the curve.
    return false;
  }
}

/** Writes a key, a new one unless told which, into a file that only its owner may read; never over an existing one. Throws what the file system throws. */
export async function writeKeyFile(path: string, key?: SigningKey): Promise<SigningKey> {
  const made = key ?? (await makeKey());
  const { d } = made.key.export({ format: "jwk" });
  if (d === undefined) throw new Bug("An Ed25519 key without a private half");
  const content = { schema: "groundswell.key/1", kid: made.kid, publicKey: made.publicKey, privateKey: d };
  const file = openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600);
  try {
    writeSync(file, `${JSON.stringify(content)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  return made;
}

/** A key file is well below this. */
const MAX_KEY_FILE_BYTES = 4_096;

/** Loads a key file. Refuses links, files that others may read, and files whose three parts do not belong together. */
export async function loadKeyFile(path: string): Promise<SigningKey | KeyFileTrouble> {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ENOENT" ? "missing" : "notAKey";
  }
  try {
    const stat = fstatSync(file);
    if (!stat.isFile() || stat.size > MAX_KEY_FILE_BYTES) return "notAKey";
    if ((stat.mode & 0o077) !== 0) return "openToOthers";
    const parsed = keyFileSchema.safeParse(parseStrictJson(readFileSync(file, "utf8"), MAX_KEY_FILE_BYTES));
    if (!parsed.success) return "notAKey";
    return await fromParts(parsed.data);
  } finally {
    closeSync(file);
  }
}

async function fromParts(parts: z.infer<typeof keyFileSchema>): Promise<SigningKey | "notAKey"> {
  let key: KeyObject;
  try {
    key = createPrivateKey({ key: { kty: "OKP", crv: "Ed25519", x: parts.publicKey, d: parts.privateKey }, format: "jwk" });
  } catch {
    return "notAKey";
  }
  // The library trusts the stated public half; derive it anew.
  const { x } = createPublicKey(key).export({ format: "jwk" });
  const proof = Buffer.from("groundswell");
  const fits = x === parts.publicKey && verifyBytes(proof, sign(null, proof, key).toString("base64url"), parts.publicKey);
  if (!fits || (await thumbprint(parts.publicKey)) !== parts.kid) return "notAKey";
  return { kid: parts.kid, publicKey: parts.publicKey, key };
}
