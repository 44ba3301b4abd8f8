/** The gateway in front of a customer's server: what passes, and what is changed. */
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Mac } from "../../../protocols/core/ids.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { openCustomerServer, type Says } from "./customer-server.ts";
import { MAC, OTHER_MAC, openBench, PART, phone, sendRaw, TOKEN } from "./kit.ts";
import { AGENT, CHANGED, MASTER, masters, odd, openOverlay, reasons, said, text } from "./overlay-kit.ts";

test("overlay: a request reaches the customer's server as it was, but for what is of one connection only", async () => {
  const { customer, ...bench } = await openOverlay(text("x"));
  const headers = [
    ...[AGENT, "Authorization: Digest x", "If-Modified-Since: Wed, 21 Oct 2015 07:28:00 GMT", "Range: bytes=1-", "X-Device: a/b/c"],
    ...["Connection: close, X-Hop", "X-Hop: 1", "Keep-Alive: 5", "TE: trailers", "Proxy-Authorization: Basic x", "Cookie: a", "Cookie: b"],
  ];
  await phone(bench, "/a/b.cfg?c=%64&d", { headers });
  const [heard] = customer.heard;
  expect([heard?.method, heard?.url]).toEqual(["GET", "/a/b.cfg?c=%64&d"]);
  const own = ["User-Agent", "Authorization", "If-Modified-Since", "Range", "X-Device", "Cookie", "Cookie"];
  const names = heard?.rawHeaders.filter((_, i) => i % 2 === 0) ?? [];
  expect(names).toEqual(["Host", ...own, "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-By", "Connection"]);
  expect(heard?.headers.get("x-forwarded-for")).toBe("127.0.0.1");
  expect([heard?.headers.get("host"), heard?.headers.get("x-forwarded-host")]).toEqual([customer.host, "x"]);
});

test("overlay: the address of a phone behind a proxy goes in front of the proxy's", async () => {
  const bench = await openOverlay(text("x"));
  await phone(bench, "/a.cfg", { headers: ["X-Forwarded-For: 192.0.2.7"] });
  expect(bench.customer.heard[0]?.headers.get("x-forwarded-for")).toBe("192.0.2.7, 127.0.0.1");
});

test("overlay: an answer reaches the phone as it was, word, headers and bytes", async () => {
  const body = Buffer.from(Array.from({ length: 70_000 }, (_, i) => i % 256));
  const bench = await openOverlay((_heard, response) => {
    response.sendDate = false;
    response.writeHead(299, "Quite Fine", ["X-B", "1", "Content-Type", "a/b", "x-b", "2", "Content-Length", `${body.length}`]).end(body);
  });
  const bytes = await sendRaw(bench.endpoint.port, "GET /file.bin HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const head = `HTTP/1.1 299 Quite Fine\r\nX-B: 1\r\nContent-Type: a/b\r\nx-b: 2\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n`;
  expect(bytes.equals(Buffer.concat([Buffer.from(head), body]))).toBe(true);
});

test.each([
  ["a challenge", 401, ["WWW-Authenticate", 'Digest realm="r", nonce="n"'], "www-authenticate"],
  ["a redirect, followed by nobody", 302, ["Location", "http://192.0.2.1/login"], "location"],
  ["not found", 404, ["X-Why", "gone"], "x-why"],
  ["a part", 206, ["Content-Range", "bytes 1-1/3"], "content-range"],
  ["the server's own trouble", 503, ["Retry-After", "5"], "retry-after"],
] as const)("overlay: %s is passed on", async (_what, status, headers, name) => {
  const bench = await openOverlay(text("b", status, headers));
  const answer = await phone(bench, `/${MAC}.cfg`, { headers: [AGENT] });
  expect([answer.status, answer.headers.get(name), answer.body.toString()]).toEqual([status, headers[1], "b"]);
  expect(bench.customer.heard).toHaveLength(1);
});

test("overlay: HEAD says what the customer's server says, without a body", async () => {
  const bench = await openOverlay((_heard, response) => response.writeHead(200, ["Content-Length", "77"]).end());
  const answer = await phone(bench, `/${MAC}-app.log`, { method: "HEAD" });
  expect([answer.status, answer.headers.get("content-length"), answer.body.length]).toEqual([200, "77", 0]);
  expect(bench.customer.heard[0]?.method).toBe("HEAD");
});

test("overlay: uploads go through whole, with their length or in chunks, with their place in the file", async () => {
  const bench = await openOverlay(text("", 201));
  const body = Buffer.from(Array.from({ length: 200_000 }, (_, i) => (i * 7) % 256));
  const headers = ["Content-Range: bytes 5-200004/200005", "Content-Type: text/plain"];
  expect((await phone(bench, `/${MAC}-app.log`, { method: "PUT", headers, body })).status).toBe(201);
  const chunked = `PUT /a.log HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;e=f\r\nde\r\n0\r\n\r\n`;
  await sendRaw(bench.endpoint.port, chunked);
  const [first, second] = bench.customer.heard;
  expect(first?.body.equals(body)).toBe(true);
  expect([first?.headers.get("content-range"), first?.headers.get("content-length"), first?.headers.has("transfer-encoding")]).toEqual([
    "bytes 5-200004/200005",
    "200000",
    false,
  ]);
  expect([second?.body.toString(), second?.headers.get("transfer-encoding")]).toEqual(["abcde", "chunked"]);
});

test("overlay: an upload that is refused before its end is answered with the refusal", async () => {
  const bench = await openOverlay(text("", 401, ["WWW-Authenticate", 'Basic realm="r"']));
  const answer = await phone(bench, `/${MAC}-app.log`, { method: "PUT", body: Buffer.alloc(900_000, 1) });
  expect([answer.status, answer.headers.get("www-authenticate")]).toEqual([401, 'Basic realm="r"']);
});

test("overlay: without an attempt a master file passes to the byte, with its stamps", async () => {
  const bench = await openOverlay(masters);
  const answer = await phone(bench, `/${MAC}.cfg`, { headers: [AGENT] });
  expect(said(answer)).toEqual([200, MASTER]);
  expect([answer.headers.get("etag"), answer.headers.get("accept-ranges")]).toEqual(['"abc"', "bytes"]);
});

test("overlay: while its attempt is open the phone's master file names its image, and nobody else's does", async () => {
  const bench = await openOverlay(masters);
  bench.endpoint.offer(bench.offer());
  const answer = await phone(bench, `/${MAC}.cfg`, { headers: [AGENT] });
  expect(said(answer)).toEqual([200, CHANGED]);
  expect(answer.headers.get("content-length")).toBe(`${Buffer.byteLength(CHANGED)}`);
  expect(answer.headers.get("content-type")).toBe("text/xml");
  expect(["etag", "last-modified", "accept-ranges"].filter((name) => answer.headers.has(name))).toEqual([]);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  const head = await phone(bench, `/${MAC}.cfg`, { method: "HEAD", headers: [AGENT] });
  expect([head.status, head.headers.get("content-length"), head.body.length]).toEqual([200, `${Buffer.byteLength(CHANGED)}`, 0]);
  expect(said(await phone(bench, `/${OTHER_MAC}.cfg`, { headers: [AGENT] }))).toEqual([200, MASTER]);
  expect((await phone(bench, `/fw/${TOKEN}/${PART}.sip.ld`)).body.equals(bench.image)).toBe(true);
  expect((await phone(bench, `/fw/${TOKEN}/sip.ld`)).status).toBe(404);
  bench.endpoint.withdraw(TOKEN);
  expect(said(await phone(bench, `/${MAC}.cfg`, { headers: [AGENT] }))).toEqual([200, MASTER]);
  // A token that is nobody's is the customer's path again.
  const asked = bench.customer.heard.length;
  expect((await phone(bench, `/fw/${TOKEN}/${PART}.sip.ld`)).status).toBe(404);
  expect(bench.customer.heard.slice(asked).map(({ url }) => url)).toEqual([`/fw/${TOKEN}/${PART}.sip.ld`]);
});

test("overlay: a phone with an attempt is never told that its file has not changed, and never gets a part of it", async () => {
  const bench = await openOverlay(masters);
  bench.endpoint.offer(bench.offer());
  const conditions = [
    'If-None-Match: "abc"',
    "If-Modified-Since: Wed, 21 Oct 2015 07:28:00 GMT",
    "Range: bytes=0-3",
    "Accept-Encoding: gzip",
  ];
  const ask = () => phone(bench, `/${MAC}.cfg`, { headers: [AGENT, ...conditions] });
  const conditional = () =>
    ["if-none-match", "if-modified-since", "range"].filter((name) => bench.customer.heard.at(-1)?.headers.has(name));
  expect(said(await ask())).toEqual([200, CHANGED]);
  expect([conditional(), bench.customer.heard.at(-1)?.headers.get("accept-encoding")]).toEqual([[], "identity"]);
  // It holds the changed file, and to ask for the head of the customer's own changes nothing of that: it is given whole once, and from then on as the phone asks for it.
  bench.endpoint.withdraw(TOKEN);
  await phone(bench, `/${MAC}.cfg`, { method: "HEAD", headers: [AGENT] });
  await ask();
  expect(conditional()).toEqual([]);
  await ask();
  expect([conditional().length, bench.customer.heard.at(-1)?.headers.get("accept-encoding")]).toEqual([3, "gzip"]);
});

const default404: Says = (heard, response, request) =>
  heard.url.endsWith("000000000000.cfg") ? text(MASTER)(heard, response, request) : text("", 404)(heard, response, request);

test("overlay: everybody's master file is changed for the phone whose own was not there a moment ago", async () => {
  const bench = await openOverlay(default404);
  bench.endpoint.offer(bench.offer());
  const everybody = async () => said(await phone(bench, "/000000000000.cfg", { headers: [AGENT] }));
  expect(await everybody()).toEqual([200, MASTER]);
  expect((await phone(bench, `/${MAC}.cfg`, { headers: [AGENT] })).status).toBe(404);
  expect(await everybody()).toEqual([200, CHANGED]);
  // Two phones behind one address: nobody can tell them apart, and so neither gets the other's image.
  expect((await phone(bench, `/${OTHER_MAC}.cfg`, { headers: [AGENT] })).status).toBe(404);
  expect(await everybody()).toEqual([200, MASTER]);
  await bench.clock.advance(3 * 60_000);
  expect(await everybody()).toEqual([200, MASTER]);
});

test("overlay: everybody's master file is changed for a phone that says its MAC", async () => {
  const bench = await openOverlay(default404);
  bench.endpoint.offer(bench.offer());
  const tagged = `User-Agent: FileTransport PolycomVVX-VVX_411-UA/5.9.6.2327 (SN:${MAC}) Type/Application`;
  expect(said(await phone(bench, "/000000000000.cfg", { headers: [tagged] }))).toEqual([200, CHANGED]);
});

test("overlay: a folder before the files is the customer's, and what is in it means the same", async () => {
  const customer = await openCustomerServer(masters);
  const bench = await openBench({ mode: { kind: "overlay", upstream: { url: `${customer.url}/poly/` } } });
  bench.endpoint.offer(bench.offer());
  expect(said(await phone(bench, `/zurich/${MAC}.cfg`, { headers: [AGENT] }))).toEqual([200, CHANGED]);
  expect(customer.heard[0]?.url).toBe(`/poly/zurich/${MAC}.cfg`);
  expect((await phone(bench, `/zurich/fw/${TOKEN}/${PART}.sip.ld`)).body.equals(bench.image)).toBe(true);
});

test.each([
  ["a page of HTML", "<html>Sign in</html>", ["Content-Type", "text/html"], "html", "it is a page of HTML"],
  ["something cut off", "<APPLICATION APP_FILE_PATH='sip.ld'", [], "unreadable", "element APPLICATION is not well formed"],
  ["more than a master file can be", `${MASTER}<!--${"x".repeat(300_000)}-->`, [], "unreadable", "it is too long for a master file"],
  ["a compressed one", gzipSync(MASTER), ["Content-Encoding", "gzip"], "unreadable", "the server compresses it, though asked not to"],
] as const)("overlay: a master file that is %s passes as it is, and is told of once", async (_what, body, headers, what, why) => {
  const bench = await openOverlay(text(body, 200, headers));
  bench.endpoint.offer(bench.offer());
  for (let i = 0; i < 2; i++) {
    const answer = await phone(bench, `/${MAC}.cfg`, { headers: [AGENT] });
    expect(answer.body.equals(Buffer.from(body))).toBe(true);
  }
  expect(odd(bench)).toEqual([[what, `/${MAC}.cfg`, why]]);
});

test("overlay: a page of HTML under any configuration file's name is passed on and told of", async () => {
  const bench = await openOverlay(text("\n<!DOCTYPE html><html>Sign in</html>"));
  expect((await phone(bench, "/common.cfg")).body.toString()).toContain("Sign in");
  await phone(bench, "/idle-screen.html");
  expect(odd(bench)).toEqual([["html", "/common.cfg", "it is a page of HTML"]]);
});

test("overlay: a phone that runs our image is not sent back by the customer's old master file; other phones are not touched", async () => {
  const bench = await openOverlay(masters);
  const image = bench.offer({ token: "standing-1" });
  bench.endpoint.stand(MAC, image);
  const told = async (mac: Mac) => said(await phone(bench, `/${mac}.cfg`, { headers: [AGENT] }))[1];
  expect(await told(MAC)).toBe(MASTER.replace("'sip.ld'", "'fw/standing-1/sip.ld'"));
  expect(await told(OTHER_MAC)).toBe(MASTER);
  expect((await phone(bench, `/fw/standing-1/${PART}.sip.ld`)).body.equals(bench.image)).toBe(true);
  // Who fetches an image that stands tells nothing of an attempt.
  expect(bench.told()).toEqual([]);
  bench.endpoint.offer(bench.offer());
  expect(await told(MAC)).toBe(CHANGED);
  bench.endpoint.withdraw(TOKEN);
  expect(await told(MAC)).toBe(MASTER.replace("'sip.ld'", "'fw/standing-1/sip.ld'"));
  // Stopped: the name stays, so that it stays where it is; no byte leaves.
  bench.endpoint.withdrawAll();
  expect(await told(MAC)).toBe(MASTER.replace("'sip.ld'", "'fw/standing-1/sip.ld'"));
  expect((await phone(bench, `/fw/standing-1/${PART}.sip.ld`)).status).toBe(404);
  bench.endpoint.stand(MAC, undefined);
  expect(await told(MAC)).toBe(MASTER);
});

test("overlay: the agent's account is used where a phone brings none, and only to read", async () => {
  const customer = await openCustomerServer(text("x"));
  const account = { user: "boot", password: new Secret("canary") };
  const bench = await openBench({ mode: { kind: "overlay", upstream: { url: customer.url, account } } });
  await phone(bench, "/a.cfg");
  await phone(bench, "/a.cfg", { headers: ["Authorization: Basic own"] });
  await phone(bench, "/a.log", { method: "PUT", body: "x" });
  expect(customer.heard.map(({ headers }) => headers.get("authorization"))).toEqual([
    `Basic ${Buffer.from("boot:canary").toString("base64")}`,
    "Basic own",
    undefined,
  ]);
});

test("overlay: phones share connections to the customer's server, and one it closed meanwhile costs nobody an answer", async () => {
  const bench = await openOverlay((heard, response) => {
    response.writeHead(200, ["Content-Length", "1"]).end("x");
    if (heard.url === "/last.cfg") response.socket?.end();
  });
  for (let i = 0; i < 5; i++) expect((await phone(bench, `/${i}.cfg`)).status).toBe(200);
  expect(bench.customer.connections()).toBe(1);
  await phone(bench, "/last.cfg");
  for (let i = 0; i < 3; i++) expect((await phone(bench, `/${i}.cfg`)).status).toBe(200);
});

test("overlay: what a phone asks is a check-in, whatever the customer's server says", async () => {
  const bench = await openOverlay(text("", 404));
  await phone(bench, `/logs/${MAC}-app.log`, { method: "PUT", headers: [AGENT], body: "x" });
  expect(bench.events).toMatchObject([{ kind: "checkIn", asked: "log", method: "PUT", mac: MAC }]);
  expect(reasons(bench)).toEqual([]);
});
