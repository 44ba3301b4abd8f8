import { type AddressInfo, createServer as createTcpServer } from "node:net";
import { Duplex } from "node:stream";
import { createSecureContext, createServer, TLSSocket } from "node:tls";
import { expect, onTestFinished, test } from "vitest";
import { type ConnectAsk, connectChecked, FaultError, notBegun, originOf, secureContexts } from "../../../protocols/http/connect.ts";
import { type MadeCertificate, makeCertificate } from "../../support/certificate.ts";
import { client, device, factory, MAC, never, OTHER_MAC, rawPeer, targetOf } from "./kit.ts";

const contexts = secureContexts();
const to = (port: number, more: Partial<ConnectAsk> = {}): ConnectAsk => ({
  address: "127.0.0.1",
  port,
  proof: { secure: true, trust: "any" },
  context: contexts({}),
  signal: never,
  progress: notBegun(),
  ...more,
});

test.each([
  [{ address: "192.0.2.7", port: 443, secure: true }, "https://192.0.2.7:443"],
  [{ address: "2001:db8::7", port: 80, secure: false }, "http://[2001:db8::7]:80"],
  [{ address: "phone-7.example", port: 8443, secure: true }, "https://phone-7.example:8443"],
  [{ address: "user@phone", port: 443, secure: true }, undefined],
  [{ address: "phone/x", port: 443, secure: true }, undefined],
  [{ address: "256.1.1.1", port: 443, secure: true }, undefined],
] as const)("originOf(): %j is %s", (peer, origin) => {
  expect(originOf(peer)).toBe(origin);
});

test("connectChecked(): gives the socket and what the peer showed", async () => {
  const peer = await device(() => undefined);
  const { socket, certificate } = await connectChecked(to(peer.port, { proof: { secure: true, trust: "any", expectMac: MAC } }));
  expect(certificate?.fingerprint).toBe(factory.fingerprint);
  socket.destroy();
});

test("connectChecked(): plain TCP shows no certificate", async () => {
  const peer = await rawPeer(() => undefined);
  const connected = await connectChecked(to(peer.port, { proof: { secure: false, trust: "any" } }));
  expect(connected).not.toHaveProperty("certificate");
  connected.socket.destroy();
});

test("connectChecked(): a wrong subject rejects with the fault and ends the connection", async () => {
  const peer = await device(() => undefined);
  const failed = connectChecked(to(peer.port, { proof: { secure: true, trust: "any", expectMac: OTHER_MAC } }));
  const error: unknown = await failed.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(FaultError);
  expect((error as FaultError).fault).toMatchObject({ kind: "impostor", wanted: OTHER_MAC });
});

test("connectChecked(): a signal that is over already, or ends during the handshake, rejects with its reason", async () => {
  const stop = new AbortController();
  const peer = await rawPeer(() => stop.abort("stop"));
  await expect(connectChecked(to(peer.port, { signal: AbortSignal.abort("over") }))).rejects.toBe("over");
  await expect(connectChecked(to(peer.port, { signal: stop.signal }))).rejects.toBe("stop");
});

/** Garbage in one piece with the end of the handshake. */
async function spoiledAfterHandshake(): Promise<{ readonly port: number }> {
  const server = createTcpServer((socket) => {
    socket.on("error", () => undefined);
    const wire = new Duplex({
      read() {},
      write(chunk: Buffer, _encoding, done) {
        socket.write(Buffer.concat([chunk, Buffer.alloc(64, 0xff)]));
        done();
      },
    });
    socket.on("data", (chunk: Buffer) => void wire.push(chunk));
    wire.on("error", () => undefined);
    const secureContext = createSecureContext({ cert: factory.cert, key: factory.key });
    const tls = new TLSSocket(wire, { isServer: true, secureContext });
    tls.on("error", () => undefined);
    socket.once("close", () => tls.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  return { port: (server.address() as AddressInfo).port };
}

test("connectChecked(): a peer that spoils the connection as the handshake ends harms nobody", async () => {
  const peer = await spoiledAfterHandshake();
  const http = client();
  expect(await http.certificate(targetOf(peer), never)).toMatchObject({ ok: true });
  expect(await http.ask(targetOf(peer), { method: "GET", path: "/" }, never)).toMatchObject({ ok: false, fault: { via: "tls" } });
});

test("connectChecked(): a peer that closes during the handshake rejects", async () => {
  const peer = await rawPeer((socket) => socket.end());
  await expect(connectChecked(to(peer.port))).rejects.toThrow();
});

test("secureContexts(): TLS 1.0 only where it was asked for [prov 3.6]", async () => {
  const { cert, key } = factory;
  const server = createServer({ cert, key, minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "DEFAULT:@SECLEVEL=0" }, (socket) => {
    socket.on("error", () => undefined);
  });
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await expect(connectChecked(to(port))).rejects.toThrow();
  const { socket } = await connectChecked(to(port, { context: contexts({ oldTls: true }) }));
  socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

/** A peer whose certificate names 127.0.0.1 and is its own root. */
const CLOUD = makeCertificate("CN=cloud.example", undefined, "127.0.0.1");
const rooted = (port: number, roots?: string): ConnectAsk =>
  to(port, { proof: { secure: true, trust: "roots" }, context: contexts(roots === undefined ? {} : { roots }) });

test("connectChecked(): a peer with proved chain and name is connected to", async () => {
  const peer = await device(() => undefined, CLOUD);
  const { socket, certificate } = await connectChecked(rooted(peer.port, CLOUD.cert));
  expect(certificate?.commonName).toBe("cloud.example");
  socket.destroy();
});

test.each<[string, MadeCertificate, string | undefined, string]>([
  ["no root we know", CLOUD, undefined, "SELF_SIGNED"],
  ["another root", CLOUD, makeCertificate("CN=other", undefined, "127.0.0.1").cert, "SELF_SIGNED"],
  ["another address", makeCertificate("CN=cloud.example", undefined, "127.0.0.2"), "own", "ALTNAME_INVALID"],
  ["no address but its name", makeCertificate("CN=127.0.0.1"), "own", "ALTNAME_INVALID"],
  ["days that are over", makeCertificate("CN=x", Date.UTC(2021, 0, 1), "127.0.0.1"), "own", "HAS_EXPIRED"],
])("connectChecked(): where roots are asked for, a certificate with %s proves nothing", async (_what, shown, roots, why) => {
  const peer = await device(() => undefined, shown);
  const error: unknown = await connectChecked(rooted(peer.port, roots === "own" ? shown.cert : roots)).catch((reason: unknown) => reason);
  expect(error instanceof FaultError && error.fault).toMatchObject({ kind: "impostor", via: "tls", wanted: "127.0.0.1" });
  expect(error instanceof FaultError && error.fault.kind === "impostor" && error.fault.found).toContain(why);
  expect(peer.requests).toEqual([]);
});

test("connectChecked(): the hello to a device fits one packet, whatever the runtime would offer beside", async () => {
  const hello = Promise.withResolvers<Buffer>();
  const server = createTcpServer((socket) => {
    socket.once("data", (bytes: Buffer) => {
      hello.resolve(bytes);
      socket.destroy();
    });
  });
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  await connectChecked(to((server.address() as AddressInfo).port)).catch(() => undefined);
  const said = await hello.promise;
  // Record and handshake head: 22, length; the whole of it came at once. Source: RFC 8446, 4 and 5.1.
  expect([said[0], said.readUInt16BE(3) + 5]).toEqual([22, said.length]);
  expect(said.length).toBeLessThan(1_400);
});
