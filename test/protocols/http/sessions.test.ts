import type { ServerResponse } from "node:http";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { ok } from "../../../protocols/core/fault.ts";
import type { HttpTarget } from "../../../protocols/http/client.ts";
import { type Session, withSession } from "../../../protocols/http/sessions.ts";
import { answerJson, type HttpsDevice, type SeenRequest } from "../../support/https-device.ts";
import { client, device, factory, login, MAC, never, OTHER_MAC, PASSWORD, targetOf } from "./kit.ts";

type Answer = (request: SeenRequest, response: ServerResponse) => void;
const GOOD = { success: true, session: { sessionId: "PSabc", isAuthenticated: true }, loginStatus: { loginResult: "NOLOCKOUT" } };
const opens: Answer = (_request, response) => answerJson(response, GOOD);
const refuses =
  (status: number, reason?: string): Answer =>
  (_request, response) => {
    response.writeHead(status, { "content-type": "application/json" });
    response.end(reason === undefined ? "<html>no</html>" : JSON.stringify({ success: false, reason }));
  };

/** A codec: how it answers the log-in, everything else is good. */
function codec(onLogin: Answer, onAsk: Answer = (_request, response) => answerJson(response, {})): Promise<HttpsDevice> {
  return device((request, response) => {
    if (request.path !== "/rest/session") return onAsk(request, response);
    if (request.method === "POST") return onLogin(request, response);
    answerJson(response, { success: true });
  });
}
const steps = (peer: HttpsDevice): string[] => peer.requests.map((request) => `${request.method} ${request.path}`);
const CLOSED = "DELETE /rest/session";
const visit = async (session: Session) => {
  const answer = await session.ask({ method: "GET", path: "system" });
  return answer.ok ? ok(answer.value.status) : answer;
};

test("withSession(): opens, asks with the cookie, closes [video 2.1.2] [video 2.1.3] [video 2.1.6]", async () => {
  const peer = await codec(opens);
  expect(await withSession(targetOf(peer), login, { http: client(), run: visit }, never)).toEqual({ ok: true, value: 200 });
  expect(steps(peer)).toEqual(["POST /rest/session", "GET /rest/system", CLOSED]);
  expect(JSON.parse(peer.requests[0]?.body ?? "")).toEqual({ user: "Polycom", password: PASSWORD });
  expect(peer.requests.slice(1).map((request) => request.headers.cookie)).toEqual(["session_id=PSabc", "session_id=PSabc"]);
});

test("withSession(): the cookie set wins over the body, and its token comes back in the header of every ask [video 2.1.3]", async () => {
  const peer = await codec((_request, response) =>
    answerJson(response, GOOD, { "set-cookie": ["session_id=PScookie; Path=/; HttpOnly", "XSRF-TOKEN=tok-1; Path=/"] }),
  );
  await withSession(targetOf(peer), login, { http: client(), run: visit }, never);
  for (const request of peer.requests.slice(1)) {
    expect(request.headers).toMatchObject({ cookie: "session_id=PScookie; XSRF-TOKEN=tok-1", "x-xsrf-token": "tok-1" });
  }
});

test("withSession(): a body is sent as JSON", async () => {
  const peer = await codec(opens);
  const run = async (session: Session) => {
    await session.ask({ method: "POST", path: "config", body: { names: ["a"] } });
    return ok(undefined);
  };
  await withSession(targetOf(peer), login, { http: client(), run }, never);
  expect(peer.requests[1]).toMatchObject({
    path: "/rest/config",
    body: '{"names":["a"]}',
    headers: { "content-type": "application/json" },
  });
});

test("withSession(): closes after a visit that throws, and passes the bug on", async () => {
  const peer = await codec(opens);
  const run = (): Promise<never> => Promise.reject(new Error("bug"));
  await expect(withSession(targetOf(peer), login, { http: client(), run }, never)).rejects.toThrow("bug");
  expect(steps(peer).at(-1)).toBe(CLOSED);
});

test("withSession(): closes after a visit that was stopped half way", async () => {
  const stop = new AbortController();
  const peer = await codec(opens, () => stop.abort());
  const ended = await withSession(targetOf(peer), login, { http: client(), run: visit }, stop.signal);
  expect(ended).toEqual({ ok: false, fault: { kind: "cancelled", by: "shutdown" } });
  expect(steps(peer).at(-1)).toBe(CLOSED);
});

test("withSession(): closes after an answer that breaks off", async () => {
  const peer = await codec(opens, (_request, response) => response.destroy());
  expect(await withSession(targetOf(peer), login, { http: client(), run: visit }, never)).toMatchObject({ ok: false });
  expect(steps(peer).at(-1)).toBe(CLOSED);
});

test("withSession(): a close that the device refuses does not spoil the visit", async () => {
  const peer = await device((request, response) => {
    if (request.method === "DELETE") return void response.destroy();
    answerJson(response, GOOD);
  });
  expect(await withSession(targetOf(peer), login, { http: client(), run: visit }, never)).toEqual({ ok: true, value: 200 });
});

test.each([
  ["an unreadable body", (_request, response) => answerJson(response, "<html>", { "set-cookie": "session_id=PSx; Path=/" })],
  [
    "a reason as long as a book",
    (_request, response) => answerJson(response, { ...GOOD, reason: "x".repeat(9_999) }, { "set-cookie": "session_id=PSx" }),
  ],
  ["words that contradict it", (_request, response) => answerJson(response, { success: false }, { "set-cookie": "session_id=PSx" })],
] as readonly (readonly [string, Answer])[])("withSession(): a session opened beside %s is closed too", async (_name, answer) => {
  const peer = await codec(answer);
  expect(await withSession(targetOf(peer), login, { http: client(), run: visit }, never)).toMatchObject({ ok: false });
  expect(steps(peer)).toEqual(["POST /rest/session", CLOSED]);
  expect(peer.requests[1]?.headers.cookie).toBe("session_id=PSx");
});

test.each<readonly [string, Answer, object]>([
  ["a wrong password", refuses(401, "SessionRequestFailed"), { kind: "denied", via: "https", credentialId: "site" }],
  ["a 403 with HTML", refuses(403), { kind: "denied", credentialId: "site" }],
  ["a locked port", refuses(412, "SessionPortLockout"), { kind: "lockedOut", via: "https", retryAfterMs: 60_000 }],
  ["an account lock", (_q, r) => answerJson(r, { success: false, loginStatus: { loginResult: "LOCKEDOUT" } }), { kind: "lockedOut" }],
  ["another active session", refuses(400, "SessionAlreadyActive"), { kind: "busy", via: "https" }],
  ["no REST at all", refuses(404), { kind: "off", via: "https" }],
  ["a server error", refuses(500), { kind: "garbled", wanted: "a session", detail: "HTTP 500" }],
  ["HTML where a session should be", (_q, r) => answerJson(r, "<html>log in</html>"), { kind: "garbled" }],
  ["a redirect", (_q, r) => r.writeHead(302, { location: "/login" }).end("{}"), { kind: "garbled", detail: "HTTP 302" }],
  ["good words without a session", (_q, r) => answerJson(r, { success: true }), { kind: "denied" }],
  ["success: false", (_q, r) => answerJson(r, { success: false }), { kind: "denied" }],
  ["a session that is not authenticated", (_q, r) => answerJson(r, { session: { isAuthenticated: false } }), { kind: "denied" }],
])("withSession(): %s: no visit, one fault", async (_name, answer, fault) => {
  const peer = await codec(answer);
  let visited = false;
  const run = async () => {
    visited = true;
    return ok(1);
  };
  expect(await withSession(targetOf(peer), login, { http: client(), run }, never)).toMatchObject({ ok: false, fault });
  expect([visited, steps(peer)]).toEqual([false, ["POST /rest/session"]]);
});

test.each(["a\r\nx-evil: 1", "a\u0000b", "✓", "a;b", "a b"])(
  "withSession(): a session id that is no token (%j) is a fault, never a header or our bug",
  async (sessionId) => {
    const peer = await codec((_request, response) => answerJson(response, { ...GOOD, session: { sessionId } }));
    const ended = await withSession(targetOf(peer), login, { http: client(), run: visit }, never);
    expect(ended).toMatchObject({ ok: false, fault: { kind: "garbled" } });
    expect(peer.requests.map((request) => request.headers.cookie)).toEqual([undefined]);
  },
);

test.each([400, 412])("withSession(): a build that calls the first form invalid (%d) gets the second, and we are told", async (status) => {
  const peer = await codec((request, response) =>
    request.body.includes('"action":"Login"') ? opens(request, response) : refuses(status, "SessionRequestInvalid")(request, response),
  );
  let refused = 0;
  const io = { http: client(), run: visit, onFirstFormRefused: () => void refused++ };
  expect(await withSession(targetOf(peer), login, io, never)).toEqual({ ok: true, value: 200 });
  expect([refused, steps(peer).filter((step) => step.startsWith("POST")).length]).toEqual([1, 2]);
});

test("withSession(): a password is sent at most twice, and only in the two forms", async () => {
  const peer = await codec(refuses(400, "SessionRequestInvalid"));
  expect(await withSession(targetOf(peer), login, { http: client(), run: visit }, never)).toMatchObject({
    ok: false,
    fault: { kind: "denied" },
  });
  expect(peer.requests).toHaveLength(2);
});

test.each<readonly [string, Answer]>([
  ["a page (403)", refuses(403)],
  ["its reason (412)", refuses(412, "SessionNoActiveSession")],
  ["its reason (400)", refuses(400, "SessionNoActiveSession")],
])(
  "withSession(): a session that ends under us, told by %s, says nothing of the password, and is still closed [video 2.1.4] [video 2.1.5]",
  async (_how, onAsk) => {
    const peer = await codec(opens, onAsk);
    const ended = await withSession(targetOf(peer), login, { http: client(), run: visit }, never);
    expect(ended).toEqual({ ok: false, fault: { kind: "denied", via: "https", detail: "the session has ended" } });
    expect(steps(peer).at(-1)).toBe(CLOSED);
  },
);

test("withSession(): where the device sees us is told to the visit", async () => {
  const peer = await codec((_request, response) => answerJson(response, { ...GOOD, session: { ...GOOD.session, location: "10.0.0.9" } }));
  const run = async (session: Session) => ok(session.location);
  expect(await withSession(targetOf(peer), login, { http: client(), run }, never)).toEqual({ ok: true, value: "10.0.0.9" });
});

test.each<readonly [string, Partial<HttpTarget>]>([
  ["a certificate of another MAC", { expectMac: OTHER_MAC }],
  ["another pin", { trust: "pin", tlsFingerprint: "00".repeat(32) }],
  ["a pin without one on record", { trust: "pin" }],
])("withSession(): %s: no password arrives", async (_name, proof) => {
  const peer = await codec(opens);
  const ended = await withSession(targetOf(peer, proof), login, { http: client(), run: visit }, never);
  expect(ended).toMatchObject({ ok: false, fault: { kind: "impostor" } });
  expect(peer.requests).toHaveLength(0);
});

test("withSession(): the right MAC and pin get in", async () => {
  const peer = await codec(opens);
  const proof = { expectMac: MAC, trust: "pin", tlsFingerprint: factory.fingerprint } as const;
  expect(await withSession(targetOf(peer, proof), login, { http: client(), run: visit }, never)).toMatchObject({ ok: true });
});

test("withSession(): one session at a time per device, each closed before the next opens [video 2.1.8]", async () => {
  const peer = await codec(opens, async (_request, response) => {
    await turn();
    answerJson(response, {});
  });
  const http = client();
  const visits = [1, 2, 3].map(() => withSession(targetOf(peer), login, { http, run: visit }, never));
  await Promise.all(visits);
  const one = ["POST /rest/session", "GET /rest/system", CLOSED];
  expect([steps(peer), peer.mostAtOnce()]).toEqual([[...one, ...one, ...one], 1]);
});

test("withSession(): a challenge of HTTP is another device's log-in: no sessions there, and no password refused", async () => {
  const peer = await codec(
    (_request, response) => void response.writeHead(401, { "www-authenticate": 'Digest realm="hdx", nonce="n"' }).end(),
  );
  const ended = await withSession(targetOf(peer), login, { http: client(), run: visit }, never);
  expect(ended).toMatchObject({ ok: false, fault: { kind: "off", via: "https" } });
  expect(steps(peer)).toEqual(["POST /rest/session"]);
});
