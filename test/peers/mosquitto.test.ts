/** Our MQTT client and the feed against a real broker on loopback. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect } from "vitest";
import { Drain } from "../../agent/feed/drain.ts";
import { announce, farewell, willOf } from "../../agent/feed/presence.ts";
import { SILENT } from "../../agent/log.ts";
import type { SiteId } from "../../protocols/core/ids.ts";
import { seededRandom } from "../../protocols/core/random.ts";
import { type Clock, scaledClock } from "../../protocols/core/time.ts";
import { createMqttClient } from "../../protocols/mqtt/client.ts";
import type { IncomingMessage, MqttClient, MqttOptions, MqttState } from "../../protocols/mqtt/link.ts";
import { deviceTopic, eventTopic, everythingFilter, infoTopic, stateTopic } from "../../protocols/mqtt/topics.ts";
import { openStore } from "../../store/open.ts";
import type { Store } from "../../store/store.ts";
import { deviceId, T0 } from "../store/temporary.ts";
import { brokerFolder, freePort, MOSQUITTO, runMosquitto } from "./mosquitto.ts";
import { peerTest } from "./peer.ts";

const site = "zug-01" as SiteId;
const never = new AbortController().signal;
/** A hundred times as fast as the wall: a backoff of one second is 10 ms. */
const clock: Clock = scaledClock({ factor: 100, originMs: 0, realOriginMs: 0 });

const closers: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "groundswell-mosquitto-"));
  closers.push(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

interface RealBroker {
  readonly port: number;
  /** Ends it without a goodbye to anybody. */
  kill(): Promise<void>;
}

async function startMosquitto(keptPort?: number): Promise<RealBroker> {
  const port = keptPort ?? (await freePort());
  const settings = ["listener PORT 127.0.0.1", "allow_anonymous true", "persistence false", "max_inflight_messages 20"];
  const kill = await runMosquitto(brokerFolder(), settings.join("\n").replace("PORT", String(port)));
  return { port, kill };
}

let clients = 0;
function client(port: number, options: Partial<MqttOptions> = {}): MqttClient {
  clients++;
  const made = createMqttClient(
    { host: "127.0.0.1", port, clientId: `c-${clients}`, ...options },
    { clock, random: seededRandom(clients) },
  );
  closers.push(() => made.close());
  return made;
}

function heard(made: MqttClient, filter: string, count: number): Promise<IncomingMessage[]> {
  const messages: IncomingMessage[] = [];
  return new Promise((resolve) => {
    made.subscribe(filter, (message) => {
      messages.push(message);
      if (messages.length === count) resolve(messages);
    });
  });
}

function reached(made: MqttClient, at: MqttState["at"]): Promise<MqttState> {
  return new Promise((resolve) => {
    made.onState((state) => {
      if (state.at === at) resolve(state);
    });
  });
}

function store(): Store {
  const opened = openStore({ directory: folder(), nowMs: T0 });
  closers.push(() => opened.close());
  return opened;
}

function fill(outbox: Store["outbox"], count: number, from = 0): void {
  for (let at = from; at < from + count; at++)
    outbox.add({
      topic: eventTopic(site, "device.found"),
      payload: Buffer.from(String(at)),
      retain: false,
      qos: 1,
      kind: "event",
      atMs: T0,
    });
}

peerTest("mosquitto: MQTT 5 is spoken, a publish resolves on its PUBACK, and the broker's own window is kept", MOSQUITTO, async () => {
  const { port } = await startMosquitto();
  const agent = client(port, { user: site });
  expect(await reached(agent, "online")).toEqual({ at: "online", protocol: 5, refused: [], sessionKept: false });
  expect(agent.room).toBeGreaterThan(0);
  const portal = client(port);
  const got = heard(portal, everythingFilter(), 30);
  await portal.online(never);
  const answers = [];
  for (let at = 0; at < 30; at++) answers.push(await agent.publish({ topic: eventTopic(site, "device.found"), payload: String(at) }));
  expect(answers.every(({ ok }) => ok)).toBe(true);
  expect((await got).map(({ payload }) => payload.toString())).toEqual(Array.from({ length: 30 }, (_, at) => String(at)));
});

peerTest("mosquitto: a retained document reaches who comes later, and an empty one clears it", MOSQUITTO, async () => {
  const { port } = await startMosquitto();
  const agent = client(port, { user: site });
  await agent.online(never);
  const topic = deviceTopic(site, deviceId(1));
  await agent.publish({ topic, payload: "kept", retain: true });
  const late = client(port);
  const [kept] = await heard(late, topic, 1);
  expect([kept?.payload.toString(), kept?.retained]).toEqual(["kept", true]);
  await agent.publish({ topic, payload: "", retain: true });
  await agent.publish({ topic: stateTopic(site), payload: "after", retain: true });
  const later = client(port);
  const messages = await heard(later, everythingFilter(), 1);
  expect(messages.map((message) => message.topic)).toEqual([stateTopic(site)]);
});

peerTest("mosquitto: birth, a wanted end and the last will, as the portal sees them", MOSQUITTO, async () => {
  const { port } = await startMosquitto();
  const portal = client(port);
  const states: string[] = [];
  let wake = (): void => undefined;
  portal.subscribe(stateTopic(site), ({ payload }) => {
    states.push(payload.toString());
    wake();
  });
  await portal.online(never);
  const until = (count: number): Promise<void> =>
    new Promise((resolve) => {
      wake = () => {
        if (states.length >= count) resolve();
      };
      wake();
    });
  const polite = client(port, { user: site, will: willOf(site), clientId: "agent" });
  announce(polite, site, () => "{}");
  await until(1);
  await farewell(polite, site);
  await until(2);
  const broken = client(port, { user: site, will: willOf(site), clientId: "agent" });
  announce(broken, site, () => "{}");
  await until(3);
  // The same client id throws the first one out without a goodbye: the broker speaks for it.
  const usurper = client(port, { clientId: "agent" });
  await usurper.online(never);
  await until(4);
  expect(states.slice(0, 4)).toEqual(["online", "offline", "online", "offline"]);
  const info = client(port);
  expect((await heard(info, infoTopic(site), 1))[0]?.payload.toString()).toBe("{}");
});

peerTest("mosquitto: the feed drains in order, waits out a killed broker, and loses nothing", MOSQUITTO, async () => {
  const first = await startMosquitto();
  const { outbox } = store();
  const agent = client(first.port, { user: site });
  const portal = client(first.port);
  const seen: number[] = [];
  let wake = (): void => undefined;
  portal.subscribe(everythingFilter(), ({ payload }) => {
    seen.push(Number(payload));
    wake();
  });
  const seenUntil = (count: number): Promise<void> =>
    new Promise((resolve) => {
      wake = () => {
        if (new Set(seen).size >= count) resolve();
      };
      wake();
    });
  await Promise.all([agent.online(never), portal.online(never)]);
  const drain = new Drain({ outbox, mqtt: agent, clock, log: SILENT });
  fill(outbox, 200);
  expect(await drain.turn(never)).toBe(200);
  await seenUntil(200);
  expect(seen).toEqual(Array.from({ length: 200 }, (_, at) => at));

  const waiting = Promise.all([reached(agent, "waiting"), reached(portal, "waiting")]);
  await first.kill();
  await waiting;
  fill(outbox, 100, 200);
  expect(await drain.turn(never)).toBe(0);
  expect(outbox.depth()).toBe(100);

  await startMosquitto(first.port);
  await Promise.all([agent.online(never), portal.online(never)]);
  while (outbox.depth() > 0) await drain.turn(never);
  await seenUntil(300);
  expect([...new Set(seen)]).toEqual(Array.from({ length: 300 }, (_, at) => at));
});
