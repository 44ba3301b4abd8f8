import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { expect, onTestFinished, test } from "vitest";
import type { Fault, Result } from "../../../protocols/core/fault.ts";
import { HEAD_BYTES } from "../../../protocols/mqtt/answer-head.ts";
import { CLOSE_TIMEOUT_MS, CONNECT_TIMEOUT_MS, MAX_FRAME_BYTES } from "../../../protocols/mqtt/link.ts";
import { answerFault, frameFault, openWebSocket, upgradeFault } from "../../../protocols/mqtt/websocket.ts";
import { acceptor } from "./gates.ts";
import { frame, handshake, unmasker } from "./server-frames.ts";

const NO_MQTT = { kind: "garbled", via: "http", wanted: "a WebSocket that carries MQTT" };
const never = new AbortController().signal;

test.each([
  [101, "garbled"],
  [200, "garbled"],
  [301, "garbled"],
  [401, "denied"],
  [403, "denied"],
  [404, "garbled"],
  [503, "unreachable"],
])("upgradeFault(): status %i is %s", (status, kind) => expect(upgradeFault(status)).toMatchObject({ kind, via: "http" }));

const coded = (code: string): Error => Object.assign(new Error("x"), { code });

test.each([
  ["WS_ERR_UNSUPPORTED_MESSAGE_LENGTH", { kind: "overBudget", budget: "bytes", limit: MAX_FRAME_BYTES }],
  ["WS_ERR_TOO_MANY_BUFFERED_PARTS", { kind: "overBudget", budget: "items" }],
  ["WS_ERR_INVALID_OPCODE", { kind: "garbled", detail: "WS_ERR_INVALID_OPCODE" }],
])("frameFault(): %s", (code, fault) => expect(frameFault(coded(code))).toMatchObject({ via: "mqtt", ...fault }));

test.each([
  [coded("HPE_HEADER_OVERFLOW"), null, { kind: "overBudget", limit: HEAD_BYTES }],
  [coded("HPE_INVALID_CONSTANT"), null, { kind: "garbled", wanted: "an HTTP answer" }],
  [coded("ECONNRESET"), null, { kind: "unreachable", detail: "connection closed" }],
  [coded("ECONNRESET"), coded("ETIMEDOUT"), { kind: "unreachable", detail: "ETIMEDOUT" }],
])("answerFault(): %s", (error, broke, fault) => expect(answerFault(error, broke)).toMatchObject({ via: "http", ...fault }));

test("answerFault(): an error without a code is the end of our patience", () =>
  expect(answerFault(new Error("x"), null)).toEqual({ kind: "stalled", waitedFor: `a WebSocket for ${CONNECT_TIMEOUT_MS} ms` }));

interface Opened {
  readonly result: Result<Duplex>;
  /** What was refused later. */
  readonly faults: readonly Fault[];
  readonly client: Socket;
  readonly server: Socket;
  /** What the server was asked. */
  readonly request: string;
}

/** @param answer  what the server says to a request with this key */
async function open(
  answer: (key: string, server: Socket) => void,
  { signal = never, ...target }: { host?: string; port?: number; secure?: boolean; path?: string; signal?: AbortSignal } = {},
): Promise<Opened> {
  const asked = Promise.withResolvers<readonly [Socket, string]>();
  const port = await acceptor((server) => {
    server.once("data", (chunk: Buffer) => {
      const request = chunk.toString("latin1");
      asked.resolve([server, request]);
      answer(/\r\nSec-WebSocket-Key: (\S+)\r\n/.exec(request)?.[1] ?? "", server);
    });
  });
  const client = connect({ host: "127.0.0.1", port });
  onTestFinished(() => void client.destroy());
  client.on("error", () => undefined);
  await once(client, "connect");
  const faults: Fault[] = [];
  const opening = openWebSocket(
    client,
    { host: "b.example", port: 80, secure: false, path: "/mqtt", ...target },
    (fault) => void faults.push(fault),
    signal,
  );
  const [server, request] = await asked.promise;
  return { result: await opening, faults, client, server, request };
}

const good = (key: string, server: Socket): void => void server.write(handshake(key));

function streamIn({ result }: Opened): Duplex {
  if (!result.ok) throw new Error(JSON.stringify(result.fault));
  return result.value;
}

/** All it says up to its end. */
async function heard(stream: Duplex): Promise<Buffer> {
  const chunks: Buffer[] = [];
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  if (!stream.closed) await new Promise<void>((resolve) => stream.once("close", () => resolve()));
  return Buffer.concat(chunks);
}

test.each([
  [{ host: "b.example", port: 443, secure: true, path: "/mqtt?x=1" }, "GET /mqtt?x=1 HTTP/1.1", "Host: b.example"],
  [{ host: "b.example", port: 8443, secure: true, path: "/" }, "GET / HTTP/1.1", "Host: b.example:8443"],
  [{ host: "::1", port: 80, secure: false, path: "/" }, "GET / HTTP/1.1", "Host: [::1]"],
])("openWebSocket(): asks for MQTT and nothing else at %j", async (target, first, host) => {
  const { request, result } = await open(good, target);
  const lines = request.trimEnd().split("\r\n");
  expect(lines[0]).toBe(first);
  const key = lines.find((line) => /^Sec-WebSocket-Key: [A-Za-z0-9+/]{22}==$/.test(line)) ?? "none";
  const rest = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Protocol: mqtt", "Sec-WebSocket-Version: 13"];
  expect(lines.slice(1).toSorted()).toEqual([host, key, ...rest].toSorted());
  expect(result.ok).toBe(true);
});

const ACCEPT = /sec-websocket-accept: .*\r\n/;
test.each([
  ["another key's answer", (text: string) => text.replace(ACCEPT, "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n")],
  ["another protocol", (text: string) => text.replace("protocol: mqtt", "protocol: chat")],
  ["no protocol", (text: string) => text.replace("sec-websocket-protocol: mqtt\r\n", "")],
  ["no upgrade", (text: string) => text.replace("upgrade: WebSocket\r\n", "")],
  ["an upgrade to something else", (text: string) => text.replace("upgrade: WebSocket", "upgrade: h2c")],
  ["a connection kept as it was", (text: string) => text.replace("keep-alive, Upgrade", "keep-alive")],
  ["an extension nobody asked for", (text: string) => text.replace("\r\n\r\n", "\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")],
])("openWebSocket(): %s is garbled", async (_name, spoil) => {
  const { result } = await open((key, server) => void server.write(spoil(handshake(key))));
  expect(result).toEqual({ ok: false, fault: NO_MQTT });
});

const endless = (first: string, server: Socket): void => {
  server.write(first);
  const more = (): void => {
    while (server.writable && server.write("x".repeat(1_024)));
  };
  server.on("drain", more);
  more();
};

test.each<readonly [string, (key: string, server: Socket) => void, Partial<Fault> & { detail?: string; limit?: number }]>([
  ["that refuses it", (_key, server) => void server.write("HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n"), { kind: "denied" }],
  [
    "that sends us elsewhere",
    (_key, server) => void server.write("HTTP/1.1 302 x\r\nLocation: http://127.0.0.1:1/\r\n\r\n"),
    { kind: "garbled", detail: "status 302" },
  ],
  ["whose body never ends", (_key, server) => endless("HTTP/1.1 404 x\r\n\r\n", server), { kind: "garbled", detail: "status 404" }],
  ["whose header never ends", (_key, server) => endless("HTTP/1.1 101 x\r\nX: ", server), { kind: "overBudget", limit: HEAD_BYTES }],
  ["that is none", (_key, server) => void server.write("SSH-2.0-x\r\n\r\n"), { kind: "garbled" }],
  ["that hangs up", (_key, server) => void server.end("HTTP/1.1 101 x\r\n"), { kind: "unreachable", detail: "connection closed" }],
  ["that breaks", (_key, server) => void server.resetAndDestroy(), { kind: "unreachable", detail: "ECONNRESET" }],
])("openWebSocket(): an answer %s", async (_name, answer, fault) => {
  const { result, client } = await open(answer);
  expect(result).toMatchObject({ ok: false, fault: { via: "http", ...fault } });
  // Little more is read than is needed to know.
  expect(client.bytesRead).toBeLessThan(HEAD_BYTES + 128 * 1_024);
  if (!client.closed) await once(client, "close");
});

test("openWebSocket(): ends with its signal, also one that is over", async () => {
  const cancelled = { ok: false, fault: { kind: "cancelled", by: "shutdown" } };
  const stop = new AbortController();
  const { result, client } = await open(() => stop.abort(), { signal: stop.signal });
  expect(result).toEqual(cancelled);
  expect(client.destroyed).toBe(true);
  const late = connect({ host: "127.0.0.1", port: 9 });
  late.on("error", () => undefined);
  const target = { host: "b.example", port: 80, secure: false, path: "/" };
  expect(await openWebSocket(late, target, () => undefined, stop.signal)).toEqual(cancelled);
});

test("openWebSocket(): what comes in frames, however they are cut, is one stream; what goes is masked", async () => {
  const said = Promise.withResolvers<Buffer>();
  const closed = Promise.withResolvers<void>();
  const opened = await open((key, server) => {
    server.on("data", unmasker({ data: said.resolve, close: () => closed.resolve() }));
    const half = Buffer.from([0x02, 1, 0x61, 0x89, 1, 0x21, 0x80, 1, 0x62]);
    server.write(Buffer.concat([Buffer.from(handshake(key)), half, frame(Buffer.from("c"))]));
    server.end(Buffer.concat([frame(Buffer.alloc(70_000, "d")), Buffer.from([0x88, 0])]));
  });
  const stream = streamIn(opened);
  stream.write(Buffer.alloc(70_000, "e"));
  expect(await heard(stream)).toEqual(Buffer.from(`abc${"d".repeat(70_000)}`));
  expect(await said.promise).toEqual(Buffer.alloc(70_000, "e"));
  await closed.promise;
  expect(opened.faults).toEqual([]);
});

test(
  "openWebSocket(): a server that closes and keeps its connection is left all the same",
  async () => {
    const opened = await open((key, server) => {
      server.write(Buffer.concat([Buffer.from(handshake(key)), Buffer.from([0x88, 2, 3, 0xe9])]));
      // It does not see that we end.
      server.pause();
    });
    expect(await heard(streamIn(opened))).toEqual(Buffer.alloc(0));
    expect([opened.client.destroyed, opened.faults]).toEqual([true, []]);
    // Far below the half minute that the library would wait.
  },
  10 * CLOSE_TIMEOUT_MS,
);

test("openWebSocket(): a connection that breaks says why", async () => {
  const opened = await open(good);
  const stream = streamIn(opened);
  const failed = once(stream, "error");
  opened.server.resetAndDestroy();
  expect(await failed).toEqual([expect.objectContaining({ code: "ECONNRESET" })]);
});

const garbled = { kind: "garbled", via: "mqtt", wanted: "WebSocket frames" };
const tooLong = { kind: "overBudget", via: "mqtt", budget: "bytes", limit: MAX_FRAME_BYTES };
const BROKEN: readonly (readonly [string, Buffer, object])[] = [
  ["text", Buffer.from([0x81, 1, 0x61]), { ...garbled, detail: "a text frame" }],
  ["text in parts", Buffer.from([0x01, 1, 0x61, 0x80, 1, 0x62]), { ...garbled, detail: "a text frame" }],
  ["a mask", Buffer.from([0x82, 0x81, 1, 2, 3, 4, 5]), garbled],
  ["reserved bits", Buffer.from([0xc2, 1, 1]), garbled],
  ["an opcode that does not exist", Buffer.from([0x83, 0]), garbled],
  ["a control opcode that does not exist", Buffer.from([0x8b, 0]), garbled],
  ["a control frame in parts", Buffer.from([0x09, 0]), garbled],
  ["a control frame that is too long", Buffer.from([0x89, 126, 0, 126]), garbled],
  ["a continuation of nothing", Buffer.from([0x80, 1, 1]), garbled],
  ["a message within another", Buffer.from([0x02, 1, 1, 0x82, 1, 1]), garbled],
  ["a length beyond every number", Buffer.from([0x82, 127, 255, 255, 255, 255, 255, 255, 255, 255]), tooLong],
  ["a length above the longest packet", Buffer.from([0x82, 127, 0, 0, 0, 0, 0, 0x10, 0, 1]), tooLong],
  [
    "a message of too many parts",
    Buffer.concat([Buffer.from([0x02, 1, 1]), ...Array.from({ length: 5_000 }, () => Buffer.from([0, 1, 1]))]),
    { kind: "overBudget", via: "mqtt", budget: "items" },
  ],
];

test.each(BROKEN)("openWebSocket(): %s breaks it for good, with the handshake or later", async (_name, bytes, fault) => {
  const after = frame(Buffer.from("after"));
  for (const first of [true, false]) {
    const opened = await open(
      (key, server) => void server.write(Buffer.concat([Buffer.from(handshake(key)), ...(first ? [bytes, after] : [])])),
    );
    if (!first) opened.server.write(Buffer.concat([bytes, after]));
    expect(await heard(streamIn(opened))).toEqual(Buffer.alloc(0));
    expect(opened.faults).toEqual([expect.objectContaining(fault)]);
  }
});

test("openWebSocket(): pings without end are not answered without end", async () => {
  const opened = await open(good);
  const stream = streamIn(opened);
  const ended = heard(stream);
  // One that does not read what we answer.
  opened.server.pause();
  const pings = Buffer.concat(Array.from({ length: 500 }, () => Buffer.concat([Buffer.from([0x89, 125]), Buffer.alloc(125)])));
  const flood = (): void => {
    while (opened.server.writable && opened.server.write(pings));
  };
  opened.server.on("drain", flood);
  flood();
  await ended;
  expect(opened.client.writableLength).toBeLessThan(128 * 1_024);
});
