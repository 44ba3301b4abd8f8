import { PassThrough } from "node:stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { HEAD_BYTES, parseHead, readHead } from "../../../protocols/mqtt/answer-head.ts";

const never = new AbortController().signal;

test("parseHead(): status and headers, by lower-case name, repeated ones joined", () => {
  const head = parseHead("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nX: a\r\nx:b  ");
  expect([head?.status, [...(head?.headers ?? [])]]).toEqual([
    101,
    [
      ["upgrade", "websocket"],
      ["x", "a, b"],
    ],
  ]);
});

test.each([
  "",
  "HTTP/2 200",
  "HTTP/1.1 2000 OK",
  "HTTP/1.1 200 OK\r\nno colon",
  "HTTP/1.1 200 OK\r\n folded: x",
  "HTTP/1.1 099 x",
  "SSH-2.0-x",
])("parseHead(): %j is no answer", (text) => expect(parseHead(text)).toBeUndefined());

test("parseHead(): any text gives a head or nothing, and throws nothing", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) =>
      [undefined, "object"].includes(typeof parseHead(text) === "object" ? "object" : undefined),
    ),
  );
});

test("readHead(): however it is cut, the same head and the same rest", async () => {
  const bytes = Buffer.from("HTTP/1.0 200 OK\r\na: b\r\n\r\nrest");
  for (let cut = 1; cut < bytes.length; cut++) {
    const stream = new PassThrough();
    const read = readHead(stream, never);
    stream.write(bytes.subarray(0, cut));
    stream.write(bytes.subarray(cut));
    const head = await read;
    expect(head).toMatchObject({ ok: true, value: { status: 200 } });
    const rest = head.ok ? head.value.rest.toString() : "";
    expect(`${rest}${stream.read()?.toString() ?? ""}`).toBe("rest");
    expect(stream.listenerCount("data")).toBe(0);
  }
});

test.each([
  ["ends before its empty line", (stream: PassThrough) => void stream.end("HTTP/1.1 200 OK\r\n"), { kind: "unreachable" }],
  [
    "breaks",
    (stream: PassThrough) => void stream.destroy(Object.assign(new Error("x"), { code: "ECONNRESET" })),
    { kind: "unreachable", detail: "ECONNRESET" },
  ],
  ["is something else", (stream: PassThrough) => void stream.write("hello\r\n\r\n"), { kind: "garbled" }],
  ["never ends", (stream: PassThrough) => void stream.write("x".repeat(HEAD_BYTES + 1)), { kind: "overBudget", limit: HEAD_BYTES }],
])("readHead(): an answer that %s", async (_name, act, fault) => {
  const stream = new PassThrough();
  const read = readHead(stream, never);
  act(stream);
  expect(await read).toMatchObject({ ok: false, fault: { via: "http", ...fault } });
});

test("readHead(): ends with its signal, also one that is over", async () => {
  const stop = new AbortController();
  const read = readHead(new PassThrough(), stop.signal);
  stop.abort();
  const cancelled = { ok: false, fault: { kind: "cancelled", by: "shutdown" } };
  expect(await read).toEqual(cancelled);
  expect(await readHead(new PassThrough(), stop.signal)).toEqual(cancelled);
});
