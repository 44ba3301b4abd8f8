import { inspect } from "node:util";
import { expect, test } from "vitest";
import { ok } from "../../../protocols/core/fault.ts";
import { HOUR, SECOND } from "../../../protocols/core/time.ts";
import { createLensClient } from "../../../protocols/lens/client.ts";
import { LENS_ENDPOINTS } from "../../../protocols/lens/endpoints.ts";
import { CALLS, RELEASES } from "../../../protocols/lens/queries.ts";
import type { LensQuery } from "../../../protocols/lens/query.ts";
import { makeCertificate } from "../../support/certificate.ts";
import { CLIENT_ID, cost, data, errors, type FakeLens, fakeLens, never, type Reply, SECRET, token, unknownField } from "./kit.ts";

/** A question with one field it needs and two it does not. */
const QUERY: LensQuery<unknown> = {
  name: "things",
  select: ["thing", "extra", { inner: ["value"] }],
  needs: ["thing"],
  decode: (given) => ok(given),
};
const THING = data({ thing: "x" });
const ask = (lens: FakeLens, query: LensQuery<unknown> = QUERY) => lens.client.ask(query, {}, never);

test("LENS_ENDPOINTS: token, and questions, at the maker's two addresses [lens 1.3] [lens 1.4]", () => {
  expect(LENS_ENDPOINTS).toEqual({
    token: "https://login.silica-prod01.io.lens.poly.com/oauth/token",
    graphql: "https://api.silica-prod01.io.lens.poly.com/graphql",
  });
});

test("LensClient.ask(): a token for id and secret as JSON without an audience, then it alone goes with the question [lens 2.1] [lens 2.4]", async () => {
  const lens = await fakeLens({ graphql: () => THING });
  expect(await ask(lens)).toMatchObject({ ok: true, value: { value: { thing: "x" }, faults: [], without: [] } });
  expect(lens.tokenBodies).toEqual([{ client_id: CLIENT_ID, client_secret: SECRET, grant_type: "client_credentials" }]);
  expect(lens.asked.map(({ authorization }) => authorization)).toEqual(["Bearer token-1"]);
  const [first] = lens.server.requests;
  expect(first).toMatchObject({ method: "POST", path: "/oauth/token", headers: { "content-type": "application/json" } });
});

test("LensClient.ask(): a token serves until shortly before its end, and then a new one is fetched", async () => {
  const lens = await fakeLens({ tokens: (count) => token(`token-${count}`, 3_600), graphql: () => THING });
  await ask(lens);
  await lens.clock.advance(HOUR - 90 * SECOND);
  await ask(lens);
  await lens.clock.advance(60 * SECOND);
  await ask(lens);
  expect(lens.asked.map(({ authorization }) => authorization)).toEqual(["Bearer token-1", "Bearer token-1", "Bearer token-2"]);
});

test("LensClient.ask(): ten asks at once need one token request", async () => {
  const lens = await fakeLens({ graphql: () => THING });
  const answers = await Promise.all(Array.from({ length: 10 }, () => ask(lens)));
  expect(answers.every((answer) => answer.ok)).toBe(true);
  expect(lens.tokenBodies).toHaveLength(1);
});

test("LensClient.ask(): a token withdrawn before its time is replaced once, and a second refusal is a refusal", async () => {
  const lens = await fakeLens({
    tokens: (count) => token(`token-${count}`),
    graphql: ({ authorization }) => (authorization === "Bearer token-2" ? THING : { status: 401, body: {} }),
  });
  expect(await ask(lens)).toMatchObject({ ok: true });
  expect(lens.tokenBodies).toHaveLength(2);
  const shut = await fakeLens({ tokens: (count) => token(`token-${count}`), graphql: () => ({ status: 401, body: {} }) });
  expect(await ask(shut)).toEqual({ ok: false, fault: { kind: "denied", via: "lens", credentialId: "lens" } });
  expect([shut.tokenBodies.length, shut.asked.length]).toEqual([2, 2]);
});

test.each([400, 401, 403])("LensClient.ask(): id and secret refused twice with %i are not shown a third time", async (status) => {
  const lens = await fakeLens({ tokens: () => ({ status, body: { error: "access_denied" } }) });
  for (const _ of [1, 2, 3]) expect(await ask(lens)).toMatchObject({ ok: false, fault: { kind: "denied", credentialId: "lens" } });
  expect([lens.tokenBodies.length, lens.asked.length]).toEqual([2, 0]);
});

test("LensClient.ask(): a refused token call that repeats the secret leaves nothing of it anywhere [lens 2.5]", async () => {
  for (const status of [400, 401, 403, 418, 429, 500]) {
    const echo = `{"error":"bad","you_sent":{"client_id":"${CLIENT_ID}","client_secret":"${SECRET}"}}`;
    const lens = await fakeLens({ tokens: () => ({ status, body: echo }) });
    const answer = await ask(lens);
    expect(answer.ok).toBe(false);
    expect(inspect([answer, lens.client, lens.account], { depth: 20 }) + JSON.stringify([answer, lens.account])).not.toMatch(/canary/);
  }
});

test.each<[string, Reply]>([
  ["no token in it", { body: { expires_in: 5 } }],
  ["a token with a line break", token("a\r\nx-evil: 1")],
  ["HTML", { body: "<html>log in</html>" }],
  ["a list", { body: [] }],
])("LensClient.ask(): an answer for a token with %s is garbled, and no question is sent", async (_what, reply) => {
  const lens = await fakeLens({ tokens: () => reply });
  expect(await ask(lens)).toMatchObject({ ok: false, fault: { kind: "garbled", via: "lens" } });
  expect(lens.asked).toEqual([]);
});

test("LensClient.ask(): a lifetime of nonsense is short, and the ask it was fetched for is asked", async () => {
  const lens = await fakeLens({ tokens: (count) => token(`token-${count}`, "soon"), graphql: () => THING });
  expect(await ask(lens)).toMatchObject({ ok: true });
  await lens.clock.advance(6 * 60 * SECOND);
  await ask(lens);
  expect(lens.tokenBodies).toHaveLength(2);
});

test("LensClient: a cloud that cannot prove its name is shown neither id nor secret", async () => {
  const lens = await fakeLens({ certificate: makeCertificate("CN=lens.example", undefined, "127.0.0.1") });
  expect(await ask(lens)).toMatchObject({ ok: false, fault: { kind: "impostor", via: "lens" } });
  expect(lens.server.requests).toEqual([]);
});

test("createLensClient(): an address without TLS is our own mistake", async () => {
  const lens = await fakeLens();
  const endpoints = { ...LENS_ENDPOINTS, token: "http://127.0.0.1/oauth/token" };
  expect(() => createLensClient({ ...lens.account, endpoints }, lens)).toThrow("not https");
});

test("LensClient.ask(): a field Lens no longer has is left out, at once and from then on [lens 3.1] [lens 3.6]", async () => {
  const lens = await fakeLens({
    graphql: ({ query }) =>
      query.includes("extra") ? errors(unknownField("extra", ' Did you mean "currentExtra"?'), unknownField("value")) : THING,
  });
  expect(await ask(lens)).toMatchObject({ ok: true, value: { value: { thing: "x" }, without: ["extra", "value"] } });
  expect(await ask(lens)).toMatchObject({ ok: true, value: { without: ["extra", "value"] } });
  expect(lens.asked.map(({ query }) => query.replace(/ calculateQueryCost.*$/, " }"))).toEqual([
    "query things { thing extra inner { value } }",
    "query things { thing }",
    "query things { thing }",
  ]);
});

test("LensClient.ask(): a field it cannot do without is named, and Lens is not called down", async () => {
  const lens = await fakeLens({ graphql: () => errors(unknownField("thing")) });
  expect(await ask(lens)).toEqual({ ok: false, fault: { kind: "adapt", fields: ["thing"] } });
  expect(lens.asked).toHaveLength(1);
});

test("LensClient.ask(): a Lens that refuses one field after the other is asked a few times, not for ever", async () => {
  const many: LensQuery<unknown> = { ...QUERY, select: ["thing", ...Array.from({ length: 30 }, (_, i) => `f${i}`)] };
  const lens = await fakeLens({ graphql: ({ query }) => errors(unknownField(/f\d+/.exec(query)?.[0] ?? "none")) });
  expect(await ask(lens, many)).toMatchObject({ ok: false, fault: { kind: "adapt" } });
  expect(lens.asked).toHaveLength(5);
});

test("LensClient.ask(): data with errors beside it is data, and each error a fault by place and code [lens 3.2]", async () => {
  const lens = await fakeLens({
    graphql: () => ({
      body: { data: { thing: "x", extra: null }, errors: [{ message: SECRET, path: ["extra", 0], extensions: { code: "FORBIDDEN" } }] },
    }),
  });
  const answer = await ask(lens);
  expect(answer).toMatchObject({
    ok: true,
    value: { value: { thing: "x" }, faults: [{ kind: "refused", via: "lens", reason: "extra.0: FORBIDDEN" }] },
  });
  expect(JSON.stringify(answer)).not.toContain(SECRET);
});

test.each([
  ["rate limit exceeded", 400],
  ["Rate-Limit hit", 400],
  ["you are over limit", 400],
  ["slow down", 429],
])("LensClient.ask(): %j with status %i is a limit: nothing is sent until it is over [lens 3.3]", async (message, status) => {
  let limited = true;
  const lens = await fakeLens({
    graphql: () => (limited ? { status, headers: { "retry-after": "20" }, body: { errors: [{ message }] } } : THING),
  });
  expect(await ask(lens)).toEqual({ ok: false, fault: { kind: "limited", retryAfterMs: 20_000 } });
  limited = false;
  await lens.clock.advance(19 * SECOND);
  expect(await ask(lens)).toEqual({ ok: false, fault: { kind: "limited", retryAfterMs: 1_000 } });
  expect(lens.asked).toHaveLength(1);
  await lens.clock.advance(SECOND);
  expect(await ask(lens)).toMatchObject({ ok: true });
});

test("LensClient.ask(): a limit without a time, or with an absurd one, is bounded", async () => {
  const lens = await fakeLens({ graphql: () => ({ status: 429, body: "" }) });
  expect(await ask(lens)).toEqual({ ok: false, fault: { kind: "limited", retryAfterMs: 60_000 } });
  const long = await fakeLens({ graphql: () => ({ status: 429, headers: { "retry-after": "99999999" }, body: "" }) });
  expect(await ask(long)).toEqual({ ok: false, fault: { kind: "limited", retryAfterMs: HOUR } });
});

test("LensClient.ask(): the cost rides along, and a question dearer than what is left waits for the reset [lens 3.4]", async () => {
  const lens = await fakeLens({ graphql: () => data({ thing: "x", ...cost(40, 39, 120) }) });
  expect(await ask(lens)).toMatchObject({ ok: true });
  expect(lens.asked[0]?.query).toContain("calculateQueryCost { queryCost costUsed costRemaining secondsToReset }");
  expect(await ask(lens)).toEqual({ ok: false, fault: { kind: "limited", retryAfterMs: 120_000 } });
  expect(lens.asked).toHaveLength(1);
  await lens.clock.advance(120 * SECOND);
  expect(await ask(lens)).toMatchObject({ ok: true });
});

test("LensClient.ask(): what is asked often stops at half the budget, so that the list of devices never does [lens 3.4]", async () => {
  const lens = await fakeLens({ graphql: () => data({ thing: "x", activeCalls: { calls: [] }, ...cost(1, 499, 60) }) });
  expect(await lens.client.ask(CALLS, { d: "x" }, never)).toMatchObject({ ok: true });
  expect(await lens.client.ask(CALLS, { d: "x" }, never)).toEqual({ ok: false, fault: { kind: "limited", retryAfterMs: 60_000 } });
  expect(await ask(lens)).toMatchObject({ ok: true });
  expect(lens.asked).toHaveLength(2);
});

test("LensClient.ask(): the catalogue is asked without a token and without the account's budget [lens 6.1]", async () => {
  const lens = await fakeLens({ graphql: () => data({ availableProductSoftwareByPid: [] }) });
  expect(await lens.client.ask(RELEASES, { pid: "Edge E350" }, never)).toMatchObject({ ok: true, value: { value: [] } });
  expect(lens.tokenBodies).toEqual([]);
  expect(lens.asked[0]?.authorization).toBeUndefined();
  expect(lens.asked[0]?.query).not.toContain("calculateQueryCost");
});

test.each<[string, Reply, object]>([
  ["a gateway's page", { status: 502, body: "<html>" }, { kind: "unreachable", via: "lens", detail: "HTTP 502" }],
  ["a redirect", { status: 302, headers: { location: "https://127.0.0.9/" }, body: "" }, { kind: "garbled", detail: "HTTP 302" }],
  ["a role that may not", { status: 403, body: "{}" }, { kind: "refused", reason: "the account's role may not ask this" }],
  ["no JSON", { body: "hello" }, { kind: "garbled", via: "lens" }],
  ["no data", { body: { data: null } }, { kind: "garbled", via: "lens", wanted: "data" }],
  ["errors alone", { body: { data: null, errors: [{ message: "x", extensions: { code: "BOOM" } }] } }, { kind: "refused", reason: "BOOM" }],
  ["a list of errors without end", errors(...Array.from({ length: 5_000 }, () => ({}))), { kind: "refused", reason: "no reason given" }],
])("LensClient.ask(): %s is one fault", async (_what, reply, fault) => {
  const lens = await fakeLens({ graphql: () => reply });
  expect(await ask(lens)).toMatchObject({ ok: false, fault });
});

test("LensClient.ask(): more bytes than any page has are not kept", async () => {
  const lens = await fakeLens({
    graphql: () => (response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write(" ".repeat(64 * 1024)));
        if (!response.destroyed) response.once("drain", more);
      };
      more();
    },
  });
  expect(await ask(lens)).toMatchObject({ ok: false, fault: { kind: "overBudget", via: "lens", budget: "bytes" } });
});

test("LensClient.ask(): an abort ends it, whether it waits for a token or for the answer", async () => {
  const stop = new AbortController();
  const lens = await fakeLens({ graphql: () => () => stop.abort() });
  const cancelled = { ok: false, fault: { kind: "cancelled", by: "shutdown" } };
  expect(await lens.client.ask(QUERY, {}, stop.signal)).toEqual(cancelled);
  expect(await lens.client.ask(QUERY, {}, stop.signal)).toEqual(cancelled);
});

test("CALLS: asks for one device and says what state its calls are in; anything else is garbled [lens 13.4]", async () => {
  const lens = await fakeLens({ graphql: () => data({ activeCalls: { calls: [{ id: "1", state: "CONNECTED" }] } }) });
  expect(await lens.client.ask(CALLS, { d: "64167faabbcc" }, never)).toMatchObject({ ok: true, value: { value: ["CONNECTED"] } });
  expect(lens.asked[0]).toMatchObject({ variables: { d: "64167faabbcc" } });
  expect(lens.asked[0]?.query).toContain("query calls($d: String!) { activeCalls(deviceId: $d) { calls { id state } }");
  const odd = await fakeLens({ graphql: () => data({ activeCalls: { calls: "none" } }) });
  expect(await odd.client.ask(CALLS, { d: "x" }, never)).toMatchObject({ ok: false, fault: { kind: "garbled", via: "lens" } });
});
