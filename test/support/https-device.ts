/** A loopback HTTPS server that stands for one device and notes every request it gets. */
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import type { TlsOptions } from "node:tls";
import type { MadeCertificate } from "./certificate.ts";

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}
export type Handler = (request: SeenRequest, response: ServerResponse) => void;

export interface HttpsDevice {
  readonly port: number;
  readonly requests: SeenRequest[];
  readonly connections: () => number;
  /** Most requests in progress at once. */
  readonly mostAtOnce: () => number;
  close(): Promise<void>;
}

/** Knows nothing after TLS 1.1. */
export const OLD_TLS: TlsOptions = { minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" };

/** @param where  another loopback address, or a port shared with other devices; 127.0.0.1 and a free port by default; terms of its TLS */
export async function httpsDevice(
  certificate: MadeCertificate | undefined,
  handler: Handler,
  where: { readonly host?: string; readonly port?: number; readonly tls?: TlsOptions } = {},
): Promise<HttpsDevice> {
  const requests: SeenRequest[] = [];
  let connections = 0;
  let running = 0;
  let most = 0;
  const open = new Set<Socket>();
  const onRequest = (request: IncomingMessage, response: ServerResponse): void => {
    most = Math.max(most, ++running);
    response.once("close", () => running--);
    let body = "";
    request.on("data", (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on("end", () => {
      const seen = { method: request.method ?? "", path: request.url ?? "", headers: request.headers, body };
      requests.push(seen);
      handler(seen, response);
    });
  };
  const server =
    certificate === undefined
      ? createHttp(onRequest)
      : createServer({ cert: certificate.cert, key: certificate.key, ...where.tls }, onRequest);
  server.on("connection", (socket: Socket) => {
    connections++;
    open.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => open.delete(socket));
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(where.port ?? 0, where.host ?? "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    requests,
    connections: () => connections,
    mostAtOnce: () => most,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  };
}

export function answerJson(response: ServerResponse, value: unknown, headers: Record<string, string | string[]> = {}): void {
  response.writeHead(200, { "content-type": "application/json", ...headers });
  response.end(typeof value === "string" ? value : JSON.stringify(value));
}
