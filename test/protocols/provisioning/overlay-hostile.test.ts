/** A customer's server that fails, senders that want two readers to read two things, and more bytes than may be. */
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { makeAuthority } from "../../support/certificate.ts";
import { openCustomerServer } from "./customer-server.ts";
import { MAC, openBench, phone, sendRaw } from "./kit.ts";
import { AGENT, MASTER, masters, openOverlay, said, text } from "./overlay-kit.ts";

test("overlay: the customer's server away is 502 without a word, told once, and told when it is back", async () => {
  const bench = await openOverlay(masters);
  const { port } = bench.customer;
  await bench.customer.close();
  for (const target of [`/${MAC}.cfg`, "/common.cfg", `/${MAC}-phone.cfg`]) {
    const answer = await phone(bench, target, { headers: [AGENT] });
    expect([answer.status, answer.body.length]).toEqual([502, 0]);
  }
  expect((await phone(bench, `/${MAC}-app.log`, { method: "PUT", body: "x" })).status).toBe(502);
  expect(bench.told()).toEqual([{ kind: "upstreamDown", why: "ECONNREFUSED" }]);
  await openCustomerServer(masters, port);
  await bench.clock.advance(5_000);
  expect(said(await phone(bench, `/${MAC}.cfg`, { headers: [AGENT] }))).toEqual([200, MASTER]);
  expect(bench.told().at(-1)).toEqual({ kind: "upstreamBack", failed: 4, forMs: 5_000 });
});

test("overlay: a server that takes a request and says nothing is given up, and spared for a moment", async () => {
  const bench = await openOverlay(() => undefined, { waits: { connectMs: 2_000, answerMs: 60 } });
  expect((await phone(bench, "/a.cfg")).status).toBe(502);
  expect((await phone(bench, "/b.cfg")).status).toBe(502);
  expect(bench.customer.heard.map(({ url }) => url)).toEqual(["/a.cfg"]);
  await bench.clock.advance(1_000);
  expect((await phone(bench, "/b.cfg")).status).toBe(502);
  expect(bench.customer.heard.map(({ url }) => url)).toEqual(["/a.cfg", "/b.cfg"]);
  expect(bench.told()).toEqual([{ kind: "upstreamDown", why: "silent" }]);
});

test("overlay: an answer that breaks off breaks off for the phone too, and never looks whole", async () => {
  const bench = await openOverlay((_heard, response) => {
    response.writeHead(200, ["Content-Length", "1000"]);
    response.write("part", () => response.destroy());
  });
  const answer = await phone(bench, "/common.cfg");
  expect([answer.headers.get("content-length"), answer.body.toString()]).toEqual(["1000", "part"]);
  bench.endpoint.offer(bench.offer());
  expect((await phone(bench, `/${MAC}.cfg`, { headers: [AGENT] })).status).toBe(0);
  expect(bench.events.filter(({ kind }) => kind === "bug")).toEqual([]);
});

test("overlay: a server that refuses an upload and hangs up without reading it is heard, and the phone's connection goes on", async () => {
  const refusing = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end("HTTP/1.1 401 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
  });
  await new Promise<void>((resolve) => refusing.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void refusing.close());
  const { port } = refusing.address() as AddressInfo;
  const bench = await openBench({ mode: { kind: "overlay", upstream: { url: `http://127.0.0.1:${port}` } } });
  const body = "z".repeat(3_000_000);
  const put = `PUT /a.log HTTP/1.1\r\nHost: x\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  const answers = (await sendRaw(bench.endpoint.port, `${put}GET /a.cfg HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)).toString();
  // Its hanging up may be seen before its answer; either way it is one answer for each.
  expect(answers.match(/^HTTP\/1\.1 (?:401 No|502 Bad Gateway)\r$/gm)).toHaveLength(2);
  expect(bench.events.filter(({ kind }) => kind === "bug")).toEqual([]);
});

test("overlay: https to the customer's server is checked: its own root, and no other", async () => {
  const authority = makeAuthority("CN=customer");
  const { cert, key } = authority.issue("CN=localhost");
  const server = createHttpsServer({ cert, key }, (_request, response) => response.end("x"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const url = `https://localhost:${(server.address() as AddressInfo).port}`;
  const status = async (more: object) =>
    (await phone(await openBench({ mode: { kind: "overlay", upstream: { url, ...more } } }), "/a.cfg")).status;
  expect([await status({}), await status({ ca: makeAuthority("CN=other").cert }), await status({ ca: authority.cert })]).toEqual([
    502, 502, 200,
  ]);
});

test("overlay: neither side can send more than its cap", async () => {
  const big = "y".repeat(5_000);
  const bench = await openOverlay(
    (heard, response) => (heard.method === "GET" ? response.writeHead(200).end(big) : response.writeHead(201).end()),
    { limits: { uploadBytes: 1_000, answerBytes: 1_000 } },
  );
  expect((await phone(bench, "/a.log", { method: "PUT", body: big })).status).toBe(413);
  const chunks = `PUT /a.log HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n1388\r\n${big}\r\n0\r\n\r\n`;
  expect((await sendRaw(bench.endpoint.port, chunks)).toString()).toMatch(/^HTTP\/1\.1 413 /);
  expect(bench.customer.heard).toEqual([]);
  expect((await phone(bench, "/a.log", { method: "PUT", body: "y".repeat(1_000) })).status).toBe(201);
  expect((await phone(bench, "/a.bin")).body.toString()).not.toContain(big);
});

const HEAD = "Host: x\r\nConnection: close\r\n";
test.each([
  ["a length twice", `PUT /a HTTP/1.1\r\n${HEAD}Content-Length: 1\r\nContent-Length: 1\r\n\r\nx`],
  ["two lengths", `PUT /a HTTP/1.1\r\n${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`],
  ["a list of lengths", `PUT /a HTTP/1.1\r\n${HEAD}Content-Length: 1, 1\r\n\r\nx`],
  [
    "a length and chunks",
    `PUT /a HTTP/1.1\r\n${HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /b HTTP/1.1\r\n\r\n`,
  ],
  ["chunks and a length", `PUT /a HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`],
  ["an unknown coding", `PUT /a HTTP/1.1\r\n${HEAD}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ["two codings", `PUT /a HTTP/1.1\r\n${HEAD}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
  ["chunks twice", `PUT /a HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ["chunks that are not the last coding", `PUT /a HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`],
  ["chunks of HTTP/1.0", `PUT /a HTTP/1.0\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
  ["a folded header", `PUT /a HTTP/1.1\r\n${HEAD}X: a\r\n b\r\nContent-Length: 1\r\n\r\nx`],
  ["a folded coding", `PUT /a HTTP/1.1\r\n${HEAD}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`],
  ["a space before the colon", `PUT /a HTTP/1.1\r\n${HEAD}Content-Length : 1\r\n\r\nx`],
  ["a signed length", `PUT /a HTTP/1.1\r\n${HEAD}Content-Length: +1\r\n\r\nx`],
  ["a control character in a header", `GET /a HTTP/1.1\r\n${HEAD}X: a\u0001b\r\n\r\n`],
  ["a bare carriage return in a header", `GET /a HTTP/1.1\r\n${HEAD}X: a\rY: b\r\n\r\n`],
  ["a chunk longer than it says", `PUT /a HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n1\r\nxGET /b HTTP/1.1\r\n\r\n`],
  ["two hosts", `GET /a HTTP/1.1\r\nHost: x\r\n${HEAD}\r\n`],
  ["a whole address", `GET http://192.0.2.1/a HTTP/1.1\r\n${HEAD}\r\n`],
  ["no path", `OPTIONS * HTTP/1.1\r\n${HEAD}\r\n`],
  ["a way out upwards", `GET /a/../../etc/passwd HTTP/1.1\r\n${HEAD}\r\n`],
  ["a hidden way out upwards", `GET /a/%2e%2E%2f%2e./b HTTP/1.1\r\n${HEAD}\r\n`],
  ["a tunnel", `CONNECT 192.0.2.1:80 HTTP/1.1\r\n${HEAD}\r\n`],
  ["a trace", `TRACE /a HTTP/1.1\r\n${HEAD}\r\n`],
  ["a request that came from here already", `GET /a HTTP/1.1\r\n${HEAD}X-Forwarded-By: groundswell\r\n\r\n`],
])("overlay: %s never reaches the customer's server whole", async (_what, bytes) => {
  const bench = await openOverlay(text("secret"));
  const answer = (await sendRaw(bench.endpoint.port, Buffer.from(bytes, "latin1"))).toString("latin1");
  expect(answer).toMatch(/^(?:$|HTTP\/1\.1 (?:400|501) )/);
  expect(answer).not.toContain("secret");
  expect(bench.customer.heard).toEqual([]);
  expect(bench.events.filter(({ kind }) => kind === "bug")).toEqual([]);
});
