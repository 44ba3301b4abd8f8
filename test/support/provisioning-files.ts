/**
 * A provisioning server as a test wants it: files by path, and a list of who asked for what.
 */
import { createServer, type IncomingHttpHeaders, type Server } from "node:http";
import type { AddressInfo } from "node:net";

export interface Asked {
  readonly line: string;
  readonly agent: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface FileAnswer {
  readonly status: number;
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FileServer {
  readonly url: string;
  readonly asked: readonly Asked[];
  /** `GET /x`, in order. */
  lines(): readonly string[];
  close(): Promise<void>;
}

/** `answer` gets `GET /path`; `undefined` is 404. What matches `broken` is cut off without an answer. */
export async function openFiles(
  answer: (line: string, headers: IncomingHttpHeaders) => FileAnswer | undefined,
  broken?: RegExp,
): Promise<FileServer> {
  const asked: Asked[] = [];
  const server: Server = createServer(async (request, response) => {
    let body = "";
    for await (const piece of request) body += String(piece);
    const line = `${request.method} ${request.url}`;
    asked.push({ line, agent: request.headers["user-agent"] ?? "", headers: request.headers, body });
    if (broken?.test(line)) return void request.socket.destroy();
    const { status, body: text, headers = {} } = answer(line, request.headers) ?? { status: 404 };
    response.writeHead(status, headers).end(text);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    asked,
    lines: () => asked.map(({ line }) => line),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
