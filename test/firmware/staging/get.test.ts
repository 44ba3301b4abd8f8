import { expect, test } from "vitest";
import { fetchBytes, openGet, unreachableBy } from "../../../firmware/staging/get.ts";
import { systemClock } from "../../../protocols/core/time.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { shutPort } from "../../support/family-io.ts";
import { httpsDevice } from "../../support/https-device.ts";
import { type Answer, bytesOf, type FileServer, fileServer, never, serving, status, stoppingAfter } from "./kit.ts";

const BODY = bytesOf(1_000);
const LIMITS = { bytes: 1_000, timeMs: 20_000, windowMs: 20_000, windowBytes: 0 };
const clock = systemClock();

function fetchFrom(server: FileServer, limits = LIMITS, signal = never) {
  return fetchBytes({ url: server.url() }, limits, clock, signal);
}

test("fetchBytes(): a whole file of exactly the limit", async () => {
  expect(await fetchFrom(await fileServer(serving(BODY)))).toEqual({ ok: true, value: { status: 200, body: BODY } });
});

test("fetchBytes(): one byte over the limit is over budget, stated by the server or not", async () => {
  const larger = Buffer.concat([BODY, Buffer.from([0])]);
  const unstated: Answer = (response) => {
    response.writeHead(200);
    response.write(BODY);
    response.end(Buffer.from([0]));
  };
  for (const answer of [serving(larger), unstated]) {
    const fault = { kind: "overBudget", via: "http", budget: "bytes", limit: 1_000 };
    expect(await fetchFrom(await fileServer(answer))).toEqual({ ok: false, fault });
  }
});

test.each([204, 301, 304, 404, 500])("fetchBytes(): status %i is an answer with an empty body, and nobody else is asked", async (code) => {
  const elsewhere = await fileServer(serving(BODY));
  const server = await fileServer(status(code, { location: elsewhere.url().href }));
  expect(await fetchFrom(server)).toEqual({ ok: true, value: { status: code, body: Buffer.alloc(0) } });
  expect(elsewhere.asked).toEqual([]);
});

test("fetchBytes(): a body that takes too long is over its budget of time", async () => {
  const server = await fileServer(stoppingAfter(10, BODY));
  const fault = { kind: "overBudget", via: "http", budget: "time", limit: 1 };
  expect(await fetchFrom(server, { ...LIMITS, timeMs: 1 })).toEqual({ ok: false, fault });
});

test("fetchBytes(): a server that says nothing at all is over the budget of time, too", async () => {
  const server = await fileServer(() => undefined);
  expect(await fetchFrom(server, { ...LIMITS, timeMs: 1 })).toMatchObject({ ok: false, fault: { budget: "time" } });
});

test("fetchBytes(): a line that breaks in the body is no answer, never a short file", async () => {
  const server = await fileServer(stoppingAfter(10, BODY));
  const answer = fetchFrom(server);
  await server.reached(1);
  server.cut();
  expect(await answer).toMatchObject({ ok: false, fault: { kind: "unreachable", via: "http" } });
});

test("fetchBytes(): aborted before or in the body it rejects with the reason", async () => {
  const reason = new Error("stop");
  const server = await fileServer(stoppingAfter(10, BODY));
  await expect(fetchFrom(server, LIMITS, AbortSignal.abort(reason))).rejects.toBe(reason);
  const stop = new AbortController();
  const answer = fetchFrom(server, LIMITS, stop.signal);
  await server.reached(1);
  stop.abort(reason);
  await expect(answer).rejects.toBe(reason);
});

test("openGet(): nobody at the port is unreachable, with the code and the host only", async () => {
  const port = await shutPort();
  const answer = await openGet({ url: new URL(`http://127.0.0.1:${port}/secret-path?token=1`) }, never);
  expect(answer).toEqual({ ok: false, fault: { kind: "unreachable", via: "http", detail: `127.0.0.1:${port}: ECONNREFUSED` } });
});

test("openGet(): headers without an end are cut off", async () => {
  const server = await fileServer((response) => void response.writeHead(200, { "x-long": "a".repeat(20_000) }).end());
  const answer = await openGet({ url: server.url() }, never);
  expect(answer).toMatchObject({ ok: false, fault: { kind: "unreachable", detail: expect.stringContaining("HEADER_OVERFLOW") } });
});

test("openGet(): something that is not HTTP is unreachable", async () => {
  const server = await fileServer((response) => void response.socket?.end("SSH-2.0-OpenSSH_9.6\r\n"));
  expect(await openGet({ url: server.url() }, never)).toMatchObject({ ok: false, fault: { kind: "unreachable" } });
});

test("openGet(): over HTTPS only a certificate of the given authority is taken", async () => {
  const certificate = makeCertificate("CN=localhost");
  const server = await httpsDevice(certificate, (_request, response) => void response.end("ok"));
  const url = new URL(`https://localhost:${server.port}/a`);
  const stranger = await fetchBytes({ url }, LIMITS, clock, never);
  const other = await fetchBytes({ url, ca: makeCertificate("CN=localhost").cert }, LIMITS, clock, never);
  const known = await fetchBytes({ url, ca: certificate.cert }, LIMITS, clock, never);
  await server.close();
  expect([stranger, other].map((answer) => !answer.ok && answer.fault.kind)).toEqual(["unreachable", "unreachable"]);
  expect(known).toMatchObject({ ok: true, value: { status: 200 } });
});

test("unreachableBy(): only the code of an error is kept, never its text", () => {
  const url = new URL("https://channel.example/a");
  const coded = Object.assign(new Error("secret in a text"), { code: "ECONNRESET" });
  expect(unreachableBy(url, coded)).toEqual({ kind: "unreachable", via: "https", detail: "channel.example: ECONNRESET" });
  expect(unreachableBy(url, new Error("secret in a text"))).toMatchObject({ detail: "channel.example: silent" });
  expect(unreachableBy(url, "secret")).toMatchObject({ detail: "channel.example: silent" });
});
