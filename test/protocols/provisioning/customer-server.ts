/** A customer's boot server for a test: it remembers each request as it came and answers what it is told. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { onTestFinished } from "vitest";
import { type Answer, readAnswer, sendRaw } from "./kit.ts";

export interface Heard {
  readonly method: string;
  readonly url: string;
  /** Name and value in turn, as they came. */
  readonly rawHeaders: readonly string[];
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export interface CustomerServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly heard: readonly Heard[];
  /** Connections it has taken. */
  readonly connections: () => number;
  close(): Promise<void>;
}

export type Says = (heard: Heard, response: ServerResponse, request: IncomingMessage) => void;

export async function openCustomerServer(says: Says, port = 0): Promise<CustomerServer> {
  const heard: Heard[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("error", () => undefined);
    request.on("end", () => {
      const { method = "", url = "", rawHeaders } = request;
      const headers = new Map(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const one = { method, url, rawHeaders, headers, body: Buffer.concat(pieces) };
      heard.push(one);
      says(one, response, request);
    });
  });
  server.on("connection", (socket) => {
    connections++;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  const { port: taken } = server.address() as AddressInfo;
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    if (server.listening) await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  onTestFinished(close);
  return { url: `http://127.0.0.1:${taken}`, host: `127.0.0.1:${taken}`, port: taken, heard, connections: () => connections, close };
}

/** One request to any server of this machine, its headers exactly as given. */
export async function askPlainly(port: number, head: readonly string[], body: string | Buffer = ""): Promise<Answer> {
  return readAnswer(await sendRaw(port, Buffer.concat([Buffer.from([...head, "", ""].join("\r\n"), "latin1"), Buffer.from(body)])));
}
