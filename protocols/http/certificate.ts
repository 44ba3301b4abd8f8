/**
 * Who a TLS peer says it is. Factory certificates may be expired or self-signed, so the chain of a device proves nothing; its
 * subject must name the MAC we expect, and a pinned device must show the same certificate again. A cloud proves its name by its chain.
 * Source: protocols/uc-phones.md 2; security.md 2, "impostor device".
 */
import type { X509Certificate } from "node:crypto";
import type { Fault } from "../core/fault.ts";
import { type Mac, macFromVideoSerial, parseMac } from "../core/ids.ts";

/** What a peer showed in its handshake. */
export interface PeerCertificate {
  /** Of the subject; factory certificates hold the MAC there. */
  readonly commonName?: string;
  readonly organisation?: string;
  /** SHA-256, lower-case hex. */
  readonly fingerprint: string;
  /** Epoch milliseconds. */
  readonly notAfterMs?: number;
}

/** What has to hold before anything is written to a peer. */
export interface Proof {
  readonly secure: boolean;
  readonly expectMac?: Mac;
  readonly trust: "any" | "pin" | "roots";
  readonly tlsFingerprint?: string;
}

/** Subject texts longer than this are cut: they end in evidence that people read. */
const SUBJECT_CHARS = 200;

export function peerCertificate(certificate: X509Certificate): PeerCertificate {
  const subject: unknown = certificate.toLegacyObject().subject;
  const notAfterMs = certificate.validToDate.getTime();
  const commonName = subjectPart(subject, "CN");
  const organisation = subjectPart(subject, "O");
  return {
    ...(commonName === undefined ? {} : { commonName }),
    ...(organisation === undefined ? {} : { organisation }),
    fingerprint: plainFingerprint(certificate.fingerprint256),
    ...(Number.isFinite(notAfterMs) ? { notAfterMs } : {}),
  };
}

export type ReadCertificate = (certificate: X509Certificate) => PeerCertificate;

/** Certificates kept as read: the devices of a large floor. The oldest go first. */
const READ_MAX = 4_096;

/** Reads each certificate once: taking one apart costs a twentieth of the handshake that showed it, and devices show theirs again. */
export function certificateReader(): ReadCertificate {
  const known = new Map<string, PeerCertificate>();
  return (certificate) => {
    const name = certificate.fingerprint256;
    const read = known.get(name) ?? peerCertificate(certificate);
    if (known.size >= READ_MAX && !known.has(name)) for (const oldest of known.keys()) if (known.delete(oldest)) break;
    known.set(name, read);
    return read;
  };
}

/** A repeated part is nobody's name: it is left out. */
function subjectPart(subject: unknown, name: string): string | undefined {
  if (typeof subject !== "object" || subject === null || !Object.hasOwn(subject, name)) return undefined;
  const value: unknown = (subject as Readonly<Record<string, unknown>>)[name];
  return typeof value === "string" ? value.slice(0, SUBJECT_CHARS) : undefined;
}

/** A fingerprint in any spelling as lower-case hex. */
export function plainFingerprint(text: string): string {
  return text.replaceAll(/[:\s]/g, "").toLowerCase();
}

/** The MAC a common name states: as such, or inside the serial number of a video system (protocols/video.md 1). */
export function macOfName(commonName: string | undefined): Mac | undefined {
  return parseMac(commonName ?? "") ?? macFromVideoSerial(commonName ?? "");
}

/** Checked when the handshake ends, before the first request is written. */
export function subjectFault(found: PeerCertificate, wanted: Proof): Fault | undefined {
  const { expectMac, tlsFingerprint } = wanted;
  if (expectMac !== undefined && macOfName(found.commonName) !== expectMac) {
    return { kind: "impostor", via: "tls", wanted: expectMac, found: found.commonName ?? "a certificate without a common name" };
  }
  if (wanted.trust === "pin" && tlsFingerprint !== undefined && plainFingerprint(tlsFingerprint) !== found.fingerprint) {
    return { kind: "impostor", via: "tls", wanted: plainFingerprint(tlsFingerprint), found: found.fingerprint };
  }
  return undefined;
}

/** Checked before a credential is prepared at all: a proof that is asked for must be possible. */
export function loginFault(wanted: Proof): Fault | undefined {
  if (wanted.trust === "pin" && wanted.tlsFingerprint === undefined) {
    return { kind: "impostor", via: "tls", wanted: "a pinned certificate", found: "no pin on record" };
  }
  if (!wanted.secure && (wanted.expectMac !== undefined || wanted.trust !== "any")) {
    return { kind: "impostor", via: "http", wanted: wanted.expectMac ?? "a pinned certificate", found: "plain HTTP, no certificate" };
  }
  return undefined;
}
