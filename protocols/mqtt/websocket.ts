/** MQTT over a WebSocket: the opening handshake on a connected socket, then its bytes as a stream. Source: RFC 6455, 4; MQTT 5, 6. */
import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { Duplex } from "node:stream";
import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import type { Random } from "../core/random.ts";
import { type AnswerHead, readHead } from "./answer-head.ts";
import { clientFrame, frameReader } from "./websocket-frames.ts";

/** Specified: RFC 6455, 1.3. */
const MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
/** Specified: MQTT 5, 6, MQTT-6.0.0-3. */
const PROTOCOL = "mqtt";
/** Normal closure: RFC 6455, 7.4.1. */
const NORMAL = Buffer.from([0x03, 0xe8]);

export interface WebTarget {
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** With its query. */
  readonly path: string;
}

/** The request; ends with its empty line. `key` is 16 random bytes in base64. Pure. */
export function upgradeRequest({ host, port, secure, path }: WebTarget, key: string): string {
  const name = isIPv6(host) ? `[${host}]` : host;
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: ${port === (secure ? 443 : 80) ? name : `${name}:${port}`}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${key}`,
    `Sec-WebSocket-Protocol: ${PROTOCOL}`,
    "Sec-WebSocket-Version: 13",
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** What is wrong with the server's answer; `undefined`: the WebSocket is open. Pure. */
export function upgradeFault({ status, headers }: AnswerHead, key: string): Fault | undefined {
  if (status === 401 || status === 403) return { kind: "denied", via: "http", detail: `no WebSocket for us (${status})` };
  if (status >= 500) return { kind: "unreachable", via: "http", detail: `no WebSocket (${status})` };
  if (status !== 101) return { kind: "refused", via: "http", reason: `no WebSocket at this path (${status})` };
  const accept = createHash("sha1").update(`${key}${MAGIC}`).digest("base64");
  const good =
    headers.get("upgrade")?.toLowerCase() === "websocket" &&
    /(?:^|[ ,])upgrade(?:$|[ ,])/i.test(headers.get("connection") ?? "") &&
    headers.get("sec-websocket-accept") === accept &&
    headers.get("sec-websocket-protocol") === PROTOCOL &&
    !headers.has("sec-websocket-extensions");
  return good ? undefined : { kind: "garbled", via: "http", wanted: "a WebSocket that carries MQTT" };
}

/** `refuse` gets what the server did wrong later, before the stream ends. */
export async function openWebSocket(
  socket: Duplex,
  target: WebTarget,
  io: { readonly random: Random; readonly refuse: (fault: Fault) => void },
  signal: AbortSignal,
): Promise<Result<Duplex>> {
  const key = Buffer.from(io.random.hex(16), "hex").toString("base64");
  const answer = readHead(socket, signal);
  socket.write(upgradeRequest(target, key));
  const head = await answer;
  if (!head.ok) return head;
  const fault = upgradeFault(head.value, key);
  return fault === undefined ? ok(webSocketStream(socket, head.value.rest, io)) : fail(fault);
}

/** The bytes within the frames. `rest` came behind the handshake. */
function webSocketStream(
  socket: Duplex,
  rest: Buffer,
  { random, refuse }: { readonly random: Random; readonly refuse: (fault: Fault) => void },
): Duplex {
  const read = frameReader();
  const mask = (): Buffer => Buffer.from(random.hex(4), "hex");
  const stream = new Duplex({
    read: () => void socket.resume(),
    write: (chunk: Buffer, _encoding, done) => void socket.write(clientFrame("data", chunk, mask()), done),
    // The pieces of one MQTT packet leave as one frame.
    writev: (chunks, done) => void socket.write(clientFrame("data", Buffer.concat(chunks.map(({ chunk }) => chunk)), mask()), done),
    final: (done) => void socket.end(clientFrame("close", NORMAL, mask()), done),
    destroy(error, done) {
      socket.destroy();
      done(error);
    },
  });
  const take = (chunk: Buffer): void => {
    for (const event of read(chunk)) {
      if (event.kind === "data" && !stream.push(event.bytes)) socket.pause();
      // One that does not read gets no more pongs: they would pile up.
      if (event.kind === "ping" && !socket.writableNeedDrain) socket.write(clientFrame("pong", event.bytes, mask()));
      if (event.kind === "close") {
        stream.push(null);
        stream.end();
      }
      if (event.kind === "broken") {
        refuse({ kind: "garbled", via: "mqtt", wanted: "WebSocket frames", detail: event.why });
        stream.destroy();
      }
    }
  };
  socket.on("data", take);
  socket.on("end", () => void stream.push(null));
  socket.on("error", (error) => void stream.destroy(error));
  socket.on("close", () => void stream.destroy());
  if (rest.length > 0) take(rest);
  return stream;
}
