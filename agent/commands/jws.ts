/**
 * Compact JWS with EdDSA (Ed25519), and nothing else. Source: security.md 3; RFC 7515, 8037, 8725.
 * What the header may say is exactly `alg`, `kid` and `typ`, so `jwk`, `jku`, `x5u`, `x5c`, `crit`, `b64`, `zip` and
 * whatever comes next are refused together.
 */
import { createHash } from "node:crypto";
import { CompactSign, compactVerify, errors } from "jose";
import * as z from "zod";
import { isCanonicalBase64url } from "./base64url.ts";
import { kidSchema, publicKeyOf, type SigningKey } from "./keys.ts";
import { parseStrictJson } from "./strict-json.ts";

export const COMMAND_TYPE = "groundswell-cmd+jws";
export const REPLY_TYPE = "groundswell-reply+jws";
/** The longest command token. */
export const MAX_TOKEN_BYTES = 8 * 1024;
/** An answer carries a result, a plan's summary for instance. */
export const MAX_REPLY_BYTES = 512 * 1024;

export async function signJws(payload: object, key: SigningKey, type: string): Promise<string> {
  return await new CompactSign(Buffer.from(JSON.stringify(payload)))
    .setProtectedHeader({ alg: "EdDSA", kid: key.kid, typ: type })
    .sign(key.key);
}

/** A token taken apart. Nothing in it may be believed before `verifyJws`. */
export interface UnverifiedJws {
  readonly kid: string;
  readonly payload: unknown;
}

export type JwsRefusal = "tooLong" | "malformed" | "badHeader";

/** Length, then shape, then header. Pure. */
export function openJws(token: string, type: string, maxBytes = MAX_TOKEN_BYTES): UnverifiedJws | JwsRefusal {
  if (Buffer.byteLength(token) > maxBytes) return "tooLong";
  const parts = token.split(".");
  const [header = "", body = "", signature = ""] = parts;
  if (parts.length !== 3 || ![header, body].every(isCanonicalBase64url)) return "malformed";
  // A missing signature is a header trick (`alg: none`) as often as a cut-off token; either way it has no shape.
  if (signature.length !== 86 || !isCanonicalBase64url(signature)) return "malformed";
  const payload = jsonOf(body, maxBytes);
  const stated = headerSchemaFor(type).safeParse(jsonOf(header, 512));
  if (!stated.success) return "badHeader";
  return payload === undefined ? "malformed" : { kid: stated.data.kid, payload };
}

function headerSchemaFor(type: string) {
  return z.strictObject({ alg: z.literal("EdDSA"), kid: kidSchema, typ: z.literal(type) });
}

/** Text that is not UTF-8 is no JSON. */
function jsonOf(part: string, maxChars: number): unknown {
  try {
    return parseStrictJson(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(part, "base64url")), maxChars);
  } catch {
    return undefined;
  }
}

/** Is the signature this key's? `publicKey` is `x` of its JWK. */
export async function verifyJws(token: string, publicKey: string): Promise<boolean> {
  try {
    await compactVerify(token, publicKeyOf(publicKey), { algorithms: ["EdDSA"] });
    return true;
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) return false;
    // OpenSSL's word for a key text that is no point of the curve.
    if (error instanceof Error && "code" in error) return false;
    throw error;
  }
}

/** What an answer names its question by: SHA-256 of the token's text, base64url. Never used to remember commands: `jti` is. */
export function digestOf(token: string): string {
  return createHash("sha256").update(token).digest("base64url");
}
