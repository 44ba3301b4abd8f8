/** The endpoint of `kit` with a port over TLS, and a phone that comes there with a certificate or without. */
import type { Socket } from "node:net";
import { type ConnectionOptions, connect, type TLSSocket } from "node:tls";
import { onTestFinished } from "vitest";
import type { Mac } from "../../../protocols/core/ids.ts";
import { systemRandom } from "../../../protocols/core/random.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import type { AccountSetting } from "../../../protocols/provisioning/basic-digest.ts";
import type { EndpointOptions } from "../../../protocols/provisioning/endpoint.ts";
import type { TlsSetting } from "../../../protocols/provisioning/tls.ts";
import { type MadeCertificate, makeAuthority, makeCertificate } from "../../support/certificate.ts";
import { type Answer, type Bench, openBench, type PhoneAsk, readAnswer } from "./kit.ts";

export const SERVER = makeCertificate("CN=provisioning", undefined, "127.0.0.1");
/** Signs phones of the site, as their maker does. */
export const MAKER = makeAuthority("CN=maker");
export const ACCOUNT: AccountSetting = {
  user: "site",
  password: new Secret("canary-password"),
  digests: ["sha-256", "md5"],
  basicInClear: false,
};
export const BASIC = `Authorization: Basic ${Buffer.from("site:canary-password").toString("base64")}`;

export interface SecureBench extends Bench {
  readonly securePort: number;
}

export async function openSecureBench(
  tls: Partial<TlsSetting> = {},
  door: { readonly account?: AccountSetting; readonly knows?: (mac: Mac) => boolean } = {},
  more: Partial<EndpointOptions> = {},
  imageBytes?: number,
): Promise<SecureBench> {
  const options: Partial<EndpointOptions> = {
    tls: {
      ...{ port: 0, certificate: SERVER.cert, key: new Secret(SERVER.key), clientRoots: MAKER.cert },
      ...{ oldClients: false, clientCertificates: "off" },
      ...tls,
    },
    door: { random: systemRandom(), ...door },
    ...more,
  };
  const bench = await openBench(options, imageBytes);
  return { ...bench, securePort: bench.endpoint.securePort as number };
}

/** Ends with the test. Rejects where the handshake fails. */
export function connectTls(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false, ...options }, () => resolve(socket));
    onTestFinished(() => void socket.destroy());
    socket.once("error", reject);
  });
}

/** All that comes back until the connection is closed. */
export function readAll(socket: Socket): Promise<Buffer> {
  const pieces: Buffer[] = [];
  return new Promise((resolve) => {
    socket.on("data", (piece: Buffer) => pieces.push(piece));
    socket.on("error", () => undefined);
    socket.once("close", () => resolve(Buffer.concat(pieces)));
  });
}

/** One request over a connection of its own. */
export async function securePhone(
  bench: SecureBench,
  target: string,
  ask: PhoneAsk & { readonly as?: MadeCertificate } = {},
): Promise<Answer> {
  const socket = await connectTls(bench.securePort, ask.as === undefined ? {} : { cert: ask.as.cert, key: ask.as.key });
  const length = ask.body === undefined ? [] : [`Content-Length: ${ask.body.length}`];
  const head = [`${ask.method ?? "GET"} ${target} HTTP/1.1`, "Host: x", "Connection: close", ...length, ...(ask.headers ?? []), "", ""];
  const answer = readAll(socket);
  socket.write(head.join("\r\n"));
  if (ask.body !== undefined) socket.write(ask.body);
  return readAnswer(await answer);
}
