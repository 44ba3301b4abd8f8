/**
 * What a phone sees on the wire, straight from a real nginx and through the endpoint in front of it: the same bytes, header names in
 * their letters and order, but for what is of one connection only.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { type Bench, openBench, sendRaw } from "../protocols/provisioning/kit.ts";
import { type BootServer, NGINX, openBootServer } from "./boot-server.ts";
import { peerTest } from "./peer.ts";

const AGENT = "User-Agent: FileTransport PolycomVVX-VVX_500-UA/5.9.7.4477 Type/Application";
const COMMON = `<PHONE_CONFIG><ALL ${Array.from({ length: 200 }, (_, i) => `a.b.${i}="b\u00fcro ${i}"`).join("\r\n")}/></PHONE_CONFIG>`;
const IMAGE = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 31) % 256));
const WRITTEN_AT = 1_700_000_000;

async function open(): Promise<{ readonly server: BootServer; readonly bench: Bench }> {
  const redirects = "location = /old.cfg { return 301 /common.cfg; } location = /away.cfg { return 302 http://192.0.2.1/x; }";
  const server = await openBootServer({ uploads: true, directives: [redirects, "location = /teapot.cfg { return 418; }"] });
  fill(server);
  return { server, bench: await openBench({ mode: { kind: "overlay", upstream: { url: server.url } } }) };
}

function fill(server: BootServer): void {
  server.fill((folder) => {
    mkdirSync(join(folder, "zurich"), { recursive: true });
    for (const [name, bytes] of Object.entries({ "common.cfg": COMMON, "zurich/sip.ld": IMAGE, "empty.cfg": "" })) {
      writeFileSync(join(folder, name), bytes);
      utimesSync(join(folder, name), WRITTEN_AT, WRITTEN_AT);
    }
  });
}

/** Of one connection only, or of the moment. Source: RFC 9110 6.6.1 and 7.6.1. */
const OWN = new Set(["date", "connection", "keep-alive", "transfer-encoding"]);

/** Status line, the other headers as written, and the body out of its chunks. */
function shown(answer: Buffer): { readonly head: readonly string[]; readonly body: string; readonly length: number } {
  const end = answer.indexOf("\r\n\r\n");
  const lines = answer.subarray(0, end).toString("latin1").split("\r\n");
  const name = (line: string): string => line.slice(0, line.indexOf(":")).toLowerCase();
  const chunked = lines.some((line) => /^transfer-encoding: chunked$/i.test(line));
  const body = chunked ? unchunked(answer.subarray(end + 4)) : answer.subarray(end + 4);
  return {
    head: lines.filter((line, i) => i === 0 || !OWN.has(name(line))),
    body: createHash("sha256").update(body).digest("hex"),
    length: body.length,
  };
}

function unchunked(bytes: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; ; ) {
    const end = bytes.indexOf("\r\n", at);
    const length = Number.parseInt(bytes.toString("latin1", at, end), 16);
    if (!(length > 0)) return Buffer.concat(pieces);
    pieces.push(bytes.subarray(end + 2, end + 2 + length));
    at = end + 4 + length;
  }
}

const request = (first: string, headers: readonly string[] = [], body: string | Buffer = ""): Buffer =>
  Buffer.concat([Buffer.from([first, "Host: boot", "Connection: close", AGENT, ...headers, "", ""].join("\r\n")), Buffer.from(body)]);

const STAMP = new Date(WRITTEN_AT * 1_000).toUTCString();
const ASKS: readonly (readonly [what: string, bytes: Buffer])[] = [
  ["GET", request("GET /common.cfg HTTP/1.1")],
  ["GET of HTTP/1.0", request("GET /common.cfg HTTP/1.0")],
  ["GET with a question mark", request("GET /common.cfg?a=%2e%2e&b HTTP/1.1")],
  ["GET of an empty file", request("GET /empty.cfg HTTP/1.1")],
  ["GET of bytes", request("GET /zurich/sip.ld HTTP/1.1")],
  ["GET, compressed", request("GET /common.cfg HTTP/1.1", ["Accept-Encoding: gzip"])],
  ["HEAD", request("HEAD /common.cfg HTTP/1.1")],
  ["HEAD, compressed", request("HEAD /common.cfg HTTP/1.1", ["Accept-Encoding: gzip"])],
  ["HEAD of nothing", request("HEAD /0004f2aabbcc-app.log HTTP/1.1")],
  ["a part", request("GET /zurich/sip.ld HTTP/1.1", ["Range: bytes=1000-99999"])],
  ["the end", request("GET /zurich/sip.ld HTTP/1.1", ["Range: bytes=-7"])],
  ["a part that is not there", request("GET /zurich/sip.ld HTTP/1.1", ["Range: bytes=900000-"])],
  ["a part of HEAD", request("HEAD /zurich/sip.ld HTTP/1.1", ["Range: bytes=5-9"])],
  ["a part of what did not change", request("GET /zurich/sip.ld HTTP/1.1", ["Range: bytes=0-9", `If-Range: ${STAMP}`])],
  ["a part of what did change", request("GET /zurich/sip.ld HTTP/1.1", ["Range: bytes=0-9", 'If-Range: "other"'])],
  ["not modified since", request("GET /common.cfg HTTP/1.1", [`If-Modified-Since: ${STAMP}`])],
  ["modified since", request("GET /common.cfg HTTP/1.1", ["If-Modified-Since: Wed, 21 Oct 2015 07:28:00 GMT"])],
  ["another tag", request("GET /common.cfg HTTP/1.1", ['If-None-Match: "other"'])],
  ["any tag", request("GET /common.cfg HTTP/1.1", ["If-None-Match: *"])],
  ["a condition that fails", request("GET /common.cfg HTTP/1.1", ['If-Match: "other"'])],
  ["nothing there", request("GET /0004f2aabbcc-phone.cfg HTTP/1.1")],
  ["a redirect", request("GET /old.cfg HTTP/1.1")],
  ["a redirect elsewhere", request("GET /away.cfg HTTP/1.1")],
  ["a folder without its slash", request("GET /zurich HTTP/1.1")],
  ["a folder that may not be listed", request("GET /zurich/ HTTP/1.1")],
  ["an odd status", request("GET /teapot.cfg HTTP/1.1")],
  ["a method nobody knows here", request("PROPFIND /common.cfg HTTP/1.1")],
  ["POST", request("POST /0004f2aabbcc-app.log HTTP/1.1", ["Content-Length: 3"], "abc")],
  ["PUT", request("PUT /0004f2aabbcc-app.log HTTP/1.1", ["Content-Length: 3"], "abc")],
  ["PUT over it", request("PUT /0004f2aabbcc-app.log HTTP/1.1", ["Content-Length: 4"], "abcd")],
  [
    "PUT in chunks",
    request("PUT /logs/0004f2aabbcc-boot.log HTTP/1.1", ["Transfer-Encoding: chunked"], "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"),
  ],
  ["PUT of a part", request("PUT /0004f2aabbcc-app.log HTTP/1.1", ["Content-Range: bytes 4-6/7", "Content-Length: 3"], "efg")],
  ["PUT of bytes", request("PUT /core.bin HTTP/1.1", [`Content-Length: ${IMAGE.length}`], IMAGE)],
  ["PUT of what is too large there", request("PUT /big.bin HTTP/1.1", ["Content-Length: 30000000"])],
  ["DELETE", request("DELETE /core.bin HTTP/1.1")],
];

const UPLOADED = ["0004f2aabbcc-app.log", "logs/0004f2aabbcc-boot.log"] as const;

peerTest(`overlay: ${ASKS.length} kinds of requests get through it what nginx itself answers, letter for letter`, NGINX, async () => {
  const { server, bench } = await open();
  /** Location names the host that was asked; through the gateway that is the customer's server's. */
  const asIfStraight = (bytes: Buffer): Buffer =>
    Buffer.from(bytes.toString("latin1").replace("Host: boot", `Host: 127.0.0.1:${server.port}`), "latin1");
  const left = (): readonly string[] => UPLOADED.map((name) => readFileSync(join(server.folder, name), "latin1"));
  const straight = new Map<string, ReturnType<typeof shown>>();
  for (const [what, bytes] of ASKS) straight.set(what, shown(await sendRaw(server.port, asIfStraight(bytes))));
  const leftStraight = left();
  const linesStraight = await server.lines(ASKS.length);
  server.fill(() => undefined);
  for (const name of UPLOADED) server.fill((folder) => writeFileSync(join(folder, name), ""));
  fill(server);
  // Created is not replaced: both begin without the files.
  await sendRaw(server.port, request("DELETE /0004f2aabbcc-app.log HTTP/1.1"));
  await sendRaw(server.port, request("DELETE /logs/0004f2aabbcc-boot.log HTTP/1.1"));
  const between = (await server.lines(linesStraight.length + 2)).length;
  for (const [what, bytes] of ASKS) {
    expect([what, shown(await sendRaw(bench.endpoint.port, bytes))]).toEqual([what, straight.get(what)]);
  }
  expect(left()).toEqual(leftStraight);
  expect((await server.lines(between + ASKS.length)).slice(between)).toEqual(linesStraight);
  // They are what they are meant to be.
  const status = (what: string) => straight.get(what)?.head[0]?.split(" ")[1];
  expect(
    ["a part", "not modified since", "a part that is not there", "PUT", "PUT over it", "a redirect", "PUT of what is too large there"].map(
      status,
    ),
  ).toEqual(["206", "304", "416", "201", "204", "301", "413"]);
  expect(straight.get("GET, compressed")?.head).toContain("Content-Encoding: gzip");
  expect(straight.get("GET of bytes")?.length).toBe(IMAGE.length);
  expect(bench.told().filter(({ kind }) => kind !== "upload" && kind !== "copyMissed")).toEqual([]);
});

peerTest("overlay: on one kept connection, one request after the other, each gets its own answer", NGINX, async () => {
  const { bench } = await open();
  const kept = (path: string, last = false): string => `GET ${path} HTTP/1.1\r\nHost: x\r\n${last ? "Connection: close\r\n" : ""}\r\n`;
  const answers = await sendRaw(bench.endpoint.port, kept("/common.cfg") + kept("/none.cfg") + kept("/empty.cfg", true));
  expect(answers.toString("latin1").match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 200", "HTTP/1.1 404", "HTTP/1.1 200"]);
});
