/** A tunnel through an HTTP proxy. Source: RFC 9110, 9.3.6 (CONNECT) and 11.7 (proxy authentication); RFC 7617 (Basic). */
import { isIPv6, type Socket } from "node:net";
import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import type { Secret } from "../core/secret.ts";
import { readHead } from "./answer-head.ts";

/** The broker's end of the tunnel, and who we are to the proxy. */
export interface Tunnel {
  readonly host: string;
  readonly port: number;
  readonly user?: string;
  readonly password?: Secret;
}

/** The request; ends with its empty line. Pure. */
export function connectRequest({ host, port, user, password }: Tunnel): string {
  const target = `${isIPv6(host) ? `[${host}]` : host}:${port}`;
  const login = user === undefined ? undefined : Buffer.from(`${user}:${password?.reveal() ?? ""}`).toString("base64");
  const lines = [`CONNECT ${target} HTTP/1.1`, `Host: ${target}`, ...(login === undefined ? [] : [`Proxy-Authorization: Basic ${login}`])];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** What an answer of the proxy means; `undefined`: the tunnel is open. Pure. */
export function tunnelFault(status: number): Fault | undefined {
  if (status >= 200 && status <= 299) return undefined;
  if (status === 407) return { kind: "denied", via: "http", detail: "the proxy does not take our user and password (407)" };
  // 502 and 504: it could not reach the broker; 503: it is overloaded. RFC 9110, 15.6.
  if (status >= 500) return { kind: "unreachable", via: "http", detail: `the proxy does not reach the broker (${status})` };
  return { kind: "refused", via: "http", reason: `the proxy does not let us through (${status})` };
}

/** Asks on a connected socket. A proxy that speaks before we do inside the tunnel is nothing we know. */
export async function openTunnel(socket: Socket, tunnel: Tunnel, signal: AbortSignal): Promise<Result<void>> {
  const answer = readHead(socket, signal);
  socket.write(connectRequest(tunnel));
  const head = await answer;
  if (!head.ok) return head;
  const fault = tunnelFault(head.value.status);
  if (fault !== undefined) return fail(fault);
  return head.value.rest.length === 0 ? ok(undefined) : fail({ kind: "garbled", via: "http", wanted: "a silent tunnel" });
}
