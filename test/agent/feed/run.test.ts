import { expect, onTestFinished, test } from "vitest";
import { makeKey } from "../../../agent/commands/keys.ts";
import { connect, startFeed } from "../../../agent/feed/run.ts";
import { createTeller } from "../../../agent/feed/tell.ts";
import { SILENT } from "../../../agent/log.ts";
import type { Loop } from "../../../agent/loop.ts";
import type { OutsideParts } from "../../../agent/outside-parts.ts";
import type { SiteId } from "../../../protocols/core/ids.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { type ManualClock, manualClock, SECOND, systemClock } from "../../../protocols/core/time.ts";
import { type Broker, startBroker } from "../../../protocols/mqtt/broker.ts";
import { createMqttClient } from "../../../protocols/mqtt/client.ts";
import { T0, temporaryStore } from "../../store/temporary.ts";

const site = "zug-01" as SiteId;

async function broker(port = 0): Promise<Broker> {
  const made = await startBroker({ host: "127.0.0.1", port });
  onTestFinished(() => made.close());
  return made;
}

/** What a portal hears of the site, in order. */
async function portal(port: number): Promise<string[]> {
  const client = createMqttClient(
    { host: "127.0.0.1", port, clientId: `portal-${port}`, user: "Portal" },
    { clock: systemClock(), random: seededRandom(1) },
  );
  onTestFinished(() => client.close());
  const heard: string[] = [];
  client.subscribe(
    `groundswell/v1/${site}/#`,
    ({ topic, payload }) => void heard.push(`${topic.split("/").slice(3).join("/")} ${payload}`),
  );
  await client.online(AbortSignal.timeout(10_000));
  return heard;
}

/** Time passes, and real sockets with it, until it is so. */
async function until(clock: ManualClock, isSo: () => boolean): Promise<void> {
  for (let turn = 0; !isSo(); turn++) {
    if (turn > 20_000) throw new Error("never came");
    await clock.advance(SECOND / 4);
  }
}

async function agent(mqtt: OutsideParts["config"]["mqtt"]) {
  const store = temporaryStore();
  const clock = manualClock(T0);
  const wakers = { drive() {}, feed() {}, tickets() {} };
  const loops: Loop[] = [];
  const teller = createTeller({ store, site, nowMs: () => clock.nowMs(), wake: () => wakers.feed() });
  const io = { log: SILENT, random: seededRandom(2) };
  const secrets = { credentials: [], agentKey: await makeKey() };
  const parts = { config: { mqtt }, store, clock, site, teller, wakers, loops, io, secrets } as unknown as OutsideParts;
  const client = connect(parts);
  onTestFinished(async () => {
    await Promise.all(loops.map((loop) => loop.stop()));
    await client?.close();
  });
  const say = (text: string): void => {
    store.outbox.add({
      topic: `groundswell/v1/${site}/event/test`,
      payload: Buffer.from(text),
      retain: false,
      qos: 1,
      kind: "event",
      atMs: T0,
    });
    wakers.feed();
  };
  return { parts, client, store, clock, say };
}

test("connect(): without a broker in the settings there is no connection", async () => {
  expect((await agent(undefined)).client).toBeUndefined();
  expect((await agent({})).client).toBeUndefined();
});

test.each(["mqtt://127.0.0.1:1", "mqtt://localhost:1", "mqtt://[::1]:1"])(
  "connect(): this machine by any name (%s) needs no TLS",
  async (url) => {
    expect((await agent({ url })).client?.state.at).toBeDefined();
  },
);

test("startFeed(): says who it is and that it is here, then what waits, in order", async () => {
  const { port } = await broker();
  const heard = await portal(port);
  const { parts, client, clock, say, store } = await agent({ embedded: { port } });
  if (client === undefined) throw new Error("no client");
  for (const text of ["a", "b", "c"]) say(text);
  startFeed(client, parts);
  await until(clock, () => heard.length >= 5 && store.outbox.depth() === 0);
  expect(heard.filter((line) => line.startsWith("event"))).toEqual(["event/test a", "event/test b", "event/test c"]);
  expect(heard.findIndex((line) => line.startsWith("info"))).toBeLessThan(heard.indexOf("state online"));
});

test("startFeed(): the broker goes and comes back: nothing is lost, order is kept, nothing is doubled", async () => {
  const first = await broker();
  const { port } = first;
  const before = await portal(port);
  const { parts, client, clock, say, store } = await agent({ embedded: { port } });
  if (client === undefined) throw new Error("no client");
  startFeed(client, parts);
  say("a");
  await until(clock, () => store.outbox.depth() === 0 && before.some((line) => line.startsWith("event")));
  await first.close();
  await until(clock, () => client.state.at !== "online");
  for (const text of ["b", "c", "d"]) say(text);
  expect(store.outbox.depth()).toBe(3);
  await broker(port);
  const after = await portal(port);
  await until(clock, () => store.outbox.depth() === 0 && after.filter((line) => line.startsWith("event")).length >= 3);
  expect(after.filter((line) => line.startsWith("event"))).toEqual(["event/test b", "event/test c", "event/test d"]);
});
