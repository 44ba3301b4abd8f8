/** What the codes of OpenSSL and Node say of a TLS handshake that failed. Decided by code, never by text. */
import type { TLSSocket } from "node:tls";
import type { Fault } from "./fault.ts";

/** Alerts 116, 42 to 46, 48 and 49, which a server has only for a client's certificate; the prefix differs by version. Source: RFC 8446 6.2. */
const REFUSED_IDENTITY =
  /^ERR_SSL_.*_ALERT_(?:CERTIFICATE_(?:REQUIRED|REVOKED|EXPIRED|UNKNOWN)|(?:BAD|UNSUPPORTED)_CERTIFICATE|UNKNOWN_CA|ACCESS_DENIED)$/;

/** Did the server end the handshake over our certificate: none was shown, or none it accepts? */
export function refusesIdentity(code: string): boolean {
  return REFUSED_IDENTITY.test(code);
}

/**
 * Below TLS 1.3 a missing certificate has no alert of its own. `handshake_failure` it is, which servers also send for a hello
 * they cannot agree to: but then before they show their own certificate. Source: RFC 5246 7.4.6.
 */
export function missesIdentity(code: string, tls: TLSSocket | undefined): boolean {
  return code.endsWith("_ALERT_HANDSHAKE_FAILURE") && tls?.getPeerX509Certificate() !== undefined;
}

/** The server ended the handshake over our certificate. */
export function demandsIdentity(code: string): Fault {
  return { kind: "denied", via: "tls", detail: `demands a client certificate that it accepts: ${code}` };
}

/** Out of its time, by our clock. Source: Node, `x509ErrorCode`. */
const WRONG_TIME: readonly string[] = ["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"];
/** Signed by nobody we trust. Source: the same list. */
const STRANGER =
  /^(?:UNABLE_TO_(?:GET_ISSUER_CERT(?:_LOCALLY)?|VERIFY_LEAF_SIGNATURE)|(?:DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED)_CERT(?:_IN_CHAIN)?|CERT_(?:SIGNATURE_FAILURE|UNTRUSTED|REJECTED|REVOKED|CHAIN_TOO_LONG)|INVALID_(?:CA|PURPOSE)|PATH_LENGTH_EXCEEDED)$/;

/** Why we turned the server's certificate away before anything was sent; `undefined` where the code is about something else. */
export function strangerFault(code: string, host: string): Fault | undefined {
  if (WRONG_TIME.includes(code)) return { kind: "impostor", via: "tls", wanted: "a certificate that is valid today", found: code };
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return { kind: "impostor", via: "tls", wanted: `a certificate for ${host}`, found: code };
  return STRANGER.test(code) ? { kind: "impostor", via: "tls", wanted: "a certificate of an authority we trust", found: code } : undefined;
}
