/**
 * Who we are to a peer that asks for a certificate of ours in its handshake.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import type { Secret } from "../core/secret.ts";
import { instantOf, type Ms } from "../core/time.ts";

/** PEM, both. Shown to every peer that asks, and only to those. */
export interface ClientIdentity {
  readonly certificate: string;
  readonly key: Secret;
}

/** Why this pair cannot be shown, for people; `undefined` where it can. */
export function identityProblem({ certificate, key }: ClientIdentity, nowMs: Ms): string | undefined {
  let shown: X509Certificate;
  try {
    shown = new X509Certificate(certificate);
  } catch {
    return "the certificate is not one in PEM";
  }
  let own: KeyObject;
  try {
    own = createPrivateKey(key.reveal());
  } catch {
    // The library's error may quote what it read.
    return "the key is not one in PEM without a passphrase";
  }
  if (!shown.checkPrivateKey(own)) return "the key belongs to another certificate";
  const endMs = shown.validToDate.getTime();
  return endMs <= nowMs ? `the certificate ended on ${instantOf(endMs).toString().slice(0, 10)}` : undefined;
}
