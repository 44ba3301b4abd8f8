/** Connections over both ports: counted together, cut off in any state, and closed whatever they are doing. */

import { constants } from "node:crypto";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { type Bench, MAC, PART, phone, sendRaw, TOKEN } from "./kit.ts";
import { connectTls, openSecureBench, readAll, securePhone } from "./secure-kit.ts";

const reasons = (bench: Bench): readonly string[] => bench.told().flatMap((event) => (event.kind === "refused" ? [event.reason] : []));

async function hold(port: number, bytes: string | Buffer = ""): Promise<{ readonly socket: Socket; readonly closed: Promise<void> }> {
  const socket = connect({ port, host: "127.0.0.1" });
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => undefined);
  socket.resume();
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await once(socket, "connect");
  socket.write(bytes);
  return { socket, closed };
}

/** The first octets of a handshake, which never goes on. */
const HELLO = Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03]);

test.each([
  ["plain HTTP", `GET /${MAC}.cfg HTTP/1.1\r\nHost: x\r\n\r\n`],
  ["noise", "\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007"],
  ["a record longer than any", Buffer.from([0x16, 0x03, 0x01, 0xff, 0xff, ...Buffer.alloc(200)])],
  ["a message that is no hello", Buffer.from([0x16, 0x03, 0x01, 0x00, 0x04, 0x63, 0x00, 0x00, 0x00])],
  ["an SSL 2 hello", Buffer.from([0x80, 0x2e, 0x01, 0x00, 0x02, 0x00, 0x15, 0x00, 0x00, 0x00, 0x10, ...Buffer.alloc(60)])],
  ["application data before any handshake", Buffer.from([0x17, 0x03, 0x03, 0x00, 0x10, ...Buffer.alloc(16)])],
])("TLS port: %s ends the connection and is told as not TLS", async (_what, bytes) => {
  const bench = await openSecureBench();
  await sendRaw(bench.securePort, bytes);
  while (reasons(bench).length === 0) await turn();
  expect(reasons(bench)).toEqual(["not TLS"]);
  expect((await securePhone(bench, `/${MAC}.cfg`)).status).toBe(200);
});

test("TLS port: what is not HTTP inside TLS is told as that", async () => {
  const bench = await openSecureBench();
  const socket = await connectTls(bench.securePort);
  const ended = readAll(socket);
  socket.write("noise\r\n\r\n");
  await ended;
  expect(reasons(bench)).toEqual(["not HTTP"]);
});

test.each([
  ["says nothing", ""],
  ["stops in its handshake", HELLO],
])("TLS port: who %s is cut off when the time for headers is over", async (_what, bytes) => {
  const bench = await openSecureBench({}, {}, { limits: { headersMs: 40 } });
  await (await hold(bench.securePort, bytes)).closed;
  expect(bench.events.filter(({ kind }) => kind === "bug")).toEqual([]);
});

test("TLS port: who stops after the handshake, in the headers or in the body, is cut off too", async () => {
  const bench = await openSecureBench({}, {}, { limits: { headersMs: 200, idleMs: 200, requestMs: 400 } });
  for (const text of ["GET /x HTTP/1.1\r\nX-", `PUT /${MAC}-app.log HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nhalf`]) {
    const socket = await connectTls(bench.securePort);
    const ended = readAll(socket);
    socket.write(text);
    await ended;
  }
  while (bench.uploaded().length > 0) await turn();
  expect(bench.told().some(({ kind }) => kind === "upload")).toBe(false);
});

test("connections: one address has so many over both ports together, and gets new ones when old ones end", async () => {
  const bench = await openSecureBench({}, {}, { limits: { connectionsPerAddress: 3 } });
  const held = [await hold(bench.endpoint.port), await hold(bench.securePort), await hold(bench.securePort, HELLO)];
  await (await hold(bench.securePort)).closed;
  await (await hold(bench.endpoint.port)).closed;
  expect(reasons(bench)).toEqual(["too many connections"]);
  for (const { socket } of held) socket.destroy();
  let status = 0;
  while (status !== 200) status = (await phone(bench, `/${MAC}.cfg`)).status;
  // A connection over TLS that ends gives its place back as well.
  for (let left = 8; left > 0; left--) expect((await securePhone(bench, `/${MAC}.cfg`)).status).toBe(200);
});

test("connections: all have so many over both ports together, whoever is beyond is told of, and places come free", async () => {
  const bench = await openSecureBench({}, {}, { limits: { connections: 2 } });
  const held = [await hold(bench.endpoint.port), await hold(bench.securePort)];
  await (await hold(bench.securePort)).closed;
  await (await hold(bench.endpoint.port)).closed;
  expect(reasons(bench)).toEqual(["no room for more connections"]);
  for (const { socket } of held) socket.destroy();
  let status = 0;
  while (status !== 200) status = (await phone(bench, `/${MAC}.cfg`)).status;
});

test("TLS port: an offer that ends resets what carries it", async () => {
  const bench = await openSecureBench({}, {}, { limits: { connectionBytesPerSecond: 10_000 } });
  bench.endpoint.offer(bench.offer());
  const socket = await connectTls(bench.securePort);
  const failed = once(socket, "error").then(([error]) => (error as NodeJS.ErrnoException).code);
  socket.write(`GET /fw/${TOKEN}/${PART}.sip.ld HTTP/1.1\r\nHost: x\r\n\r\n`);
  await once(socket, "data");
  bench.endpoint.withdraw(TOKEN);
  expect(await failed).toBe("ECONNRESET");
});

test("TLS port: a client that wants to renegotiate gets nothing by it", async () => {
  const bench = await openSecureBench();
  const socket = await connectTls(bench.securePort, { maxVersion: "TLSv1.2", secureOptions: constants.SSL_OP_LEGACY_SERVER_CONNECT });
  const outcome = new Promise<string>((resolve) => {
    socket.on("error", () => resolve("refused"));
    socket.renegotiate({}, (error) => resolve(error === null ? "renegotiated" : "refused"));
  });
  expect(await outcome).toBe("refused");
  expect((await securePhone(bench, `/${MAC}.cfg`)).status).toBe(200);
});

test("close(): ends connections that have not even begun their handshake", async () => {
  const bench = await openSecureBench();
  const held = [await hold(bench.securePort), await hold(bench.securePort, HELLO), await hold(bench.endpoint.port)];
  const secured = await connectTls(bench.securePort);
  const gone = once(secured.resume(), "close");
  await bench.endpoint.close();
  await Promise.all([...held.map(({ closed }) => closed), gone]);
});

test("openEndpoint(): where the port over TLS is taken, the one in clear is given back", async () => {
  const bench = await openSecureBench();
  const free = await openSecureBench();
  const { port } = free.endpoint;
  await free.endpoint.close();
  await expect(openSecureBench({ port: bench.securePort }, {}, { port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  expect((await openSecureBench({}, {}, { port })).endpoint.port).toBe(port);
});
