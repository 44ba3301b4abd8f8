/**
 * The certificate a phone shows over TLS: which MAC it names, and whether its maker or the site vouches for that.
 * Source: protocols/provisioning.md 3 (`CN=<MAC>, O=Polycom Inc.`, may be expired; the microbrowser never sends it).
 */
import { X509Certificate } from "node:crypto";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { Mac } from "../core/ids.ts";
import { macOfName, peerCertificate } from "../http/certificate.ts";

/** `proven`: one of the roots vouches for it. Its owner has the key in any case: the handshake proved that. */
export interface ShownCertificate {
  readonly mac?: Mac;
  readonly proven: boolean;
}

/** Of a root, its issuing authority and a spare one: chains of phones are shorter. */
const CHAIN_MAX = 4;
/** Certificates a client sent beside its own that are looked at. */
const PRESENTED_MAX = 8;

export type ReadShown = (socket: Socket) => ShownCertificate | undefined;

/** Reads the certificate of a connection, once for each. `undefined` where none was shown. */
export function shownReader(roots: readonly X509Certificate[]): ReadShown {
  const known = new WeakMap<Socket, ShownCertificate>();
  return (socket) => {
    const before = known.get(socket);
    if (before !== undefined || !(socket instanceof TLSSocket)) return before;
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) return undefined;
    const mac = macOfName(peerCertificate(certificate).commonName);
    const shown = { ...(mac === undefined ? {} : { mac }), proven: isVouchedFor(certificate, presentedWith(certificate), roots) };
    known.set(socket, shown);
    return shown;
  };
}

function presentedWith(certificate: X509Certificate): readonly X509Certificate[] {
  const found: X509Certificate[] = [];
  for (let next = certificate.issuerCertificate; next !== undefined && found.length < PRESENTED_MAX; next = next.issuerCertificate) {
    if (found.some(({ fingerprint256 }) => fingerprint256 === next?.fingerprint256)) break;
    found.push(next);
  }
  return found;
}

/**
 * Do signatures lead from the certificate to a root? Dates are not looked at, and so it is done here: of several things wrong with a
 * chain, TLS tells only the last, and "expired" would hide "signed by nobody".
 */
export function isVouchedFor(
  certificate: X509Certificate,
  presented: readonly X509Certificate[],
  roots: readonly X509Certificate[],
  left = CHAIN_MAX,
): boolean {
  if (roots.some((root) => isIssuedBy(certificate, root))) return true;
  if (left <= 1) return false;
  return presented.some((one) => isIssuedBy(certificate, one) && isVouchedFor(one, presented, roots, left - 1));
}

function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return issuer.ca && certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
  } catch {
    return false; // a key of a kind that cannot be used
  }
}

/** The certificates of a PEM text. Throws where one does not read. */
export function certificatesIn(pem: string): readonly X509Certificate[] {
  return [...pem.matchAll(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g)].map(([text]) => new X509Certificate(text));
}
