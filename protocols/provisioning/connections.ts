/**
 * How many connections and requests each sender may have, and how long each may take: in clear and over TLS.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer, type ServerOptions } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { SecureContextOptions, TLSSocket } from "node:tls";
import { codeOf } from "../core/error-code.ts";
import type { EndpointLimits } from "./limits.ts";
import type { Refusals } from "./refusals.ts";
import { addressOf } from "./request.ts";

export interface ServeIo {
  readonly limits: EndpointLimits;
  readonly refusals: Refusals;
  readonly crowd: Crowd;
  /** Answers one request; what it throws cuts that request off. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
  onBug(error: unknown): void;
}

/** Who is connected, over all ports. */
export interface Crowd {
  /** Why there is no room for it; it counts until it is closed in any case. */
  join(socket: Socket): "too many connections" | "no room for more connections" | undefined;
}

export interface LimitedServer {
  readonly port: number;
  /** Connections from now on get another certificate. Throws where it cannot be used; then the older one stays. */
  renew(context: SecureContextOptions): void;
  close(): Promise<void>;
}

export function createCrowd(limits: EndpointLimits): Crowd {
  const open = new Map<string, number>();
  let all = 0;
  return {
    join(socket) {
      const address = addressOf(socket);
      const count = (open.get(address) ?? 0) + 1;
      open.set(address, count);
      all++;
      socket.once("close", () => {
        all--;
        const left = (open.get(address) ?? 1) - 1;
        if (left === 0) open.delete(address);
        else open.set(address, left);
      });
      if (count > limits.connectionsPerAddress) return "too many connections";
      return all > limits.connections ? "no room for more connections" : undefined;
    },
  };
}

/** Listens, over TLS where `tls` is given. Rejects when the port cannot be bound. */
export async function openLimitedServer(
  io: ServeIo,
  at: { readonly host: string; readonly port: number },
  tls?: ServerOptions,
): Promise<LimitedServer> {
  const { limits } = io;
  const options = {
    maxHeaderSize: 16 * 1024,
    headersTimeout: limits.headersMs,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: 5_000,
    connectionsCheckingInterval: Math.min(2_000, limits.headersMs),
  };
  const answer = answerer(io);
  const secure = tls === undefined ? undefined : createSecureServer({ ...options, ...tls }, answer);
  const server = secure ?? createServer(options, answer);
  // A sender that waits for our word before its body has it when its request is admitted.
  server.on("checkContinue", answer);
  server.timeout = limits.idleMs;
  const sockets = watchSockets(server, io, secure !== undefined);
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(at.port, at.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    renew: (context) => secure?.setSecureContext(context),
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      // Those that are still in their handshake are not among them.
      for (const socket of sockets.values()) socket.destroy();
      await closed;
    },
  };
}

function answerer({ limits, refusals, answer, onBug }: ServeIo): (request: IncomingMessage, response: ServerResponse) => void {
  const atOnce = new WeakMap<Socket, number>();
  /** False where the connection was cut off for asking too much at once. */
  const takes = (socket: Socket, response: ServerResponse): boolean => {
    const count = (atOnce.get(socket) ?? 0) + 1;
    atOnce.set(socket, count);
    response.once("close", () => atOnce.set(socket, (atOnce.get(socket) ?? 1) - 1));
    if (count > limits.requestsAtOnce && !socket.destroyed) {
      refusals.note(addressOf(socket), "too many requests at once");
      socket.destroy();
    }
    return !socket.destroyed;
  };
  return (request, response) => {
    if (!takes(request.socket, response)) return;
    answer(request, response).catch((error: unknown) => {
      response.destroy();
      onBug(error);
    });
  };
}

const nameOf = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort} ${socket.localAddress}`;

/** Counts and bounds connections, from before their handshake on. @returns those that are open */
function watchSockets(server: Server, { refusals, crowd }: ServeIo, isTls: boolean): ReadonlyMap<string, Socket> {
  const sockets = new Map<string, Socket>();
  const secured = new WeakSet<Socket>();
  server.on("connection", (socket) => {
    const name = nameOf(socket);
    sockets.set(name, socket);
    socket.once("close", () => {
      if (sockets.get(name) === socket) sockets.delete(name);
    });
    const why = crowd.join(socket);
    if (why === undefined) return;
    refusals.note(addressOf(socket), why);
    socket.destroy();
  });
  server.on("secureConnection", (socket: TLSSocket) => {
    secured.add(socket);
    // TLS has no reset of its own; what it runs over has.
    const carrier = sockets.get(nameOf(socket));
    socket.resetAndDestroy = () => {
      carrier?.resetAndDestroy();
      return socket.destroy();
    };
  });
  server.on("clientError", (error, socket) => {
    const isShaking = isTls && !secured.has(socket as Socket);
    // Who goes away in its handshake, or was sent away, has said nothing wrong.
    if (!isShaking) refusals.note(addressOf(socket as Socket), "not HTTP");
    else if (codeOf(error) !== "ECONNRESET") refusals.note(addressOf(socket as Socket), "not TLS");
    socket.destroy();
  });
  return sockets;
}
