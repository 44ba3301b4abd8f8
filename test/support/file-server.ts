/**
 * A server of files on 127.0.0.1 that remembers who asked for what.
 */
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface FileServer {
  /** Ends with a slash. */
  readonly url: string;
  readonly files: Map<string, Buffer | string>;
  readonly asked: Asked[];
  /** Answers in the files' stead where it returns true. */
  before: ((asked: Asked, response: ServerResponse, request: IncomingMessage) => boolean) | undefined;
  close(): Promise<void>;
}

export async function openFileServer(): Promise<FileServer> {
  const http = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8");
    request.on("data", (piece: string) => {
      body += piece;
    });
    request.on("end", () => {
      const { method = "", url = "", headers } = request;
      const asked = { method, path: url.slice(1), headers, body };
      server.asked.push(asked);
      if (server.before?.(asked, response, request) === true) return;
      const file = server.files.get(asked.path);
      response.writeHead(file === undefined ? 404 : 200);
      response.end(file);
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const server: FileServer = {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
    files: new Map(),
    asked: [],
    before: undefined,
    close() {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      http.closeAllConnections();
      return closed;
    },
  };
  return server;
}
