/** The ways to a broker, each against a real one on loopback: aedes behind TLS, a WebSocket and a proxy. */
import { createPrivateKey } from "node:crypto";
import { expect, onTestFinished, test } from "vitest";
import { Bug, type Fault } from "../../../protocols/core/fault.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { startBroker } from "../../../protocols/mqtt/broker.ts";
import { createMqttClient } from "../../../protocols/mqtt/client.ts";
import { MAX_FRAME_BYTES, type MqttClient, type MqttOptions } from "../../../protocols/mqtt/link.ts";
import { makeAuthority } from "../../support/certificate.ts";
import { proxyGate, type TlsTerms, talker, tlsGate, webGate } from "./gates.ts";
import { connack, startRawBroker } from "./raw-broker.ts";
import { frame } from "./server-frames.ts";

const authority = makeAuthority("CN=brokers");
const server = authority.issue("CN=localhost");
const agent = authority.issue("CN=zug-01");
const topic = "groundswell/v1/zug-01/state";
const PASSWORD = "hush-7d1";

async function aedes(): Promise<number> {
  const authenticate = async (user: string, password: Secret) =>
    password.reveal() !== PASSWORD ? undefined : user === "zug-01" ? ("site" as const) : ("desk" as const);
  const broker = await startBroker({ host: "127.0.0.1", port: 0, authenticate });
  onTestFinished(() => broker.close());
  return broker.port;
}

const secured = async (terms: Partial<TlsTerms> = {}) => tlsGate(await aedes(), { cert: server.cert, key: server.key, ...terms });
const trusting = { ca: authority.cert };

function client(options: Partial<MqttOptions> & { readonly port: number }): MqttClient {
  const made = createMqttClient(
    { host: "localhost", clientId: "zug-01", user: "zug-01", password: new Secret(PASSWORD), ...options },
    { clock: manualClock(0), random: seededRandom(3) },
  );
  onTestFinished(() => made.close());
  return made;
}

/** What ends its first try. */
function firstFault(made: MqttClient): Promise<Fault> {
  return new Promise((resolve) => {
    made.onState((state) => {
      if (state.at === "waiting") resolve(state.fault);
      if (state.at === "online") resolve({ kind: "stalled", waitedFor: "a fault: it is online" });
    });
  });
}

/** Publishes something long, so that it lies in several frames and records. */
async function worksOver(made: MqttClient): Promise<void> {
  await made.online(AbortSignal.timeout(10_000));
  const payload = Buffer.alloc(100_000, "long ");
  expect(await made.publish({ topic, payload, retain: true })).toEqual({ ok: true, value: undefined });
}

test.each(["TLSv1.2", "TLSv1.3"] as const)("dial(): %s with a client certificate whose key is locked", async (version) => {
  const gate = await secured({ clientCa: authority.cert, version });
  const locked = createPrivateKey(agent.key).export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open" }).toString();
  const tls = { ...trusting, certificate: agent.cert, key: new Secret(locked), keyPassphrase: new Secret("open") };
  await worksOver(client({ port: gate.port, tls }));
  expect(new Set(gate.subjects)).toEqual(new Set(["zug-01"]));
});

test.each(["TLSv1.2", "TLSv1.3"] as const)("dial(): %s, a broker that demands a certificate says so, and we do", async (version) => {
  const gate = await secured({ clientCa: authority.cert, version });
  expect(await firstFault(client({ port: gate.port, tls: trusting }))).toMatchObject({ kind: "denied", via: "tls" });
  expect(gate.subjects).toEqual([]);
});

test.each([
  ["a wrong passphrase", { keyPassphrase: new Secret("shut") }],
  ["none", {}],
])("dial(): a locked key with %s is told, and nothing is connected", async (_name, more) => {
  const gate = await secured();
  const locked = createPrivateKey(agent.key).export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "open" }).toString();
  const tls = { ...trusting, certificate: agent.cert, key: new Secret(locked), ...more };
  const fault = await firstFault(client({ port: gate.port, tls }));
  expect(fault).toMatchObject({
    kind: "denied",
    via: "tls",
    detail: expect.stringMatching(/^our certificates or their key cannot be used: ERR_/),
  });
  expect(JSON.stringify(fault)).not.toContain("shut");
});

test.each([
  ["of an authority we do not trust", async () => secured(), {}, "a certificate of an authority we trust"],
  [
    "that has expired",
    async () => secured(authority.issue("CN=localhost", Date.UTC(2024, 0, 1))),
    trusting,
    "a certificate that is valid today",
  ],
  ["for another name", async () => secured(authority.issue("CN=elsewhere.example")), trusting, "a certificate for localhost"],
] as const)("dial(): a broker with a certificate %s is an impostor and gets no word of ours", async (_name, gate, tls, wanted) => {
  const { port } = await gate();
  expect(await firstFault(client({ port, tls }))).toMatchObject({ kind: "impostor", via: "tls", wanted });
  // The same through a WebSocket: nothing is upgraded before the certificate is good.
  expect(await firstFault(client({ port, tls, webSocket: { path: "/mqtt?v=5" } }))).toMatchObject({ kind: "impostor", via: "tls", wanted });
});

test("dial(): a certificate for the address serves where the broker is named by it", async () => {
  const own = authority.issue("CN=broker", undefined, "127.0.0.1");
  const gate = await secured({ cert: own.cert, key: own.key });
  await worksOver(client({ host: "127.0.0.1", port: gate.port, tls: trusting }));
});

test("dial(): a port where no TLS is spoken is garbled", async () => {
  const port = await talker("HTTP/1.1 400 No\r\n\r\n");
  expect(await firstFault(client({ port, tls: trusting }))).toMatchObject({ kind: "garbled", via: "tls" });
});

test("dial(): a port where nobody listens is unreachable, by every way", async () => {
  const port = 9; // discard: nothing here listens on it
  const ways: Partial<MqttOptions>[] = [{ tls: trusting }, { tls: trusting, webSocket: { path: "/" } }, { webSocket: { path: "/" } }];
  for (const way of ways) {
    const fault = await firstFault(client({ host: "127.0.0.1", port, ...way }));
    expect(fault).toEqual({ kind: "unreachable", via: "mqtt", detail: "ECONNREFUSED" });
  }
});

test("dial(): ws on loopback, in 3.1.1 as the broker speaks it, packets across frames", async () => {
  const gate = await webGate(await aedes());
  const made = client({ host: "127.0.0.1", port: gate.port, webSocket: { path: "/mqtt?v=5" } });
  await worksOver(made);
  expect(made.state).toMatchObject({ at: "online", protocol: 4 });
  // The gate greets each connection with a ping: one in MQTT 5, one in 3.1.1.
  expect(gate.pongs).toEqual(["hi", "hi"]);
});

test("dial(): wss through a proxy that wants a log-in", async () => {
  const web = await webGate(await aedes());
  const gate = await tlsGate(web.port, { cert: server.cert, key: server.key });
  const proxy = await proxyGate({ login: "site:w0rd-c1" });
  const way = { host: "127.0.0.1", port: proxy.port, user: "site", password: new Secret("w0rd-c1") };
  await worksOver(client({ port: gate.port, tls: trusting, webSocket: { path: "/mqtt?v=5" }, proxy: way }));
  expect(new Set(proxy.taken)).toEqual(new Set([`localhost:${gate.port}`]));
});

test("dial(): mqtts through a proxy, with a client certificate", async () => {
  const gate = await secured({ clientCa: authority.cert });
  const proxy = await proxyGate();
  const tls = { ...trusting, certificate: agent.cert, key: new Secret(agent.key) };
  await worksOver(client({ port: gate.port, tls, proxy: { host: "127.0.0.1", port: proxy.port } }));
  expect(proxy.taken.length).toBeGreaterThan(0);
  expect(new Set(gate.subjects)).toEqual(new Set(["zug-01"]));
});

test.each([
  ["does not know our log-in", { login: "site:other" }, { kind: "denied", via: "http" }],
  ["forbids the broker", { status: 403 }, { kind: "refused", via: "http" }],
  ["does not reach it", { status: 502 }, { kind: "unreachable", via: "http" }],
  ["is none", { says: "SSH-2.0-x\r\n\r\n" }, { kind: "garbled", via: "http" }],
  ["speaks within the tunnel before we do", { says: "HTTP/1.1 200 OK\r\n\r\nhello" }, { kind: "garbled", via: "http" }],
  ["never ends its head", { says: `HTTP/1.1 200 OK\r\nx: ${"y".repeat(20_000)}` }, { kind: "overBudget", via: "http" }],
  ["hangs up", { says: "HTTP/1.1 200" }, { kind: "unreachable", via: "http" }],
] as const)("dial(): a proxy that %s", async (_name, terms, fault) => {
  const proxy = await proxyGate(terms);
  const way = { host: "127.0.0.1", port: proxy.port, user: "site", password: new Secret("w0rd-c1") };
  const found = await firstFault(client({ port: 9, tls: trusting, proxy: way }));
  expect(found).toMatchObject(fault);
  expect(JSON.stringify(found)).not.toContain("w0rd");
  expect(proxy.taken).toEqual([]);
});

test("createMqttClient(): a clear connection through a proxy is a bug: it leaves the machine", () => {
  const io = { clock: manualClock(0), random: seededRandom(1) };
  const proxy = { host: "127.0.0.1", port: 3128 };
  expect(() => createMqttClient({ host: "127.0.0.1", port: 1883, clientId: "a", proxy }, io)).toThrow(Bug);
  expect(() => createMqttClient({ host: "b.example", port: 80, clientId: "a", webSocket: { path: "/" } }, io)).toThrow(Bug);
});

test.each([
  ["wrong path", 101, "/other", { kind: "refused", via: "http" }],
  ["not for us", 403, "/mqtt?v=5", { kind: "denied", via: "http" }],
  ["a gateway whose broker is away", 502, "/mqtt?v=5", { kind: "unreachable", via: "http" }],
] as const)("dial(): WebSocket, %s", async (_name, status, path, fault) => {
  const gate = await webGate(await aedes(), status);
  expect(await firstFault(client({ host: "127.0.0.1", port: gate.port, webSocket: { path } }))).toMatchObject(fault);
});

test("dial(): a refused log-in is denied with the broker's reason, over TLS and a WebSocket alike", async () => {
  const port = await aedes();
  const web = await webGate(port);
  const gate = await tlsGate(port, { cert: server.cert, key: server.key });
  const wrong = { password: new Secret("hush-wrong") };
  const ways = [
    { port: gate.port, tls: trusting, ...wrong },
    { host: "127.0.0.1", port: web.port, webSocket: { path: "/mqtt?v=5" }, ...wrong },
  ];
  for (const way of ways) {
    const fault = await firstFault(client(way));
    expect(fault).toEqual({ kind: "denied", via: "mqtt", detail: "bad user name or password (4)" });
  }
});

test("dial(): a packet announced too long ends a WebSocket too, before its body comes", async () => {
  const gate = await webGate(await aedes());
  const made = client({ host: "127.0.0.1", port: gate.port, webSocket: { path: "/mqtt?v=5" } });
  await made.online(AbortSignal.timeout(10_000));
  const fault = firstLoss(made);
  gate.say(frame(Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f, 0, 1])));
  expect(await fault).toEqual({ kind: "overBudget", via: "mqtt", budget: "bytes", limit: MAX_FRAME_BYTES });
});

test("dial(): a WebSocket whose server breaks the rules is garbled; one that closes is away", async () => {
  for (const [bytes, kind] of [
    [Buffer.from([0x81, 1, 0x61]), "garbled"],
    [Buffer.from([0x88, 2, 0x03, 0xe9]), "unreachable"],
  ] as const) {
    const gate = await webGate(await aedes());
    const made = client({ host: "127.0.0.1", port: gate.port, webSocket: { path: "/mqtt?v=5" } });
    await made.online(AbortSignal.timeout(10_000));
    const fault = firstLoss(made);
    gate.say(bytes);
    expect(await fault).toMatchObject({ kind, via: "mqtt" });
  }
});

test("close(): while a proxy keeps us waiting, it ends at once", async () => {
  const silent = await startRawBroker(() => undefined);
  onTestFinished(() => silent.close());
  const made = client({ port: 9, tls: trusting, proxy: { host: "127.0.0.1", port: silent.port } });
  await made.close();
  expect(made.state).toEqual({ at: "closed" });
});

test("dial(): plain TCP on loopback needs nothing around it", async () => {
  const raw = await startRawBroker((packet, socket) => void (packet.type === 1 && socket.write(connack())));
  onTestFinished(() => raw.close());
  const made = client({ host: "127.0.0.1", port: raw.port });
  await raw.seen(1);
  await made.close();
  expect(raw.greetings[0]?.fields).toEqual(["zug-01", "zug-01", PASSWORD]);
});

/** What ends a link that is online. */
function firstLoss(made: MqttClient): Promise<Fault> {
  return new Promise((resolve) => {
    made.onState((state) => {
      if (state.at === "waiting") resolve(state.fault);
    });
  });
}
