import { expect, onTestFinished, test } from "vitest";
import { Bug } from "../../../protocols/core/fault.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { createMqttClient } from "../../../protocols/mqtt/client.ts";
import { MAX_FRAME_BYTES, MAX_SENT_BYTES, type MqttClient, type MqttOptions, type MqttState } from "../../../protocols/mqtt/link.ts";
import {
  connack,
  connack5,
  lengthField,
  type Packet,
  puback,
  puback5,
  publishPacket,
  type RawBroker,
  startRawBroker,
  suback,
} from "./raw-broker.ts";

const CONNECT = 1;
const PUBLISH = 3;
const SUBSCRIBE = 8;
const PINGREQ = 12;

type Reply = Parameters<typeof startRawBroker>[0];

async function brokerThat(reply: Reply): Promise<RawBroker> {
  const broker = await startRawBroker(reply);
  onTestFinished(() => broker.close());
  return broker;
}

/** Greets in the version asked for and grants every subscription; `more` answers the rest. */
const greeting =
  (more: (packet: Packet, ...rest: readonly [Parameters<Reply>[1], Parameters<Reply>[2]]) => void = () => undefined): Reply =>
  (packet, socket, greeted) => {
    if (packet.type === CONNECT) socket.write(greeted.level === 5 ? connack5() : connack());
    else if (packet.type === SUBSCRIBE) socket.write(greeted.level === 5 ? suback5(packet) : suback(packet, 1));
    else more(packet, socket, greeted);
  };

const suback5 = (subscribe: Packet): Buffer => Buffer.concat([Buffer.from([0x90, 4]), subscribe.body.subarray(0, 2), Buffer.from([0, 1])]);

/** Speaks 3.1.1 only: turns MQTT 5 away as table 3.1 says (1, unacceptable protocol version). */
const greeting311 =
  (more: (packet: Packet, ...rest: readonly [Parameters<Reply>[1], Parameters<Reply>[2]]) => void = () => undefined): Reply =>
  (packet, socket, greeted) => {
    if (packet.type === CONNECT && greeted.level === 5) socket.end(connack(1));
    else greeting(more)(packet, socket, greeted);
  };

function clientOf(broker: RawBroker, options: Partial<MqttOptions> = {}): MqttClient {
  const io = { clock: manualClock(0), random: seededRandom(1) };
  const client = createMqttClient({ host: "127.0.0.1", port: broker.port, clientId: "site-1", ...options }, io);
  // The broker hangs up first, so that no farewell is waited for.
  onTestFinished(async () => {
    await broker.close();
    await client.close();
  });
  return client;
}

async function onlineWith(reply: Reply, options: Partial<MqttOptions> = {}): Promise<{ broker: RawBroker; client: MqttClient }> {
  const broker = await brokerThat(reply);
  const client = clientOf(broker, options);
  await client.online(new AbortController().signal);
  return { broker, client };
}

/** The first state of a kind, present or to come. */
function stateOf<At extends MqttState["at"]>(client: MqttClient, at: At): Promise<Extract<MqttState, { at: At }>> {
  return new Promise((resolve) => {
    client.onState((state) => {
      if (state.at === at) resolve(state as Extract<MqttState, { at: At }>);
    });
  });
}

test("createMqttClient(): plain TCP outside loopback is a bug, and nothing is opened", () => {
  const io = { clock: manualClock(0), random: seededRandom(1) };
  expect(() => createMqttClient({ host: "192.0.2.1", port: 1883, clientId: "a" }, io)).toThrow(Bug);
});

test("createMqttClient(): says who it is and leaves its will with the broker", async () => {
  const will = { topic: "groundswell/v1/site-1/state", payload: "offline", retain: true };
  const { broker } = await onlineWith(greeting(), { user: "site-1", password: new Secret("pw"), will });
  expect(broker.greetings).toEqual([
    // User, password, will retained at QoS 1, a clean session (MQTT 3.1.1, 3.1.2.3).
    { level: 5, flags: 0b1110_1110, fields: ["site-1", "groundswell/v1/site-1/state", "offline", "site-1", "pw"] },
  ]);
});

test("createMqttClient(): a session the broker shall keep is not begun clean", async () => {
  const { broker } = await onlineWith(greeting(), { keepSessionS: 3_600 });
  expect((broker.greetings[0]?.flags ?? 0) & 2).toBe(0);
});

test.each([
  ["answers that the version is unacceptable", greeting311()],
  [
    "hangs up on MQTT 5",
    ((packet, socket, greeted) => (greeted.level === 5 ? socket.destroy() : greeting()(packet, socket, greeted))) satisfies Reply,
  ],
])("createMqttClient(): a broker that %s is spoken to in 3.1.1 at once", async (_name, reply) => {
  const { broker, client } = await onlineWith(reply);
  expect(broker.greetings.map(({ level }) => level)).toEqual([5, 4]);
  expect(client.state).toMatchObject({ at: "online", protocol: 4 });
});

test("createMqttClient(): wrong user or password is denied, and nothing of them is in the state", async () => {
  const broker = await brokerThat((packet, socket) => void (packet.type === CONNECT && socket.end(connack5(134))));
  const client = clientOf(broker, { user: "site-1", password: new Secret("hush-hush") });
  const state = await stateOf(client, "waiting");
  expect(state.fault).toEqual({ kind: "denied", via: "mqtt", detail: "bad user name or password (134)" });
  expect(JSON.stringify(state)).not.toContain("hush");
});

test("createMqttClient(): a port nobody listens on is unreachable, and says nothing about protocols", async () => {
  const broker = await brokerThat(() => undefined);
  await broker.close();
  const state = await stateOf(clientOf(broker), "waiting");
  expect(state.fault).toEqual({ kind: "unreachable", via: "mqtt", detail: "ECONNREFUSED" });
});

test("publish(): resolves on PUBACK, not before", async () => {
  const { broker, client } = await onlineWith(greeting());
  let settled = false;
  const publishing = client.publish({ topic: "a", payload: "b", retain: true }).then((result) => {
    settled = true;
    return result;
  });
  const [sent] = await broker.seen(PUBLISH);
  // The client has heard something else from the broker by now, but no PUBACK.
  const heard = new Promise<void>((resolve) => client.subscribe("#", () => resolve()));
  await broker.seen(SUBSCRIBE);
  broker.socket().write(Buffer.from([0x30, 4, 0, 1, 0x61, 0]));
  await heard;
  expect([settled, sent?.flags]).toEqual([false, 0b0011]);
  broker.socket().write(puback(sent as Packet));
  expect(await publishing).toEqual({ ok: true, value: undefined });
});

test("publish(): what was not acknowledged when the link broke is unreachable and is not sent again", async () => {
  const { broker, client } = await onlineWith(greeting((packet, socket) => void (packet.type === PUBLISH && socket.destroy())));
  expect(await client.publish({ topic: "a", payload: "b" })).toMatchObject({ ok: false, fault: { kind: "unreachable", via: "mqtt" } });
  expect(broker.packets.filter(({ type }) => type === PUBLISH)).toHaveLength(1);
});

test("publish(): one more than the broker's receive maximum is busy and never sent", async () => {
  // Property 0x21, receive maximum: 1.
  const reply: Reply = (packet, socket) => void (packet.type === CONNECT && socket.write(connack5(0, 0x21, 0, 1)));
  const { broker, client } = await onlineWith(reply);
  expect(client.room).toBe(1);
  const first = client.publish({ topic: "a", payload: "1" });
  expect(await client.publish({ topic: "a", payload: "2" })).toEqual({ ok: false, fault: { kind: "busy", via: "mqtt" } });
  const [sent] = await broker.seen(PUBLISH);
  broker.socket().write(puback(sent as Packet));
  expect((await first).ok).toBe(true);
  expect(broker.packets.filter(({ type }) => type === PUBLISH)).toHaveLength(1);
});

test.each([
  [151, "busy"],
  [144, "refused"],
])("publish(): reason code %i in PUBACK is %s", async (code, kind) => {
  const { client } = await onlineWith(greeting((packet, socket) => void (packet.type === PUBLISH && socket.write(puback5(packet, code)))));
  expect(await client.publish({ topic: "a", payload: "b" })).toMatchObject({ ok: false, fault: { kind } });
});

test("publish(): longer than the broker takes, or than we send, is refused without being sent", async () => {
  // Property 0x27, maximum packet size: 1,024.
  const reply: Reply = (packet, socket) => void (packet.type === CONNECT && socket.write(connack5(0, 0x27, 0, 0, 4, 0)));
  const small = await onlineWith(reply);
  const large = await onlineWith(greeting());
  const refused = { ok: false, fault: { kind: "refused", via: "mqtt" } };
  expect(await small.client.publish({ topic: "a", payload: "x".repeat(1_024) })).toMatchObject(refused);
  expect(await large.client.publish({ topic: "a", payload: Buffer.alloc(MAX_SENT_BYTES) })).toMatchObject(refused);
  expect([...small.broker.packets, ...large.broker.packets].filter(({ type }) => type === PUBLISH)).toEqual([]);
});

test("subscribe(): filters the broker turns away are named in the state", async () => {
  const refusing = await brokerThat((packet, socket, greeted) => {
    if (packet.type === SUBSCRIBE) socket.write(suback(packet, 1, 128));
    else greeting311()(packet, socket, greeted);
  });
  const client = clientOf(refusing);
  client.subscribe("ours", () => undefined);
  client.subscribe("theirs", () => undefined);
  expect(await stateOf(client, "online")).toEqual({ at: "online", protocol: 4, refused: ["theirs"], sessionKept: false });
});

test("subscribe(): says whether a message was kept by the broker", async () => {
  const { broker, client } = await onlineWith(greeting311());
  const heard: (readonly [string, boolean])[] = [];
  const second = new Promise<void>((resolve) => {
    client.subscribe("a/#", ({ topic, retained }) => {
      if (heard.push([topic, retained]) === 2) resolve();
    });
  });
  await broker.seen(SUBSCRIBE);
  broker.socket().write(Buffer.concat([publishPacket("a/1", "x", true), publishPacket("a/2", "y")]));
  await second;
  expect(heard).toEqual([
    ["a/1", true],
    ["a/2", false],
  ]);
});

test("createMqttClient(): a packet announced longer than the limit ends the link before its body comes", async () => {
  const { broker, client } = await onlineWith(greeting311());
  const ended = stateOf(client, "waiting");
  broker.socket().write(Buffer.from([0x30, ...lengthField(MAX_FRAME_BYTES + 1), 0, 1]));
  expect((await ended).fault).toEqual({ kind: "overBudget", via: "mqtt", budget: "bytes", limit: MAX_FRAME_BYTES });
});

test("createMqttClient(): a payload over its limit is dropped and counted, and the link holds", async () => {
  const { broker, client } = await onlineWith(greeting311(), { maxPayloadBytes: 8 });
  const heard = new Promise<string>((resolve) => client.subscribe("#", ({ payload }) => resolve(payload.toString())));
  await broker.seen(SUBSCRIBE);
  broker.socket().write(Buffer.concat([publishPacket("a", "x".repeat(9)), publishPacket("a", "short")]));
  expect([await heard, client.dropped, client.state.at]).toEqual(["short", 1, "online"]);
});

test.each([
  ["a packet type that does not exist", Buffer.from([0x00, 0])],
  ["a PUBLISH whose topic is longer than its packet", Buffer.from([0x30, 2, 0xff, 0xff])],
  ["a second CONNACK's worth of noise", Buffer.alloc(64, 0xff)],
])("createMqttClient(): %s ends the link as a fault and throws nothing", async (_name, bytes) => {
  const { broker, client } = await onlineWith(greeting311());
  const ended = stateOf(client, "waiting");
  broker.socket().write(bytes);
  broker.socket().end();
  expect((await ended).fault.kind).toMatch(/^(unreachable|overBudget)$/);
});

test.each([
  [142, { kind: "refused", via: "mqtt", reason: "another client came with our client identifier (142)" }],
  [135, { kind: "denied", via: "mqtt", detail: "not authorized (135)" }],
  [137, { kind: "busy", via: "mqtt" }],
  [139, { kind: "unreachable", via: "mqtt", detail: "server shutting down (139)" }],
  [0, { kind: "unreachable", via: "mqtt", detail: "connection closed" }],
])("createMqttClient(): a DISCONNECT with reason code %i says why the link ended", async (code, fault) => {
  const { broker, client } = await onlineWith(greeting());
  const ended = stateOf(client, "waiting");
  broker.socket().end(Buffer.from([0xe0, 2, code, 0]));
  expect((await ended).fault).toEqual(fault);
});

test("publish(): what MQTT 5 can say beside a message is said, and left out in 3.1.1", async () => {
  const message = { topic: "a", payload: "b", correlation: Buffer.from("c"), responseTopic: "r", expiryS: 300 };
  const newer = await onlineWith(greeting((packet, socket) => void (packet.type === PUBLISH && socket.write(puback(packet)))));
  await newer.client.publish(message);
  const older = await onlineWith(greeting311((packet, socket) => void (packet.type === PUBLISH && socket.write(puback(packet)))));
  await older.client.publish(message);
  const after = (packets: readonly Packet[]): Buffer | undefined => packets.find(({ type }) => type === PUBLISH)?.body.subarray(5);
  // Topic and packet id are before; then 14 bytes of properties: 2, expiry; 8, response topic; 9, correlation data (MQTT 5, 2.2.2.2).
  const properties = after(newer.broker.packets)?.subarray(0, 14) ?? Buffer.alloc(0);
  expect(properties[0]).toBe(13);
  for (const part of [Buffer.from([2, 0, 0, 1, 44]), Buffer.from([8, 0, 1, 0x72]), Buffer.from([9, 0, 1, 0x63])]) {
    expect(properties.includes(part)).toBe(true);
  }
  expect(after(newer.broker.packets)?.subarray(14).toString()).toBe("b");
  expect(after(older.broker.packets)?.toString()).toBe("b");
});

test("createMqttClient(): a broker that answers no ping is left", async () => {
  const { broker, client } = await onlineWith(greeting(), { keepaliveS: 1 });
  const ended = stateOf(client, "waiting");
  await broker.seen(PINGREQ);
  expect((await ended).fault).toMatchObject({ kind: "unreachable", via: "mqtt" });
});

test("createMqttClient(): the keepalive and the session's length are told", async () => {
  const { broker } = await onlineWith(greeting(), { keepaliveS: 45, keepSessionS: 600 });
  const { body } = broker.packets[0] as Packet;
  expect(body.readUInt16BE(8)).toBe(45);
  // Property 0x11, session expiry interval: 600 seconds.
  expect(body.includes(Buffer.from([0x11, 0, 0, 2, 0x58]))).toBe(true);
});

test("close(): says farewell to a broker that listens", async () => {
  const reply: Reply = (packet, socket, greeted) => (packet.type === 14 ? socket.end() : greeting()(packet, socket, greeted));
  const { broker, client } = await onlineWith(reply);
  await client.close();
  await broker.seen(14);
  expect(client.state).toEqual({ at: "closed" });
});

test("close(): a broker that neither acknowledges nor hangs up does not hold us", async () => {
  const { broker, client } = await onlineWith(greeting());
  const publishing = client.publish({ topic: "a", payload: "b" });
  await broker.seen(PUBLISH);
  await client.close();
  expect([client.state.at, (await publishing).ok]).toEqual(["closed", false]);
});
