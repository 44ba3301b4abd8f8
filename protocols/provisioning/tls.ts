/**
 * How the endpoint speaks TLS. Source: protocols/provisioning.md 3: UCS 5.5.2 and SoundPoint before 4.0.15 know only TLS 1.0.
 */
import { constants } from "node:crypto";
import type { ServerOptions } from "node:https";
import type { SecureContextOptions } from "node:tls";
import type { Secret } from "../core/secret.ts";

/** `ask`: a certificate that is shown must be the phone's. `require`: personal files and uploads are only for who shows one. */
export type ClientCertificates = "off" | "ask" | "require";

/** Who we are over TLS, and whose word on phones counts; all PEM. */
export interface TlsIdentity {
  /** With its chain. */
  readonly certificate: string;
  readonly key: Secret;
  /** Authorities of phones' certificates. Without any, no certificate proves anything. */
  readonly clientRoots?: string;
}

export interface TlsSetting extends TlsIdentity {
  /** 0 takes a free one. */
  readonly port: number;
  /** TLS 1.0 and 1.1 too, with the small keys and SHA-1 that come with them: for every client, not only for old ones. */
  readonly oldClients: boolean;
  readonly clientCertificates: ClientCertificates;
}

/** No tickets: a phone that comes back shows its certificate again. Renegotiation is only ever asked for by who wants to cost us. */
const OPTIONS = constants.SSL_OP_NO_TICKET | constants.SSL_OP_NO_RENEGOTIATION;
/** TLS 1.0 signs with MD5 and SHA-1, which OpenSSL 3 allows at this level alone. Source: SSL_CTX_set_security_level(3). */
const OLD_CIPHERS = "DEFAULT:@SECLEVEL=0";

export function contextOf(tls: TlsSetting): SecureContextOptions {
  return {
    cert: tls.certificate,
    key: tls.key.reveal(),
    secureOptions: OPTIONS,
    minVersion: tls.oldClients ? "TLSv1" : "TLSv1.2",
    ...(tls.oldClients ? { ciphers: OLD_CIPHERS } : {}),
    // No authority is named in the handshake: a client then shows what it has (RFC 5246 7.4.4), and not every phone knows who stands
    // above its own. The authorities judge each request; here, a forged signature would end the connection in place of an answer.
    ca: [],
  };
}

/** Whatever is shown passes the handshake, and so does nothing: who a certificate is of is judged for each request. */
export function listenerOf(tls: TlsSetting, handshakeMs: number): ServerOptions {
  return {
    ...contextOf(tls),
    handshakeTimeout: handshakeMs,
    requestCert: tls.clientCertificates !== "off",
    rejectUnauthorized: false,
    // A client that names neither is turned away in the handshake; one that names nothing, as phones do, is not.
    ALPNProtocols: ["http/1.1", "http/1.0"],
  };
}
