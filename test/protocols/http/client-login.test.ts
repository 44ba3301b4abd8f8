/** Log-ins by challenge, against loopback devices. */
import { createHash } from "node:crypto";
import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { expect, test } from "vitest";
import type { HttpAsk } from "../../../protocols/http/client.ts";
import { answerJson } from "../../support/https-device.ts";
import { client, login, never, PASSWORD, plainDevice, targetOf } from "./kit.ts";

const ask: HttpAsk = { method: "GET", path: "/api/v1/mgmt/network/info", login };
const md5 = (text: string): string => createHash("md5").update(text).digest("hex");
const denied = { ok: false, fault: { kind: "denied", via: "http", credentialId: "site" } };
const BASIC = `Basic ${Buffer.from(`Polycom:${PASSWORD}`).toString("base64")}`;

function challenge(response: ServerResponse, header: string | string[]): void {
  response.writeHead(401, { "www-authenticate": header }).end();
}

/** The count of a good answer to a Digest challenge, else undefined. */
function goodCount(headers: IncomingHttpHeaders, nonce: string, password = PASSWORD): number | undefined {
  const text = headers.authorization ?? "";
  const part = (name: string): string => new RegExp(`[ ,]${name}="?([^",]*)`).exec(text)?.[1] ?? "";
  if (part("nonce") !== nonce) return undefined;
  const ha1 = md5(`Polycom:edge:${password}`);
  const wanted = md5(`${ha1}:${nonce}:${part("nc")}:${part("cnonce")}:auth:${md5(`GET:${ask.path}`)}`);
  return part("response") === wanted ? Number.parseInt(part("nc"), 16) : undefined;
}
const digestWith = (nonce: string, more = ""): string => `Digest realm="edge", nonce="${nonce}", qop="auth", algorithm=MD5${more}`;

test("HttpClient.ask(): nothing is sent of a log-in before a challenge asks for it", async () => {
  const peer = await plainDevice((_request, response) => answerJson(response, {}));
  expect(await client().ask(targetOf(peer, { secure: false }), ask, never)).toMatchObject({ ok: true });
  expect(peer.requests.map((request) => request.headers.authorization)).toEqual([undefined]);
});

test("HttpClient.ask(): Basic by challenge; the next ask of the visit needs no challenge", async () => {
  const peer = await plainDevice((request, response) =>
    request.headers.authorization === BASIC ? answerJson(response, {}) : challenge(response, 'Basic realm="x"'),
  );
  const http = client();
  const target = targetOf(peer, { secure: false });
  expect(await http.ask(target, ask, never)).toMatchObject({ ok: true, value: { status: 200 } });
  expect(await http.ask(target, ask, never)).toMatchObject({ ok: true, value: { status: 200 } });
  expect(peer.requests.map((request) => request.headers.authorization)).toEqual([undefined, BASIC, BASIC]);
});

test("HttpClient.ask(): what works for one log-in is not sent for another, nor where none is given", async () => {
  const peer = await plainDevice((request, response) =>
    request.headers.authorization === undefined ? challenge(response, 'Basic realm="x"') : answerJson(response, {}),
  );
  const http = client();
  const target = targetOf(peer, { secure: false });
  await http.ask(target, ask, never);
  await http.ask(target, { ...ask, login: { ...login, id: "other" } }, never);
  const { login: _none, ...bare } = ask;
  await http.ask(target, bare, never);
  expect(peer.requests.map((request) => request.headers.authorization !== undefined)).toEqual([false, true, false, true, false]);
});

test("HttpClient.ask(): a Digest nonce is used again with a count that rises by one", async () => {
  const counts: (number | undefined)[] = [];
  const peer = await plainDevice((request, response) => {
    if (request.headers.authorization === undefined) return challenge(response, digestWith("n1"));
    counts.push(goodCount(request.headers, "n1"));
    answerJson(response, {});
  });
  const http = client();
  for (let i = 0; i < 3; i++) await http.ask(targetOf(peer, { secure: false }), ask, never);
  expect(counts).toEqual([1, 2, 3]);
});

test("HttpClient.ask(): a stale nonce is answered once more, counting from one", async () => {
  const counts: (number | undefined)[] = [];
  const peer = await plainDevice((request, response) => {
    const text = request.headers.authorization ?? "";
    if (text === "") return challenge(response, digestWith("n1"));
    if (text.includes('nonce="n1"')) return challenge(response, digestWith("n2", ", stale=true"));
    counts.push(goodCount(request.headers, "n2"));
    answerJson(response, {});
  });
  expect(await client().ask(targetOf(peer, { secure: false }), ask, never)).toMatchObject({ ok: true });
  expect([counts, peer.requests.length]).toEqual([[1], 3]);
});

test("HttpClient.ask(): a device whose every nonce is stale ends as denied after two answers", async () => {
  let n = 0;
  const peer = await plainDevice((_request, response) => challenge(response, digestWith(`n${++n}`, ", stale=true")));
  expect(await client().ask(targetOf(peer, { secure: false }), ask, never)).toMatchObject(denied);
  expect(peer.requests).toHaveLength(3);
});

test("HttpClient.ask(): a nonce that ran out between two asks costs one more round, not a refusal", async () => {
  let nonce = "n1";
  const peer = await plainDevice((request, response) =>
    goodCount(request.headers, nonce) === undefined ? challenge(response, digestWith(nonce)) : answerJson(response, {}),
  );
  const http = client();
  const target = targetOf(peer, { secure: false });
  expect(await http.ask(target, ask, never)).toMatchObject({ ok: true });
  nonce = "n2";
  expect(await http.ask(target, ask, never)).toMatchObject({ ok: true });
  expect(peer.requests).toHaveLength(4);
});

test("HttpClient.ask(): without qop the older form is sent", async () => {
  const peer = await plainDevice((request, response) =>
    request.headers.authorization === undefined ? challenge(response, 'Digest realm="edge", nonce="n1"') : answerJson(response, {}),
  );
  await client().ask(targetOf(peer, { secure: false }), ask, never);
  const wanted = md5(`${md5(`Polycom:edge:${PASSWORD}`)}:n1:${md5(`GET:${ask.path}`)}`);
  expect(peer.requests[1]?.headers.authorization).toContain(`response="${wanted}"`);
  expect(peer.requests[1]?.headers.authorization).not.toContain("nc=");
});

test("HttpClient.ask(): Digest where both are offered, in two headers: the password itself never leaves", async () => {
  const peer = await plainDevice((_request, response) => challenge(response, ['Basic realm="x"', digestWith("n1")]));
  expect(await client().ask(targetOf(peer, { secure: false }), ask, never)).toMatchObject(denied);
  expect(peer.requests[1]?.headers.authorization).toMatch(/^Digest /);
  expect(JSON.stringify(peer.requests.map((request) => request.headers))).not.toContain(BASIC);
});

test.each([
  ["Basic", 'Basic realm="x"', 2],
  ["Digest", digestWith("n1"), 2],
] as const)("HttpClient.ask(): a refused password is tried once by %s, then denied", async (_name, header, requests) => {
  const peer = await plainDevice((_request, response) => challenge(response, header));
  expect(await client().ask(targetOf(peer, { secure: false }), ask, never)).toEqual(denied);
  expect(peer.requests).toHaveLength(requests);
});

test("HttpClient.ask(): a Basic password changed between two asks is denied at the first refusal", async () => {
  let good = true;
  const peer = await plainDevice((request, response) =>
    good && request.headers.authorization === BASIC ? answerJson(response, {}) : challenge(response, 'Basic realm="x"'),
  );
  const http = client();
  const target = targetOf(peer, { secure: false });
  await http.ask(target, ask, never);
  good = false;
  expect(await http.ask(target, ask, never)).toEqual(denied);
  expect(peer.requests).toHaveLength(3);
});

test.each([
  ["none at all", undefined],
  ["NTLM", "NTLM"],
  ["an algorithm we do not know", 'Digest realm="r", nonce="n", algorithm=SHA-512-256'],
])("HttpClient.ask(): a challenge we cannot answer (%s) is denied without trying", async (_name, header) => {
  const peer = await plainDevice((_request, response) => {
    response.writeHead(401, header === undefined ? {} : { "www-authenticate": header }).end();
  });
  const answer = await client().ask(targetOf(peer, { secure: false }), ask, never);
  expect(answer).toMatchObject({ ...denied, fault: { ...denied.fault, detail: "no challenge we can answer" } });
  expect(peer.requests).toHaveLength(1);
});

test.each(["caf\u00c3\u00a9 \u00e2\u009c\u0093", "\u00ff\u00fe", "a\u0009b"])(
  "HttpClient.ask(): a realm of odd bytes (%j) is one answer or fault, never our bug",
  async (realm) => {
    const peer = await plainDevice((_request, response) => challenge(response, `Digest realm="${realm}", nonce="${realm}", qop="auth"`));
    expect((await client().ask(targetOf(peer, { secure: false }), ask, never)).ok).toBe(false);
  },
);
