/** Signs an attestation and finds out whether one is as it was signed, byte for byte. */
import { createHash } from "node:crypto";
import { detachedTrouble, signDetached } from "../commands/detached.ts";
import type { SigningKey } from "../commands/keys.ts";
import { parseStrictJson } from "../commands/strict-json.ts";
import { type Attestation, attestationSchema, type SignedAttestation, signedSchema } from "./attest.ts";

export const ATTESTATION_TYPE = "groundswell-attestation+jws";
/** 20,000 devices at 800 bytes, and a third more as base64url. */
export const ATTESTATION_BYTES_MAX = 32 * 1024 * 1024;

/** The text of the file. Keys stand in the order of the schema, so that who reads it writes it the same. */
export async function signAttestation(unsigned: Omit<Attestation, "signer">, key: SigningKey): Promise<string> {
  const attestation = attestationSchema.parse({ ...unsigned, signer: { kid: key.kid, publicKey: key.publicKey } });
  const signature = await signDetached(attestation, key, ATTESTATION_TYPE);
  return textOf({ schema: "groundswell.attestation-signed/1", attestation, signature });
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
  const kind = { type: ATTESTATION_TYPE, bytesMax: ATTESTATION_BYTES_MAX, noun: "an attestation" };
  const trouble = await detachedTrouble({ document: attestation, signature, signer: attestation.signer }, kind);
  if (trouble !== undefined) return no(trouble);
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
