/**
 * A certificate of ours and its key: do they belong together, and until when are they good. Never tells what a key holds.
 */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { codeOf } from "../../protocols/core/error-code.ts";
import type { ClientIdentity, Secret } from "../../protocols/core/secret.ts";
import { DAY, isoOf, type Ms } from "../../protocols/core/time.ts";

/** `wrong` names the file that has to change; `notice` is what a person should know of a pair that can be used. */
export type Pair =
  | { readonly ok: true; readonly identity: ClientIdentity; readonly notice?: string }
  | { readonly ok: false; readonly wrong: "certFile" | "keyFile"; readonly why: string };

/** Both texts are PEM; of a chain the first certificate is ours. `passphrase` opens a key that is locked. */
export function readPair(certificate: string, key: Secret, nowMs: Ms, passphrase?: Secret): Pair {
  const shown = certificateIn(certificate);
  if (shown === undefined) return { ok: false, wrong: "certFile", why: "holds no certificate in PEM form" };
  const own = keyIn(key, passphrase);
  if (typeof own === "string") return { ok: false, wrong: "keyFile", why: own };
  if (!shown.checkPrivateKey(own)) return { ok: false, wrong: "keyFile", why: "is not the key of the certificate beside it" };
  const notice = noticeOf(shown, nowMs);
  return { ok: true, identity: { certificate, key }, ...(notice === undefined ? {} : { notice }) };
}

function certificateIn(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

/** What OpenSSL's reader says when it asks for a passphrase and nobody answers; Node has its own word for it too. */
const LOCKED = ["ERR_MISSING_PASSPHRASE", "ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED"];

/** What it says of a passphrase that opens nothing. */
const BAD_PASSPHRASE = "ERR_OSSL_BAD_DECRYPT";

function keyIn(pem: Secret, passphrase: Secret | undefined): KeyObject | string {
  try {
    return createPrivateKey({ key: pem.reveal(), ...(passphrase === undefined ? {} : { passphrase: passphrase.reveal() }) });
  } catch (error) {
    const code = codeOf(error);
    if (code === BAD_PASSPHRASE) return "is locked, and the passphrase does not open it";
    return LOCKED.includes(code) ? "is locked with a passphrase, and nobody is here to give it" : "holds no private key in PEM form";
  }
}

/** Time to order another one and to try it. Judgement. */
const SOON_MS: Ms = 21 * DAY;

/** Devices mostly do not know the date, so an old certificate is told and not refused: the agent has to start in any year. */
function noticeOf(shown: X509Certificate, nowMs: Ms): string | undefined {
  const fromMs = shown.validFromDate.getTime();
  const toMs = shown.validToDate.getTime();
  if (toMs < nowMs) return `has expired on ${isoOf(toMs).slice(0, 10)}: whoever minds will refuse it`;
  if (toMs - nowMs < SOON_MS) return `expires on ${isoOf(toMs).slice(0, 10)}: renew it`;
  return fromMs > nowMs ? `is not valid before ${isoOf(fromMs).slice(0, 10)}: whoever minds will refuse it` : undefined;
}
