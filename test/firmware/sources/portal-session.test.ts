import { expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { createPortalSession } from "../../../firmware/sources/portal-session.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { createHttpClient } from "../../../protocols/http/client.ts";
import { makeAuthority } from "../../support/certificate.ts";
import { type Handler, httpsDevice } from "../../support/https-device.ts";
import { never, passingClock } from "../staging/kit.ts";

const CALL = { method: "GET", path: "/thing", schema: z.object({ thing: z.string() }), wanted: "a thing" } as const;

/** A portal over TLS whose certificate its own roots prove, or do not. */
async function portal(handler: Handler, trusted = true) {
  const authority = makeAuthority("CN=portal roots");
  const server = await httpsDevice(authority.issue("CN=portal.example", undefined, "127.0.0.1"), handler);
  const http = createHttpClient({ random: seededRandom(1) });
  onTestFinished(async () => {
    await http.close();
    await server.close();
  });
  const account = { url: new URL(`https://127.0.0.1:${server.port}/api/`), user: "u", password: new Secret("canary") };
  const session = createPortalSession({ ...account, ...(trusted ? { ca: authority.cert } : {}) }, { http, clock: passingClock() });
  return { server, session };
}

const answer: Handler = ({ path, headers }, response) => {
  if (path === "/api/sessions")
    response.writeHead(201).end('{"schema":"groundswell.portal-session/1","token":"t-1","expiresInSeconds":60}');
  else if (headers.authorization === "Bearer t-1") response.writeHead(200).end('{"thing":"x","more":1}');
  else response.writeHead(401).end();
};

test("PortalSession.ask(): the password goes to a proved server in the log-in's body, and afterwards the token alone", async () => {
  const { server, session } = await portal(answer);
  expect(await session.ask(CALL, never)).toEqual({ ok: true, value: { thing: "x" } });
  expect(await session.authorize(false, never)).toEqual({ ok: true, value: { authorization: "Bearer t-1" } });
  expect(server.requests.map(({ method, path, body }) => [method, path, body.includes("canary")])).toEqual([
    ["POST", "/api/sessions", true],
    ["GET", "/api/thing", false],
  ]);
});

test("PortalSession.ask(): to a server that proves nothing no password goes", async () => {
  const { server, session } = await portal(answer, false);
  expect(await session.ask(CALL, never)).toMatchObject({ ok: false });
  expect(server.requests).toEqual([]);
});

test.each([
  ["no token", '{"schema":"groundswell.portal-session/1","expiresInSeconds":60}'],
  ["a token that is two headers", '{"schema":"groundswell.portal-session/1","token":"a\\r\\nb: c","expiresInSeconds":60}'],
  ["another document", '{"schema":"groundswell.portal-session/2","token":"t-1","expiresInSeconds":60}'],
])("PortalSession.ask(): a log-in with %s is no log-in", async (_name, body) => {
  const { session } = await portal((_request, response) => void response.writeHead(201).end(body));
  expect(await session.ask(CALL, never)).toMatchObject({ ok: false, fault: { kind: "garbled", wanted: "a session of the portal" } });
});

test("PortalSession.ask(): an answer of another shape is told as what was wanted", async () => {
  const { session } = await portal((request, response) =>
    request.path === "/api/sessions" ? answer(request, response) : void response.writeHead(200).end('{"thing":1}'),
  );
  expect(await session.ask(CALL, never)).toMatchObject({ ok: false, fault: { kind: "garbled", wanted: "a thing" } });
});
