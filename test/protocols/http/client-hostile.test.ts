/** Answers that are garbage, too large, too slow or never come: one fault each, within the budget. */

import type { ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { realSleep } from "../../../protocols/core/time.ts";
import { client, device, login, never, plainDevice, rawPeer, targetOf, within } from "./kit.ts";

const ask = { method: "GET", path: "/x" } as const;
const LIMIT = 4_096;
const OK = "HTTP/1.1 200 OK\r\n";

type Speech = (socket: Socket) => void;
const say =
  (text: string): Speech =>
  (socket) =>
    void socket.end(Buffer.from(text, "latin1"));
/** Says one piece again and again, as fast as the event loop turns, until the other side is gone. */
const trickle =
  (head: string, piece: string): Speech =>
  async (socket) => {
    socket.write(head);
    while (!socket.destroyed) {
      socket.write(piece);
      await turn();
    }
  };

/** As `trickle`, too slow to come to the end of what it began. */
const drip =
  (head: Buffer): Speech =>
  async (socket) => {
    for (socket.write(head); !socket.destroyed; socket.write("a")) await realSleep(5);
  };

const garbled = { kind: "garbled", via: "http", wanted: "an HTTP answer" };
const bytes = (limit: number) => ({ kind: "overBudget", via: "http", budget: "bytes", limit });

test.each<readonly [string, Speech, object]>([
  ["not HTTP", say("SSH-2.0-OpenSSH_9.2\r\n"), garbled],
  ["noise", say("\u0000\u0001\u00ff\u00fe\u0016\u0003\u0001"), garbled],
  ["a status that is no number", say("HTTP/1.1 2x0 OK\r\n\r\n"), garbled],
  ["an unheard-of version", say("HTTP/9.9 200 OK\r\n\r\n"), garbled],
  ["a header without a colon", say(`${OK}nonsense\r\n\r\n`), garbled],
  ["two lengths", say(`${OK}content-length: 5\r\ncontent-length: 6\r\n\r\nhello!`), garbled],
  ["a length and chunks", say(`${OK}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`), garbled],
  ["a chunk that is no number", say(`${OK}transfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n`), garbled],
  ["a length below zero", say(`${OK}content-length: -1\r\n\r\n`), garbled],
  ["a break in the middle of the body", say(`${OK}content-length: 50\r\n\r\nhello`), { via: "http" }],
  ["a break in the middle of the headers", say(`${OK}content-le`), { via: "http" }],
  ["nothing but a close", (socket) => void socket.end(), { kind: "unreachable", via: "http" }],
  ["a reset", (socket) => void socket.resetAndDestroy(), { kind: "unreachable", via: "http" }],
  ["an upgrade nobody asked for", say("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"), { via: "http" }],
  ["a body larger than the budget, stated", say(`${OK}content-length: ${LIMIT + 1}\r\n\r\n${"x".repeat(LIMIT + 1)}`), bytes(LIMIT)],
  ["a body without end", trickle(`${OK}transfer-encoding: chunked\r\n\r\n`, `400\r\n${"x".repeat(0x400)}\r\n`), bytes(LIMIT)],
  ["headers without end", trickle(OK, `x-${"y".repeat(500)}: z\r\n`), bytes(16 * 1024)],
  ["one header as long as a book", say(`${OK}x: ${"y".repeat(20_000)}\r\n\r\n`), bytes(16 * 1024)],
])("HttpClient.ask(): %s is one fault", async (_name, speak, fault) => {
  const peer = await rawPeer(speak);
  const answer = await client().ask(targetOf(peer, { secure: false }), { ...ask, budget: within(5_000, LIMIT) }, never);
  expect(answer).toMatchObject({ ok: false, fault });
  expect(peer.connections()).toBe(1);
});

test.each<readonly [string, Speech, object]>([
  ["silence", () => undefined, { kind: "unreachable", via: "http", detail: "silent until the time limit" }],
  ["half a head and then nothing", (socket) => void socket.write(`${OK}x`), { kind: "overBudget", budget: "time", limit: 300 }],
  [
    "one byte at a time of the body",
    trickle(`${OK}content-length: 9999999\r\n\r\n`, "x"),
    { kind: "overBudget", budget: "time", limit: 300 },
  ],
  ["headers and then nothing", (socket) => void socket.write(`${OK}content-length: 9\r\n\r\n`), { kind: "overBudget", budget: "time" }],
])("HttpClient.ask(): %s ends with the budget of time", async (_name, speak, fault) => {
  const peer = await rawPeer(speak);
  expect(await client().ask(targetOf(peer, { secure: false }), { ...ask, budget: within(300) }, never)).toMatchObject({ ok: false, fault });
});

/** The head of a handshake record whose rest never comes. Source: RFC 8446, 5.1. */
const RECORD = Buffer.from([0x16, 0x03, 0x03, 0x40, 0x00]);

test.each<readonly [string, Speech, object]>([
  ["never says hello", () => undefined, { kind: "unreachable", via: "tls", detail: "silent until the time limit" }],
  ["says half a hello", (socket) => void socket.write(RECORD), { kind: "overBudget", via: "tls", budget: "time", limit: 200 }],
  ["trickles its hello", drip(RECORD), { kind: "overBudget", via: "tls", budget: "time", limit: 200 }],
  ["resets in the handshake", (socket) => void socket.resetAndDestroy(), { kind: "unreachable", via: "tls", detail: "ECONNRESET" }],
  ["hangs up in the handshake", (socket) => void socket.end(), { kind: "unreachable", via: "tls", detail: "ECONNRESET" }],
])("HttpClient: a TLS port that %s is a fault of TLS", async (_what, speak, fault) => {
  const peer = await rawPeer(speak);
  const http = client();
  expect(await http.ask(targetOf(peer), { ...ask, budget: within(200) }, never)).toEqual({ ok: false, fault });
  // Of the caller's time the client knows only that it is over.
  const { limit: _, ...timeless } = { limit: 0, ...fault };
  expect(await http.certificate(targetOf(peer), AbortSignal.timeout(200))).toMatchObject({ ok: false, fault: timeless });
});

test.each<readonly [string, (response: ServerResponse) => void, object]>([
  ["says nothing", () => undefined, { kind: "unreachable", via: "https" }],
  ["says half a head", (response) => void response.socket?.write("HTTP/1.1 2"), { kind: "overBudget", via: "https", budget: "time" }],
  ["resets", (response) => void response.socket?.destroy(), { kind: "unreachable", via: "https" }],
])("HttpClient.ask(): a device that %s after the handshake is a fault of HTTPS", async (_what, speak, fault) => {
  const peer = await device((_request, response) => speak(response));
  expect(await client().ask(targetOf(peer), { ...ask, budget: within(300) }, never)).toMatchObject({ ok: false, fault });
});

test("HttpClient.ask(): where the handshake of a later connection stalls it is told so too", async () => {
  let met = 0;
  const peer = await rawPeer((socket) => (++met === 1 ? socket.end(`${OK}content-length: 1\r\n\r\nx`) : undefined));
  const http = client();
  expect(await http.ask(targetOf(peer, { secure: false }), ask, never)).toMatchObject({ ok: true });
  expect(await http.ask(targetOf(peer), { ...ask, budget: within(100) }, never)).toMatchObject({
    fault: { kind: "unreachable", via: "tls" },
  });
});

test("HttpClient.ask(): plain HTTP on the TLS port is a garbled handshake", async () => {
  const peer = await rawPeer(say("HTTP/1.1 400 Bad Request\r\n\r\n"));
  expect(await client().ask(targetOf(peer), ask, never)).toMatchObject({ ok: false, fault: { kind: "garbled", via: "tls" } });
});

test("HttpClient.ask(): the budget holds for the whole ask, its log-in included", async () => {
  let asked = 0;
  const peer = await plainDevice((_request, response) => {
    if (++asked === 1) response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
  });
  const answer = await client().ask(targetOf(peer, { secure: false }), { ...ask, login, budget: within(300) }, never);
  expect([answer.ok, asked]).toEqual([false, 2]);
});

test("HttpClient.ask(): a caller that stops while the answer is under way ends it as cancelled and closes the connection", async () => {
  const stop = new AbortController();
  let gone: Promise<unknown> | undefined;
  const peer = await rawPeer((socket) => {
    gone = new Promise((resolve) => socket.once("close", resolve));
    socket.write(`${OK}content-length: 9\r\n\r\nx`);
    stop.abort();
  });
  const answer = await client().ask(targetOf(peer, { secure: false }), ask, stop.signal);
  expect(answer).toEqual({ ok: false, fault: { kind: "cancelled", by: "shutdown" } });
  await gone;
});

test("HttpClient.ask(): after a hostile answer the same device is asked on a new connection", async () => {
  let answered = 0;
  const peer = await rawPeer((socket) => say(++answered === 1 ? "garbage\r\n\r\n" : `${OK}content-length: 2\r\n\r\nhi`)(socket));
  const http = client();
  expect(await http.ask(targetOf(peer, { secure: false }), ask, never)).toMatchObject({ ok: false, fault: garbled });
  expect(await http.ask(targetOf(peer, { secure: false }), ask, never)).toMatchObject({ ok: true, value: { status: 200 } });
});
