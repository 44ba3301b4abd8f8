/** Errors of sockets, TLS and the library as faults: by code, never by text. */
import type { TLSSocket } from "node:tls";
import { codeOf } from "../core/error-code.ts";
import type { Fault } from "../core/fault.ts";
import { demandsIdentity, missesIdentity, refusesIdentity, strangerFault } from "../core/tls-failure.ts";
import { endFault, refusesProtocol } from "./reasons.ts";

/** The broker's own code, where the error is its answer. */
export function reasonOf(error: Error): number | undefined {
  const code: unknown = "code" in error ? error.code : undefined;
  return typeof code === "number" ? code : undefined;
}

/** Should the next try speak 3.1.1? */
export function isProtocolRefusal(error: Error): boolean {
  const code = reasonOf(error);
  return code !== undefined && refusesProtocol(code);
}

/** Why a connection ended or never came about. `host` is whom we wanted to meet, `tls` the handshake that failed. */
export function connectionFault(error: Error, host: string, tls?: TLSSocket): Fault {
  const reason = reasonOf(error);
  if (reason !== undefined) return endFault(reason);
  const code = codeOf(error);
  const stranger = strangerFault(code, host);
  if (stranger !== undefined) return stranger;
  if (refusesIdentity(code) || missesIdentity(code, tls)) return demandsIdentity(code);
  if (code.startsWith("ERR_SSL") || code.startsWith("ERR_TLS") || code === "EPROTO") {
    return { kind: "garbled", via: "tls", wanted: "a TLS handshake", detail: code };
  }
  return { kind: "unreachable", via: "mqtt", detail: code === "" ? "the connection broke, or no MQTT is spoken there" : code };
}
