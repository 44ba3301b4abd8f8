/**
 * The stream under an MQTT connection: TCP, or a tunnel through a proxy; TLS over it; a WebSocket over that. Each is there
 * before the next speaks, and nothing of ours is sent before the broker's certificate is good.
 */
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { Duplex } from "node:stream";
import { connect as connectTls, createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import { codeOf } from "../core/error-code.ts";
import { type Fault, fail, ok, type Result } from "../core/fault.ts";
import type { Random } from "../core/random.ts";
import { connectionFault } from "./failure.ts";
import type { MqttOptions } from "./link.ts";
import { openTunnel } from "./tunnel.ts";
import { openWebSocket } from "./websocket.ts";

export interface DialIo {
  readonly random: Random;
  /** The broker is there: what it does from now on says something about its MQTT. */
  reached(): void;
  /** Why the connection ends, told before it does. */
  refuse(fault: Fault): void;
}

/** Answers at once; what is written meanwhile waits. */
export function dial(options: MqttOptions, io: DialIo): Duplex {
  const context = options.tls === undefined ? undefined : contextOf(options.tls);
  if (context !== undefined && !context.ok) return late(async () => context, io);
  // The plain ways need no stream around the socket.
  if (options.proxy === undefined && options.webSocket === undefined) {
    const tcp = connectTcp({ host: options.host, port: options.port });
    tcp.setNoDelay(true);
    const socket = context === undefined ? tcp : overTls(tcp, options, context.value, io);
    socket.once(context === undefined ? "connect" : "secureConnect", io.reached);
    return socket;
  }
  return late((signal) => open(options, context?.value, io, signal), io);
}

/** One after the other; the sockets of a way that ends half are destroyed by the signal. */
async function open(options: MqttOptions, context: SecureContext | undefined, io: DialIo, signal: AbortSignal): Promise<Result<Duplex>> {
  const { host, port, proxy, webSocket } = options;
  let socket: Socket = connectTcp(proxy === undefined ? { host, port } : { host: proxy.host, port: proxy.port });
  socket.setNoDelay(true);
  signal.addEventListener("abort", () => socket.destroy(), { once: true });
  const connected = await once(socket, "connect", proxy?.host ?? host);
  if (!connected.ok) return connected;
  if (proxy !== undefined) {
    const tunnel = await openTunnel(socket, { ...proxy, host, port }, signal);
    if (!tunnel.ok) return tunnel;
  }
  if (context !== undefined) {
    socket = overTls(socket, options, context, io);
    const secured = await once(socket, "secureConnect", host);
    if (!secured.ok) return secured;
  }
  const target = { host, port, secure: context !== undefined, path: webSocket?.path ?? "" };
  const opened = webSocket === undefined ? ok(socket) : await openWebSocket(socket, target, io, signal);
  if (opened.ok) io.reached();
  return opened;
}

/**
 * TLS over a TCP connection, which may still be opening. What goes wrong is told here, where it is known what the broker had
 * shown by then: a TLS socket that opened its own connection has forgotten it.
 */
function overTls(tcp: Socket, { host, tls }: MqttOptions, secureContext: SecureContext, io: DialIo): TLSSocket {
  const name = tls?.serverName ?? host;
  // An address is no server name (RFC 6066, 3), yet the certificate has to be for it.
  const named = isIP(name) === 0 ? { servername: name } : {};
  const secured = connectTls({ socket: tcp, host, secureContext, rejectUnauthorized: true, ...named });
  // What is written before the handshake is done would fail in its place, and without its reason.
  secured.cork();
  secured.once("secureConnect", () => secured.uncork());
  secured.on("error", (error) => io.refuse(connectionFault(error, host, secured)));
  tcp.on("error", (error) => void secured.destroy(error));
  return secured;
}

function contextOf(tls: NonNullable<MqttOptions["tls"]>): Result<SecureContext> {
  const { ca, certificate, key, keyPassphrase } = tls;
  try {
    return ok(
      createSecureContext({
        minVersion: "TLSv1.2",
        ...(ca === undefined ? {} : { ca }),
        ...(certificate === undefined ? {} : { cert: certificate }),
        ...(key === undefined ? {} : { key: key.reveal() }),
        ...(keyPassphrase === undefined ? {} : { passphrase: keyPassphrase.reveal() }),
      }),
    );
  } catch (error) {
    return fail({ kind: "denied", via: "tls", detail: `our certificates or their key cannot be used: ${codeOf(error)}` });
  }
}

/** Resolves at the event, or with why it never comes. */
function once(socket: Socket, event: "connect" | "secureConnect", host: string): Promise<Result<void>> {
  return new Promise((resolve) => {
    socket.once(event, () => resolve(ok(undefined)));
    // Stays: an error without a listener would end the process.
    socket.on("error", (error) => resolve(fail(connectionFault(error, host))));
    socket.once("close", () => resolve(fail({ kind: "unreachable", via: "mqtt", detail: "connection closed" })));
  });
}

/** A stream over one that is still being opened. */
function late(opening: (signal: AbortSignal) => Promise<Result<Duplex>>, io: DialIo): Duplex {
  const stop = new AbortController();
  let inner: Duplex | undefined;
  const outer: Duplex = new Duplex({
    construct(done) {
      void opening(stop.signal).then((opened) => {
        if (!opened.ok) {
          if (!stop.signal.aborted) io.refuse(opened.fault);
          stop.abort();
          // The fault is told; the stream only has to end.
          outer.destroy();
          return done();
        }
        inner = opened.value;
        inner.on("data", (chunk: Buffer) => void (outer.push(chunk) || inner?.pause()));
        inner.on("end", () => void outer.push(null));
        inner.on("error", (error) => void outer.destroy(error));
        inner.on("close", () => void outer.destroy());
        done();
      });
    },
    read: () => void inner?.resume(),
    write: (chunk: Buffer, encoding, done) => void inner?.write(chunk, encoding, done),
    writev(chunks, done) {
      void inner?.write(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
    },
    final: (done) => void inner?.end(done),
    destroy(error, done) {
      stop.abort();
      inner?.destroy();
      done(error);
    },
  });
  return outer;
}
