/**
 * Signs an attestation and finds out whether one is as it was signed, byte for byte. Source: RFC 7515 with appendix F (the
 * payload is left out of the JWS), RFC 8037 (Ed25519).
 */
import { createHash } from "node:crypto";
import { openJws, signJws, verifyJws } from "../commands/jws.ts";
import { type SigningKey, thumbprint } from "../commands/keys.ts";
import { parseStrictJson } from "../commands/strict-json.ts";
import { type Attestation, attestationSchema, type SignedAttestation, signedSchema } from "./attest.ts";

export const ATTESTATION_TYPE = "groundswell-attestation+jws";
/** 20,000 devices at 800 bytes, and a third more as base64url. */
export const ATTESTATION_BYTES_MAX = 32 * 1024 * 1024;

/** The text of the file. Keys stand in the order of the schema, so that who reads it writes it the same. */
export async function signAttestation(unsigned: Omit<Attestation, "signer">, key: SigningKey): Promise<string> {
  const attestation = attestationSchema.parse({ ...unsigned, signer: { kid: key.kid, publicKey: key.publicKey } });
  const [header, , signature] = (await signJws(attestation, key, ATTESTATION_TYPE)).split(".");
  return textOf({ schema: "groundswell.attestation-signed/1", attestation, signature: `${header}..${signature}` });
}

function textOf(signed: SignedAttestation): string {
  return `${JSON.stringify(signed, null, 1)}\n`;
}

export type Verdict = { readonly ok: true; readonly attestation: Attestation } | { readonly ok: false; readonly why: string };

/** @param signer key or thumbprint that must have signed it; without it any key that the file names */
export async function verifyAttestation(text: string, signer: string | undefined): Promise<Verdict> {
  const no = (why: string): Verdict => ({ ok: false, why });
  if (Buffer.byteLength(text) > ATTESTATION_BYTES_MAX) return no("it is longer than any attestation");
  const parsed = signedSchema.safeParse(parseStrictJson(text, ATTESTATION_BYTES_MAX));
  if (!parsed.success) return no("it is no attestation, or one that was changed: it does not decode");
  const { attestation, signature } = parsed.data;
  const { kid, publicKey } = attestation.signer;
  if ((await thumbprint(publicKey)) !== kid) return no("it was changed: the key it names does not fit its thumbprint");
  const payload = Buffer.from(JSON.stringify(attestation)).toString("base64url");
  const token = signature.replace("..", `.${payload}.`);
  const opened = openJws(token, ATTESTATION_TYPE, 2 * ATTESTATION_BYTES_MAX);
  if (typeof opened === "string" || opened.kid !== kid) return no("it was changed: its signature is none of an attestation");
  if (!(await verifyJws(token, publicKey))) return no(`it was changed after it was signed: the signature of key ${kid} does not hold`);
  if (textOf(parsed.data) !== text) return no("it was changed: its text is not as it was written");
  if (signer !== undefined && signer !== kid && signer !== publicKey) return no(`it is signed by another key: ${kid}, expected ${signer}`);
  return { ok: true, attestation };
}

/** `undefined` where the file is the one that was signed for. */
export function pdfTrouble(bytes: Uint8Array, { pdf }: Attestation): string | undefined {
  const found = sha256Of(bytes);
  if (found === pdf.sha256) return undefined;
  return `it is not the PDF that was signed for: SHA-256 ${found.slice(0, 16)}…, expected ${pdf.sha256.slice(0, 16)}…`;
}

export function sha256Of(bytes: Uint8Array | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}
