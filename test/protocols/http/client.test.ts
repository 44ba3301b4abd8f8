import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { HttpAsk, HttpTarget } from "../../../protocols/http/client.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { shutPort } from "../../support/family-io.ts";
import { answerJson } from "../../support/https-device.ts";
import { client, device, factory, login, MAC, never, OTHER_MAC, PASSWORD, plainDevice, rawPeer, targetOf, within } from "./kit.ts";

const get: HttpAsk = { method: "GET", path: "/api/v1/mgmt/device/info" };
const silent = (): void => undefined;

test("HttpClient.ask(): gives status, headers in lower case, body and the certificate shown", async () => {
  const peer = await device((_request, response) => {
    response.writeHead(202, { "X-Thing": ["a", "b"], "Set-Cookie": ["one=1", "two=2; Path=/"] });
    response.end("grüße");
  });
  const answer = await client().ask(targetOf(peer, { expectMac: MAC }), { ...get, headers: { accept: "text/plain" } }, never);
  if (!answer.ok) throw new Error(answer.fault.kind);
  const { status, headers, body, certificate } = answer.value;
  expect([status, headers.get("x-thing"), headers.get("set-cookie"), body.toString()]).toEqual([
    202,
    "a, b",
    "one=1\ntwo=2; Path=/",
    "grüße",
  ]);
  expect(certificate).toMatchObject({ commonName: MAC.toUpperCase(), organisation: "Polycom Inc.", fingerprint: factory.fingerprint });
  expect(peer.requests[0]).toMatchObject({ method: "GET", path: get.path, headers: { accept: "text/plain" } });
});

test("HttpClient.ask(): sends method, headers and body as asked", async () => {
  const peer = await plainDevice((_request, response) => response.end());
  const ask: HttpAsk = { method: "POST", path: "/x?y=1", headers: { "content-type": "application/json" }, body: '{"ü":1}' };
  const answer = await client().ask(targetOf(peer, { secure: false }), ask, never);
  expect(answer).toMatchObject({ ok: true });
  expect(answer.ok && answer.value).not.toHaveProperty("certificate");
  expect(peer.requests[0]).toMatchObject({ method: "POST", path: "/x?y=1", body: '{"ü":1}', headers: { "content-length": "8" } });
});

test.each([204, 302, 400, 403, 404, 500, 503])("HttpClient.ask(): status %d is an answer", async (status) => {
  const peer = await plainDevice((_request, response) => {
    response.writeHead(status, { location: "http://127.0.0.1:1/elsewhere" });
    response.end();
  });
  const answer = await client().ask(targetOf(peer, { secure: false }), { ...get, login }, never);
  expect(answer).toMatchObject({ ok: true, value: { status } });
  expect(peer.requests).toHaveLength(1);
});

test("HttpClient.ask(): 401 without a log-in of ours is an answer", async () => {
  const peer = await plainDevice((_request, response) => response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end());
  expect(await client().ask(targetOf(peer, { secure: false }), get, never)).toMatchObject({ ok: true, value: { status: 401 } });
});

test.each<readonly [string, Partial<HttpTarget>, object]>([
  ["another MAC", { expectMac: OTHER_MAC }, { via: "tls", wanted: OTHER_MAC, found: MAC.toUpperCase() }],
  ["another pin", { trust: "pin", tlsFingerprint: "ab".repeat(32) }, { via: "tls", found: factory.fingerprint }],
])("HttpClient.ask(): %s in the certificate: not one byte of a request arrives", async (_name, proof, fault) => {
  const peer = await device((_request, response) => answerJson(response, {}));
  const answer = await client().ask(targetOf(peer, proof), { ...get, login }, never);
  expect(answer).toMatchObject({ ok: false, fault: { kind: "impostor", ...fault } });
  expect([peer.requests.length, peer.connections()]).toEqual([0, 1]);
});

test("HttpClient.ask(): a certificate that changes between two asks is noticed before the second is sent", async () => {
  const first = await device((_request, response) => {
    response.setHeader("connection", "close");
    answerJson(response, {});
  });
  const http = client();
  const target = targetOf(first, { trust: "pin", tlsFingerprint: factory.fingerprint });
  expect(await http.ask(target, get, never)).toMatchObject({ ok: true });
  const seen = first.requests.length;
  const changed = { ...target, tlsFingerprint: "00".repeat(32) };
  expect(await http.ask(changed, get, never)).toMatchObject({ ok: false, fault: { kind: "impostor" } });
  expect(first.requests).toHaveLength(seen);
});

test.each<readonly [string, Partial<HttpTarget>]>([
  ["a MAC to prove over plain HTTP", { secure: false, expectMac: MAC }],
  ["a pin without one on record", { trust: "pin" }],
])("HttpClient.ask(): %s: with a log-in there is not even a connection", async (_name, proof) => {
  const peer = await rawPeer(silent);
  const answer = await client().ask(targetOf(peer, proof), { ...get, login }, never);
  expect(answer).toMatchObject({ ok: false, fault: { kind: "impostor" } });
  expect(peer.connections()).toBe(0);
});

test("HttpClient.ask(): an expired factory certificate with the right subject is good", async () => {
  const peer = await device((_request, response) => answerJson(response, {}), makeCertificate(`CN=${MAC}`, Date.UTC(2021, 0, 1)));
  expect(await client().ask(targetOf(peer, { expectMac: MAC }), get, never)).toMatchObject({ ok: true });
});

test("HttpClient.certificate(): gives what is shown and sends no request", async () => {
  const peer = await device((_request, response) => answerJson(response, {}));
  const http = client();
  expect(await http.certificate(targetOf(peer), never)).toMatchObject({ ok: true, value: { fingerprint: factory.fingerprint } });
  expect(await http.certificate(targetOf(peer, { expectMac: OTHER_MAC }), never)).toMatchObject({ ok: false, fault: { kind: "impostor" } });
  expect(peer.requests).toHaveLength(0);
});

test("HttpClient.certificate(): a port that does not speak TLS is one fault", async () => {
  const peer = await rawPeer((socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
  expect(await client().certificate(targetOf(peer), never)).toMatchObject({ ok: false, fault: { kind: "garbled", via: "tls" } });
});

test("HttpClient.ask(): nobody listening is unreachable, with the system's word for it", async () => {
  const answer = await client().ask(targetOf({ port: await shutPort() }), get, never);
  expect(answer).toEqual({ ok: false, fault: { kind: "unreachable", via: "https", detail: "ECONNREFUSED" } });
});

test.each(["", "a b", "a/b", "x@y", "a?b", "a#b", "256.1.1.1", "1.2.3.4.5", ":::::", "fe80::1%lo", "a%zz"])(
  "HttpClient.ask(): %j is not an address, and nothing is asked",
  async (address) => {
    const answer = await client().ask({ ...targetOf({ port: 9 }), address }, get, never);
    expect(answer).toEqual({ ok: false, fault: { kind: "unreachable", via: "https", detail: "not an address" } });
  },
);

test("HttpClient.ask(): asks of one address come one after the other, even at different ports", async () => {
  let running = 0;
  let most = 0;
  const slow = await plainDevice(async (_request, response) => {
    most = Math.max(most, ++running);
    await turn();
    await turn();
    running--;
    answerJson(response, {});
  });
  const other = await plainDevice(async (_request, response) => {
    most = Math.max(most, ++running);
    await turn();
    running--;
    answerJson(response, {});
  });
  const http = client();
  const peers = [slow, other, slow, other, slow];
  const answers = await Promise.all(peers.map((peer) => http.ask(targetOf(peer, { secure: false }), get, never)));
  expect(answers.map((answer) => answer.ok)).toEqual([true, true, true, true, true]);
  expect(most).toBe(1);
});

test("HttpClient.ask(): an ask that waits for its turn is cancelled at once when its caller stops", async () => {
  const peer = await rawPeer(silent);
  const http = client();
  const stopFirst = new AbortController();
  const first = http.ask(targetOf(peer, { secure: false }), get, stopFirst.signal);
  const stop = new AbortController();
  const second = http.ask(targetOf(peer, { secure: false }), get, stop.signal);
  stop.abort();
  expect(await second).toEqual({ ok: false, fault: { kind: "cancelled", by: "shutdown" } });
  stopFirst.abort();
  expect(await first).toEqual({ ok: false, fault: { kind: "cancelled", by: "shutdown" } });
  expect(peer.connections()).toBeLessThanOrEqual(1);
});

test("HttpClient.ask(): a kept connection serves the next ask, and one the device has closed is opened again", async () => {
  const peer = await plainDevice((_request, response) => answerJson(response, {}));
  const http = client();
  const target = targetOf(peer, { secure: false });
  await http.ask(target, get, never);
  await http.ask(target, get, never);
  expect(peer.connections()).toBe(1);
});

test("HttpClient.ask(): a GET on a kept connection that the device cut is sent once more, a POST never", async () => {
  let answered = 0;
  const ok = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
  const peer = await rawPeer((socket) => {
    answered++;
    socket.write(ok);
    socket.once("data", () => socket.destroy());
  });
  const http = client();
  const target = targetOf(peer, { secure: false });
  await http.ask(target, get, never);
  expect(await http.ask(target, get, never)).toMatchObject({ ok: true });
  expect(answered).toBe(2);
  const post: HttpAsk = { method: "POST", path: "/reboot", body: "x" };
  expect(await http.ask(target, post, never)).toMatchObject({ ok: false, fault: { kind: "unreachable" } });
  expect(peer.heard().split("POST /reboot")).toHaveLength(2);
});

test("HttpClient.alone(): one visit at a time per address; the visit may ask", async () => {
  const peer = await plainDevice((_request, response) => answerJson(response, {}));
  const http = client();
  const story: string[] = [];
  const visit = (name: string) => async (): Promise<void> => {
    story.push(`${name} in`);
    await http.ask(targetOf(peer, { secure: false }), get, never);
    await http.ask(targetOf(peer, { secure: false }), get, never);
    story.push(`${name} out`);
  };
  await Promise.all([http.alone("127.0.0.1", visit("a")), http.alone("127.0.0.1", visit("b"))]);
  expect(story).toEqual(["a in", "a out", "b in", "b out"]);
});

test("HttpClient: no fault carries the password", async () => {
  const peer = await plainDevice((_request, response) => response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end());
  const answer = await client().ask(targetOf(peer, { secure: false }), { ...get, login, budget: within(5_000) }, never);
  expect(answer.ok).toBe(false);
  expect(JSON.stringify(answer)).not.toContain(PASSWORD);
});
