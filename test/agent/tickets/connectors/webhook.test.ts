import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import type { TicketCall } from "../../../../agent/tickets/connectors/connector.ts";
import { type Ask, createWebhookConnector } from "../../../../agent/tickets/connectors/webhook.ts";
import { ticketBase, ticketKey } from "../../../../agent/tickets/key.ts";
import { type Fault, fail, ok } from "../../../../protocols/core/fault.ts";
import { Secret } from "../../../../protocols/core/secret.ts";
import { HOUR, MINUTE, manualClock, SECOND } from "../../../../protocols/core/time.ts";
import { T0 } from "../../../store/temporary.ts";
import { never, SITE } from "../kit.ts";

const SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const base = ticketBase({ environment: "production", site: SITE, kind: "device", scope: "d-1", cause: "lost" });
const key = ticketKey(base, 1);
const create: TicketCall = { what: "create", key, version: 3, document: { title: "It fell back" } };
const update: TicketCall = { ...create, what: "update", remoteId: "GS-7" };

interface Said {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly fault?: Fault;
}

/** A connector whose desk gives this one answer. */
function desk({ status = 200, body = {}, headers = {}, fault }: Said) {
  const asked: Parameters<Ask>[0][] = [];
  const clock = manualClock(T0);
  const ask: Ask = async (one) => {
    asked.push(one);
    if (fault !== undefined) return fail(fault);
    const text = typeof body === "string" ? body : JSON.stringify(body);
    return ok({ status, headers: new Map(Object.entries(headers)), body: Buffer.from(text) });
  };
  const options = {
    id: "webhook",
    url: "https://desk.example/hook",
    lookupUrl: "https://desk.example/tickets?view=all",
    secret: new Secret(SECRET),
  };
  return { connector: createWebhookConnector(options, { ask, clock }), asked, clock };
}
const sent = async (said: Said, call = create) => desk(said).connector.send(call, never);
const found = async (said: Said) => desk(said).connector.find(key, never);

/** Source: Standard Webhooks 1.0: base64 of HMAC-SHA256 over `id.timestamp.body`, the key is the base64 after `whsec_`. */
function signature(id: string, timestamp: string, body: string): string {
  const secret = Buffer.from(SECRET.slice("whsec_".length), "base64");
  return `v1,${createHmac("sha256", secret).update(`${id}.${timestamp}.${body}`).digest("base64")}`;
}

test("send(): signed after Standard Webhooks, over id, time and body", async () => {
  const { connector, asked } = desk({ body: { id: "GS-7" } });
  await connector.send(create, never);
  const [one] = asked;
  if (one?.body === undefined) throw new Error("nothing sent");
  expect(one).toMatchObject({ method: "POST", url: "https://desk.example/hook" });
  expect(JSON.parse(one.body)).toEqual({ type: "ticket.create", key, version: 3, ticket: create.document });
  const { "webhook-id": id = "", "webhook-timestamp": timestamp = "" } = one.headers;
  expect(timestamp).toBe(String(T0 / 1_000));
  expect(one.headers["webhook-signature"]).toBe(signature(id, timestamp, one.body));
});

test("send(): a repetition has the same id and body; only its time and signature are new", async () => {
  const { connector, asked, clock } = desk({ body: { id: "GS-7" } });
  await connector.send(create, never);
  await clock.advance(HOUR);
  await connector.send(create, never);
  await connector.send({ ...create, version: 4 }, never);
  const [first, second, next] = asked;
  expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
  expect(second?.body).toBe(first?.body);
  expect(second?.headers["webhook-timestamp"]).not.toBe(first?.headers["webhook-timestamp"]);
  expect(next?.headers["webhook-id"]).not.toBe(first?.headers["webhook-id"]);
});

test("send(): the secret shows nowhere in what goes out", async () => {
  const { connector, asked } = desk({ body: { id: "GS-7" } });
  await connector.send(create, never);
  await connector.find(key, never);
  expect(JSON.stringify(asked)).not.toContain(SECRET.slice(6));
});

test("send(): done with the desk's name of it, and its address where that is one of the web", async () => {
  const url = "https://desk.example/GS-7";
  expect(await sent({ status: 201, body: { id: "GS-7", url, more: 1 } })).toEqual({ kind: "done", id: "GS-7", url });
  for (const bad of ["javascript:alert(1)", "data:text/html,x", "//desk.example", ""])
    expect(await sent({ body: { id: "GS-7", url: bad } })).toEqual({ kind: "done", id: "GS-7" });
});

test.each<[string, Said]>([
  ["an empty answer", { status: 204, body: "" }],
  ["a page", { body: "<html>thank you</html>" }],
  ["an empty name", { body: { id: "" } }],
  ["a number for a name", { body: { id: 7 } }],
  ["an answer without end", { body: { id: "GS-7", pad: "x".repeat(2 * 1024 * 1024) } }],
])("send(): a create that was taken with %s is unknown, an update is done", async (_name, said) => {
  expect(await sent(said)).toMatchObject({ kind: "unknown" });
  expect(await sent(said, update)).toEqual({ kind: "done", id: "GS-7" });
});

test.each([400, 401, 403, 404, 410, 413, 422, 301, 302, 307])(
  "send(): status %i is refused and never tried again as it is",
  async (status) => {
    expect(await sent({ status })).toMatchObject({ kind: "refused", status });
  },
);

test.each([500, 502, 504, 599])("send(): status %i may hide a ticket: unknown", async (status) => {
  expect(await sent({ status })).toMatchObject({ kind: "unknown" });
});

test.each<[string | undefined, number]>([
  ["30", 30 * SECOND],
  ["0", 0],
  [undefined, MINUTE],
  ["Wed, 21 Oct 2026 07:28:00 GMT", MINUTE],
  ["-5", MINUTE],
  ["999999999", HOUR],
])("send(): 429 and 503 with Retry-After %s", async (header, afterMs) => {
  const headers = header === undefined ? {} : { "retry-after": header };
  for (const status of [429, 503]) expect(await sent({ status, headers })).toMatchObject({ kind: "later", afterMs });
});

test.each<[Fault, string]>([
  [{ kind: "unreachable", via: "https" }, "unknown"],
  [{ kind: "garbled", via: "https", wanted: "HTTP" }, "unknown"],
  [{ kind: "overBudget", via: "https", budget: "time", limit: 1 }, "unknown"],
  [{ kind: "cancelled", by: "shutdown" }, "unknown"],
  [{ kind: "denied", via: "https" }, "refused"],
  [{ kind: "impostor", via: "https", wanted: "a", found: "b" }, "refused"],
  [{ kind: "busy", via: "https" }, "later"],
])("send(), find(): a fault such as %o", async (fault, kind) => {
  expect(await sent({ fault })).toMatchObject({ kind });
  expect(await found({ fault })).toMatchObject({ kind });
});

test("find(): asks for the key at the look-up address, signed over an empty body", async () => {
  const { connector, asked } = desk({ body: { tickets: [] } });
  expect(await connector.find(key, never)).toEqual({ kind: "found", tickets: [] });
  const [one] = asked;
  const url = new URL(one?.url ?? "");
  expect([url.pathname, url.searchParams.get("view"), url.searchParams.get("key")]).toEqual(["/tickets", "all", key]);
  const { "webhook-id": id = "", "webhook-timestamp": timestamp = "" } = one?.headers ?? {};
  expect(one?.headers["webhook-signature"]).toBe(signature(id, timestamp, ""));
});

test("find(): T4 of everything the desk has only what carries our key is seen", async () => {
  const ticket = (name: string, id: string) => ({ id, key: name, version: 2, state: "open" });
  const other = ticketKey(base, 2);
  const tickets = [ticket("", "1"), ticket(other, "2"), ticket(key, "3"), ticket(`${key} `, "4"), ticket(key.toLowerCase(), "5")];
  expect(await found({ body: { tickets } })).toEqual({ kind: "found", tickets: [{ id: "3", key, version: 2, state: "open" }] });
});

test("find(): whatever is not closed is open", async () => {
  const tickets = ["closed", "open", "New", "resolved"].map((state, at) => ({ id: `${at}`, key, version: 1, state }));
  const answer = await found({ body: { tickets } });
  expect(answer.kind === "found" && answer.tickets.map(({ state }) => state)).toEqual(["closed", "open", "open", "open"]);
});

test.each<[string, Said, string]>([
  ["a page", { body: "<html>" }, "unknown"],
  ["no list", { body: { tickets: {} } }, "unknown"],
  ["a ticket without a version", { body: { tickets: [{ id: "1", key, state: "open" }] } }, "unknown"],
  ["status 404", { status: 404 }, "refused"],
  ["status 500", { status: 500 }, "unknown"],
  ["status 204", { status: 204, body: "" }, "unknown"],
  ["status 429", { status: 429, headers: { "retry-after": "30" } }, "later"],
])("find(): %s never proves absence", async (_name, said, kind) => {
  expect(await found(said)).toMatchObject({ kind });
});

test("createWebhookConnector(): asks no more than the caps it was given, and ordinary ones without", () => {
  const options = { id: "w", url: "https://d.example", lookupUrl: "https://d.example", secret: new Secret(SECRET) };
  const io = { ask: async () => fail({ kind: "busy", via: "https" } as const), clock: manualClock(T0) };
  expect(createWebhookConnector(options, io).caps).toEqual({ findLagMs: 10 * SECOND, callsPerMinute: 60 });
  expect(createWebhookConnector({ ...options, caps: { callsPerMinute: 5 } }, io).caps.callsPerMinute).toBe(5);
});
