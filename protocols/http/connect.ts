/**
 * Opens the socket under an HTTP exchange: TLS with the subject check, or plain TCP. Nothing is written before the check.
 */
import { connect as connectTcp, isIPv6, type Socket } from "node:net";
import { connect as connectTls, createSecureContext, type SecureContext } from "node:tls";
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

/** For today's devices, and for those that know only TLS 1.0. */
export interface SecureContexts {
  readonly modern: SecureContext;
  readonly old: SecureContext;
}

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

/** One context for all connections: making one per connection costs more than the handshake. */
export function secureContexts(): SecureContexts {
  return {
    modern: createSecureContext({ minVersion: "TLSv1.2" }),
    old: createSecureContext({ minVersion: "TLSv1", ciphers: "DEFAULT:@SECLEVEL=0" }),
  };
}

const addressForm = /^[A-Za-z0-9.:%_-]{1,253}$/;

/** A peer's URL without a path; `undefined` where the address is neither an IP address nor a host name, so that none becomes another URL. */
export function originOf(peer: { readonly address: string; readonly port: number; readonly secure: boolean }): string | undefined {
  const host = isIPv6(peer.address) ? `[${peer.address}]` : peer.address;
  const origin = `${peer.secure ? "https" : "http"}://${host}:${peer.port}`;
  return addressForm.test(peer.address) && URL.canParse(origin) ? origin : undefined;
}

/** Rejects with a `FaultError` for a wrong subject, else with the socket's own error. */
export function connectChecked(to: ConnectAsk): Promise<Connected> {
  return new Promise((resolve, reject) => {
    const options = { host: to.address, port: to.port };
    // The chain is not checked: factory certificates expire. The subject is, below.
    const tls = to.proof.secure
      ? connectTls({ ...options, secureContext: to.context, rejectUnauthorized: false, ALPNProtocols: ["http/1.1"] })
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
          : subjectFault(certificate, to.proof);
      if (fault === undefined && certificate !== undefined) return resolve({ socket, certificate });
      socket.once("error", () => socket.destroy());
      socket.destroy();
      if (fault !== undefined) reject(new FaultError(fault));
    });
  });
}
