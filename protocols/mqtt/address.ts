/** Addresses of brokers and proxies, as people write them. */
import { isLoopback } from "./link.ts";

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** Path and query of the WebSocket; without it MQTT is spoken on the connection itself. */
  readonly webSocketPath?: string;
}

/** `wrong` is what a person is told; `wanted` is what to write instead. */
export type AddressProblem = { readonly wrong: string; readonly wanted: string };

/** Source: MQTT 5, 4.2 (1883, 8883 by IANA); RFC 6455, 3 (80, 443). */
const PORTS: Readonly<Record<string, number>> = { "mqtt:": 1883, "mqtts:": 8883, "ws:": 80, "wss:": 443 };

/** An address of IPv6 stands in brackets in a URL, and nowhere else. */
function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, "$1");
}

/** `mqtts://host[:port]` or `wss://host[:port]/path`; in clear on loopback only, and never through a proxy, which is another machine's loopback. */
export function parseBroker(text: string, way: { readonly proxied: boolean }): BrokerAddress | AddressProblem {
  const url = URL.parse(text);
  const standard = url === null ? undefined : PORTS[url.protocol];
  if (url === null || standard === undefined || url.hostname === "") {
    return { wrong: "is not the address of a broker", wanted: "such as mqtts://broker.example.net or wss://broker.example.net/mqtt" };
  }
  if (url.username !== "" || url.password !== "") {
    return { wrong: "holds a user or password", wanted: "the user and a file with the password, each on its own" };
  }
  const overWeb = url.protocol.startsWith("ws");
  if (url.hash !== "" || (!overWeb && (url.search !== "" || !["", "/"].includes(url.pathname)))) {
    return { wrong: "holds more than a host and a port", wanted: `${url.protocol}//${url.host}` };
  }
  const host = hostOf(url);
  const secure = url.protocol === "mqtts:" || url.protocol === "wss:";
  if (!secure && way.proxied) return { wrong: "is not encrypted, and leads through a proxy", wanted: url.protocol.replace(":", "s://") };
  if (!secure && !isLoopback(host)) {
    return { wrong: "is not encrypted, and the broker is on another machine", wanted: url.protocol.replace(":", "s://") };
  }
  const port = url.port === "" ? standard : Number(url.port);
  return { host, port, secure, ...(overWeb ? { webSocketPath: `${url.pathname}${url.search}` } : {}) };
}

/** `http://host[:port]`: a proxy that takes CONNECT. What passes through is TLS of ours; its own log-in goes to it in clear. */
export function parseProxy(text: string): { readonly host: string; readonly port: number } | AddressProblem {
  const url = URL.parse(text);
  if (url === null || url.protocol !== "http:" || url.hostname === "") {
    return { wrong: "is not the address of a proxy", wanted: "such as http://proxy.example.net:3128" };
  }
  if (url.username !== "" || url.password !== "") return { wrong: "holds a user or password", wanted: "username and passwordFile" };
  if (!["", "/"].includes(url.pathname) || url.search !== "" || url.hash !== "") {
    return { wrong: "holds more than a host and a port", wanted: `http://${url.host}` };
  }
  return { host: hostOf(url), port: url.port === "" ? 80 : Number(url.port) };
}
