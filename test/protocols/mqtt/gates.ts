/**
 * What may stand before a broker, on loopback: TLS, a WebSocket, an HTTP proxy. Each passes bytes to another port; none
 * shares a line with the client's own code. Source: RFC 6455, 4.2 and 5; RFC 9110, 9.3.6.
 */
import { once } from "node:events";
import { createServer as createWebServer, type IncomingMessage } from "node:http";
import { connect, createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer } from "node:tls";
import { onTestFinished } from "vitest";
import { frame, handshake, unmasker } from "./server-frames.ts";

async function listen(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  });
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as { port: number }).port;
}

/** Both ways, until one of them ends. */
function join(one: Duplex, other: Duplex): void {
  one.pipe(other).pipe(one);
  for (const [mine, theirs] of [
    [one, other],
    [other, one],
  ] as const) {
    mine.on("error", () => theirs.destroy());
    mine.on("close", () => theirs.destroy());
  }
}

export interface TlsTerms {
  readonly cert: string;
  readonly key: string;
  /** Demands certificates of this authority. */
  readonly clientCa?: string;
  readonly version?: "TLSv1.2" | "TLSv1.3";
}

/** TLS before `port`. `subjects`: who came with a certificate. */
export async function tlsGate(port: number, terms: TlsTerms): Promise<{ readonly port: number; readonly subjects: readonly string[] }> {
  const { cert, key, clientCa, version } = terms;
  const subjects: string[] = [];
  const demand = clientCa === undefined ? {} : { ca: clientCa, requestCert: true, rejectUnauthorized: true };
  const range = version === undefined ? {} : { minVersion: version, maxVersion: version };
  const server = createTlsServer({ cert, key, ...demand, ...range }, (socket) => {
    const name: unknown = socket.getPeerCertificate().subject?.CN;
    if (typeof name === "string") subjects.push(name);
    join(socket, connect({ host: "127.0.0.1", port }));
  });
  server.on("tlsClientError", () => undefined);
  return { port: await listen(server), subjects };
}

export interface WebGate {
  readonly port: number;
  /** What the client answered to pings. */
  readonly pongs: readonly string[];
  /** To the newest client, as it is. */
  say(bytes: Buffer): void;
}

/** A WebSocket before `port`; anything but `/mqtt` with the sub-protocol `mqtt` is 404, or what `status` says. */
export async function webGate(port: number, status = 101): Promise<WebGate> {
  const pongs: string[] = [];
  let newest: Duplex | undefined;
  const server = createWebServer();
  server.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
    const key = request.headers["sec-websocket-key"];
    const good = request.url === "/mqtt?v=5" && request.headers["sec-websocket-protocol"] === "mqtt" && status === 101;
    if (!good) return void socket.end(`HTTP/1.1 ${status === 101 ? 404 : status} No\r\nContent-Length: 0\r\n\r\n`);
    // A server may say its first words with the handshake.
    socket.write(handshake(String(key)));
    socket.write(Buffer.from([0x89, 2, 0x68, 0x69]));
    newest = socket;
    const broker = connect({ host: "127.0.0.1", port });
    socket.on(
      "data",
      unmasker({
        data: (bytes) => void broker.write(bytes),
        pong: (bytes) => void pongs.push(bytes.toString()),
        close: () => void broker.end(),
      }),
    );
    // One byte a frame for the first two: packets lie across frames.
    broker.on("data", (chunk: Buffer) => {
      for (const piece of [chunk.subarray(0, 1), chunk.subarray(1, 2), chunk.subarray(2)]) if (piece.length > 0) socket.write(frame(piece));
    });
    broker.on("error", () => undefined);
    broker.on("close", () => void socket.end(Buffer.from([0x88, 0])));
    socket.on("error", () => undefined);
    socket.on("close", () => broker.destroy());
  });
  return { port: await listen(server), pongs, say: (bytes) => void newest?.write(bytes) };
}

export interface ProxyGate {
  readonly port: number;
  /** `host:port` of each CONNECT it took. */
  readonly taken: readonly string[];
}

/** A proxy that takes CONNECT to `localhost` only. `login`: user and password it demands; `status`: what it says instead of a tunnel. */
export async function proxyGate(
  terms: { readonly login?: string; readonly status?: number; readonly says?: string } = {},
): Promise<ProxyGate> {
  const taken: string[] = [];
  const server = createServer((socket) => {
    let head = "";
    const onData = (chunk: Buffer): void => {
      head += chunk.toString("latin1");
      if (!head.includes("\r\n\r\n")) return;
      socket.off("data", onData);
      const [, host = "", port = ""] = /^CONNECT ([^ :]+):(\d+) HTTP\/1\.1\r\n/.exec(head) ?? [];
      const wanted = terms.login === undefined ? undefined : `Basic ${Buffer.from(terms.login).toString("base64")}`;
      if (terms.says !== undefined) return void socket.end(terms.says);
      if (terms.status !== undefined || host !== "localhost") return void socket.end(`HTTP/1.1 ${terms.status ?? 400} No\r\n\r\n`);
      if (wanted !== undefined && !head.includes(`\r\nProxy-Authorization: ${wanted}\r\n`)) {
        return void socket.end('HTTP/1.1 407 Login\r\nProxy-Authenticate: Basic realm="x"\r\n\r\n');
      }
      taken.push(`${host}:${port}`);
      const target = connect({ host: "127.0.0.1", port: Number(port) }, () => {
        socket.write("HTTP/1.1 200 Connection established\r\nVia: test\r\n\r\n");
        join(socket, target);
      });
      target.on("error", () => void socket.destroy());
    };
    socket.on("data", onData);
    socket.on("error", () => undefined);
  });
  return { port: await listen(server), taken };
}

/** Answers the first bytes with a text, whatever they are, and hangs up. */
export async function talker(text: string): Promise<number> {
  return listen(
    createServer((socket) => {
      socket.once("data", () => socket.end(text));
      socket.on("error", () => undefined);
    }),
  );
}
