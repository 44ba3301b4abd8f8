/** MQTT over a WebSocket on a connected socket; only importer of `ws`. Source: RFC 6455, 4, 5 and 7; MQTT 5, 6. */
import { isIPv6, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createWebSocketStream, WebSocket } from "ws";
import { codeOf } from "../core/error-code.ts";
import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import { HEAD_BYTES, NOT_HTTP, TOO_LONG } from "./answer-head.ts";
import { CLOSE_TIMEOUT_MS, CONNECT_TIMEOUT_MS, MAX_FRAME_BYTES } from "./link.ts";

/** Specified: MQTT 5, 6, MQTT-6.0.0-3. */
const PROTOCOL = "mqtt";
/** Of one message: its frames, or the pieces a frame comes in. Guessed: the largest in pieces of 256 bytes; networks carry more at once. */
const PARTS_MAX = 4_096;

/** What one server may cost us. A message is gathered whole: none may be longer than the longest packet. */
const LIMITS = {
  maxHeaderSize: HEAD_BYTES,
  maxPayload: MAX_FRAME_BYTES,
  maxFragments: PARTS_MAX,
  maxBufferedChunks: PARTS_MAX,
  handshakeTimeout: CONNECT_TIMEOUT_MS,
  closeTimeout: CLOSE_TIMEOUT_MS,
  followRedirects: false,
  perMessageDeflate: false,
  // Text ends the connection whatever it says.
  skipUTF8Validation: true,
};

export interface WebTarget {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** With its query. */
  readonly path: string;
}

/** Why an answer opens no WebSocket that carries MQTT. Pure. */
export function upgradeFault(status: number): Fault {
  if (status === 401 || status === 403) return { kind: "denied", via: "http", detail: `no WebSocket for us (${status})` };
  if (status >= 500) return { kind: "unreachable", via: "http", detail: `no WebSocket (${status})` };
  if (status === 101) return { kind: "garbled", via: "http", wanted: "a WebSocket that carries MQTT" };
  return { kind: "garbled", via: "http", wanted: "a WebSocket at this path", detail: `status ${status}` };
}

/** What the library's error says of a server that broke the rules of frames; by its code. Pure. */
export function frameFault(error: Error): Fault {
  const code = codeOf(error);
  switch (code) {
    case "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH":
    case "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH":
      return { kind: "overBudget", via: "mqtt", budget: "bytes", limit: MAX_FRAME_BYTES };
    case "WS_ERR_TOO_MANY_BUFFERED_PARTS":
      return { kind: "overBudget", via: "mqtt", budget: "items", limit: PARTS_MAX };
    default:
      return { kind: "garbled", via: "mqtt", wanted: "WebSocket frames", detail: code };
  }
}

/** Why no answer came that could be read. Pure. `broke`: the socket's own error. */
export function answerFault(error: Error, broke: Error | null): Fault {
  const code = codeOf(error);
  if (code === "HPE_HEADER_OVERFLOW") return TOO_LONG;
  if (code.startsWith("HPE_")) return NOT_HTTP;
  // Of the library's own errors, which have no code, only this one is left by then.
  if (code === "") return { kind: "stalled", waitedFor: `a WebSocket for ${CONNECT_TIMEOUT_MS} ms` };
  return { kind: "unreachable", via: "http", detail: codeOf(broke) || "connection closed" };
}

/**
 * @param socket  connected, and secured where the target is
 * @param refuse  gets what the server did wrong later, before the stream ends
 */
export function openWebSocket(
  socket: Socket,
  target: WebTarget,
  refuse: (fault: Fault) => void,
  signal: AbortSignal,
): Promise<Result<Duplex>> {
  const { promise, resolve } = Promise.withResolvers<Result<Duplex>>();
  const { host, port, secure, path } = target;
  const address = `${secure ? "wss" : "ws"}://${isIPv6(host) ? `[${host}]` : host}:${port}${path}`;
  const web = new WebSocket(address, PROTOCOL, { ...LIMITS, createConnection: () => socket });
  const giveUp = (fault: Fault): void => {
    resolve(fail(fault));
    web.terminate();
  };
  const onAbort = (): void => giveUp({ kind: "cancelled", by: "shutdown" });
  let answered = false;
  web.once("upgrade", () => {
    answered = true;
  });
  // Its body is not read.
  web.once("unexpected-response", (_request, { statusCode = 0 }) => giveUp(upgradeFault(statusCode)));
  const onFailure = (error: Error): void => resolve(fail(answered ? upgradeFault(101) : answerFault(error, socket.errored)));
  web.on("error", onFailure);
  web.once("close", () => signal.removeEventListener("abort", onAbort));
  web.once("open", () => {
    web.off("error", onFailure);
    signal.removeEventListener("abort", onAbort);
    resolve(ok(streamOf(web, socket, refuse)));
  });
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  return promise;
}

/** The bytes within the frames; their ends mean nothing here. */
function streamOf(web: WebSocket, socket: Socket, refuse: (fault: Fault) => void): Duplex {
  // Before the listeners of the stream: the reason is told before the end.
  web.on("error", (error) => refuse(frameFault(error)));
  web.on("message", (_text, isBinary) => {
    if (isBinary) return;
    refuse({ kind: "garbled", via: "mqtt", wanted: "WebSocket frames", detail: "a text frame" });
    // A destroyed stream ignores what the library's own listener pushes.
    stream.destroy();
  });
  const stream = createWebSocketStream(web);
  // Whoever gets the stream adds listeners a moment later; an error without one would end the process.
  stream.on("error", () => undefined);
  // The library keeps what it can still write to, and does not say why a connection broke.
  stream.once("end", () => stream.destroy());
  socket.once("error", (error) => stream.destroy(error));
  return stream;
}
