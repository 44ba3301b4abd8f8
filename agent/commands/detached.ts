/**
 * Signs a document that lies in a file beside its signature, and finds out whether one is as it was signed, byte for byte.
 * Source: RFC 7515 with appendix F (the payload is left out of the JWS), RFC 8037 (Ed25519).
 */
import { openJws, signJws, verifyJws } from "./jws.ts";
import { type SigningKey, thumbprint } from "./keys.ts";

/** What `signDetached` makes. */
export const DETACHED = /^[A-Za-z0-9_-]{1,500}\.\.[A-Za-z0-9_-]{86}$/;

/** Over the document's JSON without blanks, keys in their order. */
export async function signDetached(document: object, key: SigningKey, type: string): Promise<string> {
  const [header, , signature] = (await signJws(document, key, type)).split(".");
  return `${header}..${signature}`;
}

export interface Signed {
  readonly document: object;
  readonly signature: string;
  readonly signer: { readonly kid: string; readonly publicKey: string };
}

/** Why it does not hold, in words; `undefined` where it does. @param noun  what is signed, with its article */
export async function detachedTrouble(
  { document, signature, signer: { kid, publicKey } }: Signed,
  { type, bytesMax, noun }: { readonly type: string; readonly bytesMax: number; readonly noun: string },
): Promise<string | undefined> {
  if ((await thumbprint(publicKey)) !== kid) return "it was changed: the key it names does not fit its thumbprint";
  const payload = Buffer.from(JSON.stringify(document)).toString("base64url");
  const token = signature.replace("..", `.${payload}.`);
  const opened = openJws(token, type, 2 * bytesMax);
  if (typeof opened === "string" || opened.kid !== kid) return `it was changed: its signature is none of ${noun}`;
  if (!(await verifyJws(token, publicKey))) return `it was changed after it was signed: the signature of key ${kid} does not hold`;
  return undefined;
}
