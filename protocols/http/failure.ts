/**
 * Errors of sockets, TLS and the HTTP parser as faults.
 */

import { faultOfAbort } from "../core/abort.ts";
import { type Budget, overBudget } from "../core/budget.ts";
import { codeOf } from "../core/error-code.ts";
import type { Fault, Transport } from "../core/fault.ts";
import { demandsIdentity, refusesIdentity } from "../core/tls-failure.ts";
import { FaultError } from "./connect.ts";

/** Largest head of an answer. Specified: security.md 2. */
export const HEADER_BYTES = 16 * 1024;

/** The peer closed a connection, as it may with one that was kept. */
export function isClosed(error: unknown): boolean {
  return ["UND_ERR_SOCKET", "ECONNRESET", "EPIPE"].includes(codeOf(error));
}

/** Alert 40, for a hello that it cannot agree to. Source: RFC 8446 6.2. */
const REFUSED_HANDSHAKE = /^ERR_SSL_.*_ALERT_HANDSHAKE_FAILURE$/;

/** How an ask was going when it failed. */
export interface Cut {
  readonly via: Transport;
  readonly parent: AbortSignal;
  readonly whole: AbortSignal;
  readonly budget: Budget;
  /** Had anything been received? */
  readonly heard: boolean;
}

/** A library or socket error as a fault, by code, never by text. Throws what only our own mistake can cause. */
export function faultOf(error: unknown, cut: Cut): Fault {
  if (error instanceof FaultError) return error.fault;
  if (cut.whole.aborted) return faultOfAbort(cut.via, cut);
  const code = codeOf(error);
  if (code === "UND_ERR_HEADERS_OVERFLOW") return overBudget(cut.via, "bytes", HEADER_BYTES);
  if (code.startsWith("HPE_") || code.startsWith("UND_ERR_RES")) {
    return code === "HPE_HEADER_OVERFLOW"
      ? overBudget(cut.via, "bytes", HEADER_BYTES)
      : { kind: "garbled", via: cut.via, wanted: "an HTTP answer", detail: code };
  }
  if (error instanceof Error && error.name === "HTTPParserError") return { kind: "garbled", via: cut.via, wanted: "an HTTP answer" };
  if (refusesIdentity(code)) return demandsIdentity(code);
  if (REFUSED_HANDSHAKE.test(code)) return { kind: "denied", via: "tls", detail: `refused our handshake: ${code}` };
  if (code.startsWith("ERR_SSL") || code.startsWith("ERR_TLS") || code === "EPROTO") {
    return { kind: "garbled", via: "tls", wanted: "a TLS handshake", detail: code };
  }
  // An argument undici rejects is our own mistake; everything else is the network's.
  if (code === "UND_ERR_INVALID_ARG") throw error;
  return { kind: "unreachable", via: cut.via, ...(code === "" ? {} : { detail: code }) };
}
