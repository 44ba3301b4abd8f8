import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Bug } from "../../../protocols/core/fault.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { Secret } from "../../../protocols/core/secret.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { type Broker, type BrokerOptions, startBroker } from "../../../protocols/mqtt/broker.ts";
import { createMqttClient } from "../../../protocols/mqtt/client.ts";
import type { IncomingMessage, MqttClient, MqttOptions, MqttState } from "../../../protocols/mqtt/link.ts";

const STATE = "groundswell/v1/site-1/state";
const never = new AbortController().signal;

async function broker(options: Partial<BrokerOptions> = {}): Promise<Broker> {
  const started = await startBroker({ host: "127.0.0.1", port: 0, ...options });
  onTestFinished(() => started.close());
  return started;
}

function client(at: Broker, options: Partial<MqttOptions> & { readonly user: string }): MqttClient {
  const io = { clock: manualClock(0), random: seededRandom(1) };
  const made = createMqttClient({ host: "127.0.0.1", port: at.port, clientId: options.user, ...options }, io);
  onTestFinished(() => made.close());
  return made;
}

function next(of: MqttClient, filter: string): Promise<IncomingMessage> {
  return new Promise((resolve) => of.subscribe(filter, resolve));
}

function stateOf(of: MqttClient, at: MqttState["at"]): Promise<MqttState> {
  return new Promise((resolve) => {
    of.onState((state) => {
      if (state.at === at) resolve(state);
    });
  });
}

test.each(["0.0.0.0", "192.0.2.1", "::"])("startBroker(): listening on %s is a bug", async (host) => {
  await expect(startBroker({ host, port: 0 })).rejects.toBeInstanceOf(Bug);
});

test("startBroker(): a port that is taken is an error, not a broker on another", async () => {
  const first = await broker();
  await expect(startBroker({ host: "127.0.0.1", port: first.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("startBroker(): what a site keeps on its topics reaches a desk that comes later", async () => {
  const at = await broker();
  const site = client(at, { user: "site-1" });
  await site.online(never);
  expect((await site.publish({ topic: STATE, payload: "online", retain: true })).ok).toBe(true);
  const { payload, retained } = await next(client(at, { user: "Desk" }), "groundswell/v1/#");
  expect([payload.toString(), retained]).toEqual(["online", true]);
});

test("startBroker(): a lost site's will says offline, once and retained", async () => {
  const at = await broker();
  const desk = client(at, { user: "Desk" });
  const heard: string[] = [];
  const offline = new Promise<void>((resolve) => {
    desk.subscribe("groundswell/v1/#", ({ payload }) => {
      heard.push(payload.toString());
      if (payload.toString() === "offline") resolve();
    });
  });
  await desk.online(never);
  connectOnceAndVanish(at.port, "site-1", STATE);
  await offline;
  const { retained } = await next(client(at, { user: "Desk2" }), STATE);
  expect([heard, retained]).toEqual([["offline"], true]);
});

test("startBroker(): a will on somebody else's topic is not spoken", async () => {
  const at = await broker();
  const desk = client(at, { user: "Desk" });
  const heard: string[] = [];
  const last = new Promise<void>((resolve) => {
    desk.subscribe("groundswell/v1/#", ({ topic }) => {
      heard.push(topic);
      if (topic === "groundswell/v1/site-1/event/last") resolve();
    });
  });
  await desk.online(never);
  await connectOnceAndVanish(at.port, "site-2", STATE);
  const site = client(at, { user: "site-1" });
  await site.online(never);
  await site.publish({ topic: "groundswell/v1/site-1/event/last", payload: "" });
  await last;
  expect(heard).toEqual(["groundswell/v1/site-1/event/last"]);
});

test("startBroker(): a site may listen to its own commands only", async () => {
  const at = await broker();
  const site = client(at, { user: "site-1" });
  for (const filter of ["groundswell/v1/site-1/cmd", "groundswell/v1/site-2/cmd", "#"]) site.subscribe(filter, () => undefined);
  expect(await stateOf(site, "online")).toMatchObject({ refused: ["groundswell/v1/site-2/cmd", "#"] });
});

test.each([
  ["a site on another site's topic", "site-2", STATE],
  ["a site on its own command topic", "site-1", "groundswell/v1/site-1/cmd"],
  ["a desk on a site's state", "Desk", STATE],
])("startBroker(): %s is turned away", async (_name, user, topic) => {
  const at = await broker();
  const publisher = client(at, { user });
  await publisher.online(never);
  expect((await publisher.publish({ topic, payload: "forged", retain: true })).ok).toBe(false);
});

test("startBroker(): a desk's command reaches its site", async () => {
  const at = await broker();
  const site = client(at, { user: "site-1" });
  const command = next(site, "groundswell/v1/site-1/cmd");
  await site.online(never);
  const desk = client(at, { user: "Desk" });
  await desk.online(never);
  expect((await desk.publish({ topic: "groundswell/v1/site-1/cmd", payload: "signed" })).ok).toBe(true);
  expect((await command).payload.toString()).toBe("signed");
});

test.each([
  ["turned away", async () => undefined],
  [
    "not decided because the check failed",
    async () => {
      throw new Error("no users to read");
    },
  ],
])("startBroker(): who is %s does not come in", async (_name, authenticate) => {
  const at = await broker({ authenticate });
  const state = await stateOf(client(at, { user: "site-1", password: new Secret("guess") }), "waiting");
  expect(state).toMatchObject({ fault: { kind: "denied", via: "mqtt" } });
});

test("startBroker(): role and name come from the check, not from the spelling of the user", async () => {
  const asked: string[] = [];
  const at = await broker({
    authenticate: async (user, password) => {
      asked.push(`${user} ${password.reveal()}`);
      return "desk";
    },
  });
  const desk = client(at, { user: "site-1", password: new Secret("pw") });
  await desk.online(never);
  expect((await desk.publish({ topic: STATE, payload: "" })).ok).toBe(false);
  expect(asked[0]).toBe("site-1 pw");
});

test("startBroker(): bytes that are no MQTT end their connection alone", async () => {
  const at = await broker();
  const socket = connect(at.port, "127.0.0.1");
  const ended = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.on("error", () => undefined);
  socket.write(Buffer.alloc(64, 0xff));
  socket.resume();
  await ended;
  await client(at, { user: "Desk" }).online(never);
  expect(at.connected).toBe(1);
});

/** A site that comes in with a will and is lost without a word. */
async function connectOnceAndVanish(port: number, user: string, willTopic: string): Promise<void> {
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([0, value.length]), Buffer.from(value)]);
  // Flags: user, will retained at QoS 1, clean (MQTT 3.1.1, 3.1.2.3).
  const head = Buffer.from([0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 0b1010_1110, 0, 60]);
  const body = Buffer.concat([head, text(`${user}-lost`), text(willTopic), text("offline"), text(user)]);
  const socket = connect(port, "127.0.0.1");
  const closed = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  socket.write(Buffer.concat([Buffer.from([0x10, body.length]), body]));
  socket.once("data", () => socket.destroy());
  await closed;
}
