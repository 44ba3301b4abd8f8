/** Loopback peers and asks for tests of HTTP to devices. */
import { type AddressInfo, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { type Budget, HTTP_BUDGET } from "../../../protocols/core/budget.ts";
import type { Mac } from "../../../protocols/core/ids.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { type Login, Secret } from "../../../protocols/core/secret.ts";
import { createHttpClient, type HttpClient, type HttpTarget } from "../../../protocols/http/client.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { type Handler, type HttpsDevice, httpsDevice } from "../../support/https-device.ts";

export const MAC = "64167faabbcc" as Mac;
export const OTHER_MAC = "64167fddeeff" as Mac;
export const PASSWORD = "s3cret-canary";
export const login: Login = { id: "site", user: "Polycom", password: new Secret(PASSWORD) };
export const never = new AbortController().signal;
export const factory = makeCertificate(`CN=${MAC.toUpperCase()}, O=Polycom Inc.`);

export function client(): HttpClient {
  const http = createHttpClient({ random: seededRandom(7) });
  onTestFinished(() => http.close());
  return http;
}

export async function device(handler: Handler, certificate: typeof factory | undefined = factory): Promise<HttpsDevice> {
  const made = await httpsDevice(certificate, handler);
  onTestFinished(() => made.close());
  return made;
}

/** A device over plain HTTP. */
export async function plainDevice(handler: Handler): Promise<HttpsDevice> {
  const made = await httpsDevice(undefined, handler);
  onTestFinished(() => made.close());
  return made;
}

export function targetOf(peer: { readonly port: number }, more: Partial<HttpTarget> = {}): HttpTarget {
  return { address: "127.0.0.1", port: peer.port, secure: true, trust: "any", ...more };
}

export const within = (timeMs: number, bytes = HTTP_BUDGET.bytes): Budget => ({ ...HTTP_BUDGET, timeMs, bytes });

export interface RawPeer {
  readonly port: number;
  readonly connections: () => number;
  /** Every byte that arrived, over all connections. */
  readonly heard: () => string;
}

/** A TCP peer that says what it likes; `speak` runs once per connection, when the first bytes have arrived. */
export async function rawPeer(speak: (socket: Socket) => void): Promise<RawPeer> {
  const open = new Set<Socket>();
  let connections = 0;
  let heard = "";
  const server = createServer((socket) => {
    connections++;
    open.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => open.delete(socket));
    socket.on("data", (bytes: Buffer) => {
      heard += bytes.toString("latin1");
    });
    socket.once("data", () => speak(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        for (const socket of open) socket.destroy();
      }),
  );
  return { port: (server.address() as AddressInfo).port, connections: () => connections, heard: () => heard };
}
