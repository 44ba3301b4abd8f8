/**
 * Opens the socket under an HTTP exchange: TLS with the subject check, or plain TCP. Nothing is written before the check.
 */

import { connect as connectTcp, isIP, isIPv6, type Socket } from "node:net";
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import { codeOf } from "../core/error-code.ts";
import type { Fault } from "../core/fault.ts";
import type { ClientIdentity } from "../core/secret.ts";
import { demandsIdentity, missesIdentity } from "../core/tls-failure.ts";
import { type PeerCertificate, type Proof, peerCertificate, type ReadCertificate, subjectFault } from "./certificate.ts";

/** Carries a fault through a library that only knows errors. */
export class FaultError extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.kind);
    this.fault = fault;
  }
}

/** What a TLS peer is to be met with. */
export interface Meeting {
  /** Allows TLS 1.0 and its ciphers: said by a person, per device. */
  readonly oldTls?: boolean;
  /** PEM, in place of the system's roots. */
  readonly roots?: string;
  /**
   * Shown in the handshake where the server asks for one. That is before its subject is checked: an impostor learns our
   * certificate, but nothing to use it with, because what the key signs is that one handshake. Source: RFC 8446 4.4.3.
   */
  readonly identity?: ClientIdentity;
}

/** One context per kind of peer: making one per connection costs more than the handshake. */
export type SecureContexts = (meeting: Meeting) => SecureContext;

/** How far a connection has come: what is told of one that ends before it stands. */
export interface Progress {
  /** The peer took the connection, and the handshake is not done. */
  inHandshake: boolean;
  /** Bytes on the wire, those of the handshake too. */
  heardBytes: () => number;
}

export const notBegun = (): Progress => ({ inHandshake: false, heardBytes: () => 0 });

/** Where to connect, and what the peer must prove. `progress` is kept up to date. */
export interface ConnectAsk {
  readonly address: string;
  readonly port: number;
  readonly proof: Proof;
  readonly context: SecureContext;
  readonly signal: AbortSignal;
  readonly progress: Progress;
  /** Without it every certificate is taken apart anew. */
  readonly read?: ReadCertificate;
}

/** An open socket; the certificate is absent over plain TCP. */
export interface Connected {
  readonly socket: Socket;
  readonly certificate?: PeerCertificate;
}

/** Far above the roots and certificates one site has; the oldest goes first. */
const CONTEXTS_MAX = 32;

/**
 * For today's peers, for devices that know only TLS 1.0, and for those the caller names roots or a certificate of ours for.
 * A certificate that OpenSSL does not take with its key is a `FaultError`.
 */
export function secureContexts(): SecureContexts {
  const modern = createSecureContext(MODERN);
  const old = createSecureContext(OLD);
  const made = new Map<string, SecureContext>();
  return (meeting) => {
    const { oldTls, roots, identity } = meeting;
    if (roots === undefined && identity === undefined) return oldTls === true ? old : modern;
    // No two keys fit one certificate, so the key needs no place in the name.
    const name = JSON.stringify([roots, roots === undefined && oldTls === true, identity?.certificate]);
    const context = made.get(name) ?? contextFor(meeting);
    made.delete(name);
    made.set(name, context);
    for (const oldest of made.keys()) if (made.size > CONTEXTS_MAX) made.delete(oldest);
    return context;
  };
}

/** Hybrid post-quantum shares are left out: no device has them, they cost a key pair each, and a hello of two packets is too much for some. */
const GROUPS = { ecdhCurve: "X25519:P-256:P-384:P-521" } as const;
const MODERN = { minVersion: "TLSv1.2", ...GROUPS } as const;
const OLD = { minVersion: "TLSv1", ciphers: "DEFAULT:@SECLEVEL=0", ...GROUPS } as const;
/** A cloud keeps up with the times. */
const CLOUD = { minVersion: "TLSv1.2" } as const;

function contextFor({ oldTls, roots, identity }: Meeting): SecureContext {
  const terms = roots === undefined ? (oldTls === true ? OLD : MODERN) : { ...CLOUD, ca: roots };
  if (identity === undefined) return createSecureContext(terms);
  try {
    return createSecureContext({ ...terms, cert: identity.certificate, key: identity.key.reveal() });
  } catch (error) {
    throw new FaultError({ kind: "denied", via: "tls", detail: `our client certificate cannot be used: ${codeOf(error)}` });
  }
}

const addressForm = /^[A-Za-z0-9.:%_-]{1,253}$/;

/** A peer's URL without a path; `undefined` where the address is neither an IP address nor a host name, so that none becomes another URL. */
export function originOf(peer: { readonly address: string; readonly port: number; readonly secure: boolean }): string | undefined {
  const host = isIPv6(peer.address) ? `[${peer.address}]` : peer.address;
  const origin = `${peer.secure ? "https" : "http"}://${host}:${peer.port}`;
  return addressForm.test(peer.address) && URL.canParse(origin) ? origin : undefined;
}

/** Node has checked chain, dates and name by then; it is asked for its verdict, and only `authorized` is a yes. */
function chainFault(tls: TLSSocket, { address, proof }: ConnectAsk): Fault | undefined {
  if (proof.trust !== "roots" || tls.authorized) return undefined;
  // A code in all Node versions so far, though typed as an error.
  const why = String(tls.authorizationError ?? "").replaceAll(/[^A-Z0-9_]/g, "");
  return { kind: "impostor", via: "tls", wanted: address, found: `a certificate that proves nothing: ${why}` };
}

/** Rejects with a `FaultError` for a wrong subject or an unproved name, else with the socket's own error. */
export function connectChecked(to: ConnectAsk): Promise<Connected> {
  return new Promise((resolve, reject) => {
    const options = { host: to.address, port: to.port };
    // The chain of a device is not checked: factory certificates expire. What is, is below.
    const name = to.proof.trust === "roots" && isIP(to.address) === 0 ? { servername: to.address } : {};
    const { progress } = to;
    // Apart from TLS, because only the connection below knows what came before the handshake was done.
    const tcp = connectTcp(options);
    const terms = { secureContext: to.context, rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] };
    const tls = to.proof.secure ? connectTls({ ...options, ...name, ...terms, socket: tcp }) : undefined;
    const socket: Socket = tls ?? tcp;
    Object.assign(progress, { inHandshake: false, heardBytes: () => tcp.bytesRead } satisfies Progress);
    tls?.once("connect", () => {
      progress.inHandshake = true;
    });
    const stop = (): void => {
      socket.destroy();
      tcp.destroy();
      reject(to.signal.reason);
    };
    if (to.signal.aborted) return stop();
    to.signal.addEventListener("abort", stop, { once: true });
    tcp.setNoDelay(true);
    let stood = false;
    const failed = (error: Error): void => {
      to.signal.removeEventListener("abort", stop);
      // Only a connection that stood can be reset, even where that overtakes the word that it stands.
      if (tls !== undefined && !stood && codeOf(error) === "ECONNRESET") progress.inHandshake = true;
      reject(missesIdentity(codeOf(error), tls) ? new FaultError(demandsIdentity(codeOf(error))) : error);
    };
    socket.once("error", failed);
    // A peer may spoil the connection in the moment between the handshake and whoever uses it; whoever does sees it closed.
    for (const one of new Set([tcp, socket])) one.on("error", () => undefined);
    socket.once("close", () => failed(Object.assign(new Error("closed before the connection stood"), { code: "ECONNRESET" })));
    socket.once(tls === undefined ? "connect" : "secureConnect", () => {
      to.signal.removeEventListener("abort", stop);
      socket.removeListener("error", failed);
      progress.inHandshake = false;
      stood = true;
      if (tls === undefined) return resolve({ socket });
      const shown = tls.getPeerX509Certificate();
      const certificate = shown === undefined ? undefined : (to.read ?? peerCertificate)(shown);
      const fault: Fault | undefined =
        certificate === undefined
          ? { kind: "impostor", via: "tls", wanted: to.proof.expectMac ?? "a certificate", found: "no certificate" }
          : (chainFault(tls, to) ?? subjectFault(certificate, to.proof));
      if (fault === undefined && certificate !== undefined) return resolve({ socket, certificate });
      socket.destroy();
      if (fault !== undefined) reject(new FaultError(fault));
    });
  });
}
