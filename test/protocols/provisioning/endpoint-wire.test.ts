/** Requests that are odd, that could be read in two ways, or that hide a second one: in clear and over TLS. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { type Bench, MAC, OTHER_MAC, sendRaw } from "./kit.ts";
import { connectTls, openSecureBench, readAll, type SecureBench } from "./secure-kit.ts";

const LIMITS = { limits: { headersMs: 300, requestMs: 300, idleMs: 300 } };
const reasons = (bench: Bench): readonly string[] => bench.told().flatMap((event) => (event.kind === "refused" ? [event.reason] : []));
const statuses = (answers: Buffer): readonly number[] =>
  [...answers.toString("latin1").matchAll(/^HTTP\/1\.1 (\d\d\d) /gm)].map(([, status]) => Number(status));

async function sendSecure(bench: SecureBench, bytes: string): Promise<Buffer> {
  const socket = await connectTls(bench.securePort);
  const answers = readAll(socket);
  socket.write(Buffer.from(bytes, "latin1"));
  return answers;
}
const both = async (bytes: string): Promise<readonly { readonly bench: SecureBench; readonly answers: Buffer }[]> => {
  const [clear, secure] = [await openSecureBench({}, {}, LIMITS), await openSecureBench({}, {}, LIMITS)];
  const [inClear, overTls] = await Promise.all([sendRaw(clear.endpoint.port, Buffer.from(bytes, "latin1")), sendSecure(secure, bytes)]);
  return [
    { bench: clear, answers: inClear },
    { bench: secure, answers: overTls },
  ];
};
const head = (line: string, ...headers: readonly string[]): string =>
  `${[line, "Host: x", "Connection: close", ...headers].join("\r\n")}\r\n\r\n`;
/** The connection may go on after it. */
const goingOn = (line: string, ...headers: readonly string[]): string => `${[line, "Host: x", ...headers].join("\r\n")}\r\n\r\n`;

test.each<[string, string, readonly number[]]>([
  ["a MAC in upper case", head(`GET /${MAC.toUpperCase()}.cfg HTTP/1.1`), [200]],
  ["HTTP/0.9, answered as if it were newer", `GET /${MAC}.cfg\r\n\r\n`, [200]],
  ["a target in absolute form", head(`GET http://other.example/${MAC}.cfg HTTP/1.1`), [404]],
  ["a target encoded twice", head("GET /%252e%252e/%252e%252e/etc/passwd HTTP/1.1"), [404]],
  ["dots in overlong UTF-8, encoded", head("GET /%c0%ae%c0%ae/etc/passwd HTTP/1.1"), [404]],
  ["an encoded NUL", head(`GET /${MAC}.cfg%00.log HTTP/1.1`), [404]],
  ["a target longer than any", head(`GET /${"a/".repeat(4_000)} HTTP/1.1`), [404]],
  ["an expectation nobody knows", head(`GET /${MAC}.cfg HTTP/1.1`, "Expect: miracles"), [417]],
  [
    "three requests at once, answered in their order",
    `${goingOn(`GET /${MAC}.cfg HTTP/1.1`)}${goingOn("GET /x HTTP/1.1")}${head(`GET /${MAC}.cfg HTTP/1.1`)}`,
    [200, 404, 200],
  ],
  ["a hundred headers", head(`GET /${MAC}.cfg HTTP/1.1`, ...Array.from({ length: 100 }, (_, i) => `x${i}: y`)), [200]],
])("endpoint: %s", async (_what, bytes, expected) => {
  for (const { bench, answers } of await both(bytes)) {
    expect([statuses(answers), reasons(bench)]).toEqual([expected, expect.anything()]);
    expect(bench.uploaded()).toEqual([]);
  }
});

test.each([
  ["the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ["a NUL in the target", head(`GET /${MAC}\u0000.cfg HTTP/1.1`)],
  ["a NUL in a header", head(`GET /${MAC}.cfg HTTP/1.1`, "X: \u0000")],
  ["headers longer than any", head("GET /x HTTP/1.1", `X: ${"y".repeat(20_000)}`)],
  ["a thousand headers", head("GET /x HTTP/1.1", ...Array.from({ length: 1_000 }, (_, i) => `x-${i}: ${"y".repeat(12)}`))],
  ["a header without a name", head("GET /x HTTP/1.1", ": y")],
  ["a chunk larger than any number", `${head(`PUT /${MAC}-app.log HTTP/1.1`, "Transfer-Encoding: chunked")}fffffffffffffffff\r\nx`],
  [
    "an extension of a chunk longer than any",
    `${head(`PUT /${MAC}-app.log HTTP/1.1`, "Transfer-Encoding: chunked")}1;${"x".repeat(20_000)}\r\nx\r\n0\r\n\r\n`,
  ],
  ["a length larger than any number", head(`PUT /${MAC}-app.log HTTP/1.1`, "Content-Length: 99999999999999999999")],
  ["a negative length", head(`PUT /${MAC}-app.log HTTP/1.1`, "Content-Length: -1")],
])("endpoint: %s is no request: it ends the connection and leaves nothing", async (_what, bytes) => {
  for (const { bench, answers } of await both(bytes)) {
    // What was read up to there may have been answered with a refusal.
    expect(statuses(answers).filter((status) => status < 400)).toEqual([]);
    while (bench.uploaded().length > 0) await turn();
    expect(reasons(bench)).toContain("not HTTP");
    expect(bench.events.filter(({ kind }) => kind === "bug")).toEqual([]);
  }
});

test("endpoint: chunks with extensions and trailers are an upload like any", async () => {
  const bytes = `${head(`PUT /${MAC}-app.log HTTP/1.1`, "Transfer-Encoding: chunked")}5;x="y"\r\nhello\r\n0;z\r\nx-trailer: y\r\n\r\n`;
  for (const { bench, answers } of await both(bytes)) {
    expect(statuses(answers)).toEqual([201]);
    expect(readFileSync(join(bench.uploadFolder, `${MAC}-app.log`), "utf8")).toBe("hello");
  }
});

const INNER = `PUT /${OTHER_MAC}-app.log HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\nx`;
const LENGTH = `Content-Length: ${INNER.length + 5}`;

test.each([
  ["a length and chunks", [LENGTH, "Transfer-Encoding: chunked"]],
  ["chunks and a length", ["Transfer-Encoding: chunked", LENGTH]],
  ["two lengths", ["Content-Length: 5", LENGTH]],
  ["one length twice in a list", ["Content-Length: 5, 5"]],
  ["an encoding of another name", [LENGTH, "Transfer-Encoding: xchunked"]],
  ["chunks that are chunked again", [LENGTH, "Transfer-Encoding: chunked, chunked"]],
  ["a blank before the colon", [LENGTH, "Transfer-Encoding : chunked"]],
  ["an odd blank in the value", [LENGTH, "Transfer-Encoding:\u000bchunked"]],
  ["a folded header", [LENGTH, "X: y\r\n Transfer-Encoding: chunked"]],
  ["a bare line feed before the encoding", [LENGTH, "X: y\nTransfer-Encoding: chunked"]],
  ["a bare carriage return before the encoding", [LENGTH, "X: y\rTransfer-Encoding: chunked"]],
  ["a length with a sign", ["Content-Length: +5"]],
  ["a length in hex", ["Content-Length: 0x5"]],
])("endpoint: a request hidden behind %s is never served", async (_what, framing) => {
  for (const { bench } of await both(`${goingOn("POST /x HTTP/1.1", ...framing)}0\r\n\r\n${INNER}`)) {
    expect(bench.uploaded()).toEqual([]);
    expect(bench.events.filter((event) => event.kind === "checkIn" && event.mac === OTHER_MAC)).toEqual([]);
  }
});
