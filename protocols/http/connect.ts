/**
 * Opens the socket under an HTTP exchange: TLS with the subject check, or plain TCP. Nothing is written before the check.
 */
import { connect as connectTcp, isIP, isIPv6, type Socket } from "node:net";
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import type { Fault } from "../core/fault.ts";
import { type PeerCertificate, type Proof, peerCertificate, subjectFault } from "./certificate.ts";

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
  /** See `HttpTarget`. */
  readonly oldTls?: boolean;
  readonly roots?: string;
}

/** One context per kind of peer: making one per connection costs more than the handshake. */
export type SecureContexts = (meeting: Meeting) => SecureContext;

/** Where to connect, and what the peer must prove. */
export interface ConnectAsk {
  readonly address: string;
  readonly port: number;
  readonly proof: Proof;
  readonly context: SecureContext;
  readonly signal: AbortSignal;
}

/** An open socket; the certificate is absent over plain TCP. */
export interface Connected {
  readonly socket: Socket;
  readonly certificate?: PeerCertificate;
}

/** For today's peers, for devices that know only TLS 1.0, and for those whose roots the caller names: a handful at most. */
export function secureContexts(): SecureContexts {
  const modern = createSecureContext({ minVersion: "TLSv1.2" });
  const old = createSecureContext({ minVersion: "TLSv1", ciphers: "DEFAULT:@SECLEVEL=0" });
  const byRoots = new Map<string, SecureContext>();
  return ({ oldTls, roots }) => {
    if (roots === undefined) return oldTls === true ? old : modern;
    const context = byRoots.get(roots) ?? createSecureContext({ minVersion: "TLSv1.2", ca: roots });
    byRoots.set(roots, context);
    return context;
  };
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
    const tls = to.proof.secure
      ? connectTls({ ...options, ...name, secureContext: to.context, rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] })
      : undefined;
    const socket: Socket = tls ?? connectTcp(options);
    const stop = (): void => {
      socket.destroy();
      reject(to.signal.reason);
    };
    if (to.signal.aborted) return stop();
    to.signal.addEventListener("abort", stop, { once: true });
    socket.setNoDelay(true);
    const failed = (error: Error): void => {
      to.signal.removeEventListener("abort", stop);
      reject(error);
    };
    socket.once("error", failed);
    // A peer may spoil the connection in the moment between the handshake and whoever uses it; whoever does sees it closed.
    socket.on("error", () => undefined);
    socket.once("close", () => failed(Object.assign(new Error("closed before the connection stood"), { code: "ECONNRESET" })));
    socket.once(tls === undefined ? "connect" : "secureConnect", () => {
      to.signal.removeEventListener("abort", stop);
      socket.removeListener("error", failed);
      if (tls === undefined) return resolve({ socket });
      const shown = tls.getPeerX509Certificate();
      const certificate = shown === undefined ? undefined : peerCertificate(shown);
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
