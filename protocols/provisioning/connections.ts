/**
 * How many connections and requests each sender may have, and how long each may take.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { EndpointLimits } from "./limits.ts";
import type { Refusals } from "./refusals.ts";
import { addressOf } from "./request.ts";

export interface ServeIo {
  readonly limits: EndpointLimits;
  readonly refusals: Refusals;
  /** Answers one request; what it throws cuts that request off. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
  onBug(error: unknown): void;
}

export function createLimitedServer({ limits, refusals, answer, onBug }: ServeIo): Server {
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
  const server = createServer(
    {
      maxHeaderSize: 16 * 1024,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: 5_000,
      connectionsCheckingInterval: Math.min(2_000, limits.headersMs),
    },
    (request, response) => {
      if (!takes(request.socket, response)) return;
      answer(request, response).catch((error: unknown) => {
        response.destroy();
        onBug(error);
      });
    },
  );
  server.timeout = limits.idleMs;
  server.maxConnections = limits.connections;
  const open = new Map<string, number>();
  server.on("connection", (socket) => {
    const address = addressOf(socket);
    const count = (open.get(address) ?? 0) + 1;
    open.set(address, count);
    socket.once("close", () => {
      const left = (open.get(address) ?? 1) - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
    if (count <= limits.connectionsPerAddress) return;
    refusals.note(address, "too many connections");
    socket.destroy();
  });
  server.on("clientError", (_error, socket) => {
    refusals.note(addressOf(socket as Socket), "not HTTP");
    socket.destroy();
  });
  return server;
}
