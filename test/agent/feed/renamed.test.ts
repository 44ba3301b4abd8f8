/** A device that gets another name, over a real broker: who subscribes later never sees the old one. */
import { expect, onTestFinished, test } from "vitest";
import { mergeDevices, undoDecision } from "../../../agent/discovery/decide.ts";
import { createInventory } from "../../../agent/discovery/inventory.ts";
import { Drain } from "../../../agent/feed/drain.ts";
import { createTeller } from "../../../agent/feed/tell.ts";
import { SILENT } from "../../../agent/log.ts";
import { createPortal, PORTAL_FILTER, type Portal } from "../../../fixtures/portal/portal.ts";
import type { DeviceFacts } from "../../../protocols/core/device.ts";
import type { SiteId } from "../../../protocols/core/ids.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { systemClock } from "../../../protocols/core/time.ts";
import { startBroker } from "../../../protocols/mqtt/broker.ts";
import { createMqttClient } from "../../../protocols/mqtt/client.ts";
import type { MqttClient } from "../../../protocols/mqtt/link.ts";
import { stateTopic } from "../../../protocols/mqtt/topics.ts";
import type { DeviceRow } from "../../../store/devices.ts";
import { deviceId, macOf, T0, temporaryStore } from "../../store/temporary.ts";

const site = "zug-01" as SiteId;

async function bench() {
  const broker = await startBroker({ host: "127.0.0.1", port: 0 });
  const clients: MqttClient[] = [];
  onTestFinished(async () => {
    await broker.close();
    await Promise.all(clients.map((client) => client.close()));
  });
  const clock = systemClock();
  const clientOf = async (user: string, listen: (client: MqttClient) => void = () => undefined): Promise<MqttClient> => {
    const clientId = `${user}-${clients.length}`;
    const client = createMqttClient({ host: "127.0.0.1", port: broker.port, clientId, user }, { clock, random: seededRandom(1) });
    clients.push(client);
    listen(client);
    await client.online(AbortSignal.timeout(10_000));
    return client;
  };
  const store = temporaryStore();
  const agent = await clientOf(site);
  const drain = new Drain({ outbox: store.outbox, mqtt: agent, clock, log: SILENT });
  const teller = createTeller({ store, site, nowMs: () => T0, wake: () => undefined });
  const onRenamed = teller.renamed;
  const inventory = createInventory({ store, adopt: "all", announce: teller.device, onRenamed, onConflict: () => undefined });
  let atMs = T0;
  const see = (number: number, facts: DeviceFacts): void => {
    atMs += 60_000;
    inventory.note({ source: "device", atMs, address: `127.0.5.${number}`, facts: { family: "uc-phone", ...facts }, evidence: [] });
  };
  const row = (number: number): DeviceRow => {
    const found = store.devices.load(deviceId(number));
    if (found === undefined) throw new Error(`no device ${number}`);
    return found;
  };
  const changed = (of: DeviceRow, field: string) => teller.device("changed", of, [{ field }]);
  const decide = { store, inventory, random: seededRandom(2), nowMs: () => atMs, changed, onRenamed, endTasks: () => undefined };
  let turns = 0;
  /** Sends all that waits, and a last word: whoever has it has all before it. The broker keeps it, behind all it has kept so far. */
  const send = async (...portals: readonly { until(word: string): Promise<void> }[]): Promise<void> => {
    await drain.turn(new AbortController().signal);
    const word = `turn ${++turns}`;
    await agent.publish({ topic: `groundswell/v1/${site}/reply/portal/${turns}`, payload: word, retain: true });
    for (const portal of portals) await portal.until(word);
  };
  /** A portal that subscribes now, and has what the broker kept. */
  const portal = async () => {
    const books: Portal = createPortal();
    const words = new Set<string>();
    let look = (): void => undefined;
    await clientOf("Portal", (client) =>
      client.subscribe(PORTAL_FILTER, ({ topic, payload }) => {
        books.take(topic, payload);
        words.add(payload.toString());
        look();
      }),
    );
    const until = (word: string): Promise<void> =>
      new Promise((resolve) => {
        look = () => words.has(word) && resolve();
        look();
      });
    if (turns > 0) await until(`turn ${turns}`);
    const devices = () => [...(books.site(site)?.documents.keys() ?? [])].map((name) => name.replace("device/", "")).sort();
    return { until, devices, faults: () => books.faults() };
  };
  await agent.publish({ topic: stateTopic(site), payload: "online", retain: true });
  return { see, row, decide, send, portal };
}

test("a device first known by its address: who subscribes after its MAC is known sees the one; who was there sees the old name end", async () => {
  const { see, send, portal } = await bench();
  see(1, {});
  const early = await portal();
  await send(early);
  expect(early.devices()).toEqual(["d-a-127-0-5-1"]);
  see(1, { mac: macOf(1) });
  await send(early);
  const late = await portal();
  expect([early.devices(), late.devices()]).toEqual([[deviceId(1)], [deviceId(1)]]);
  expect([early.faults(), late.faults()]).toEqual([[], []]);
});

test("two that a person makes one, and two again: a late subscriber sees what is, each time", async () => {
  const { see, row, decide, send, portal } = await bench();
  const who = { actor: "tom", dryRun: false };
  for (const number of [1, 2]) see(number, { mac: macOf(number) });
  await send();
  const merged = mergeDevices(row(1), row(2), who, decide);
  if (!merged.ok) throw new Error(merged.why);
  await send();
  const late = await portal();
  expect(late.devices()).toEqual([deviceId(1)]);
  expect(undoDecision(merged.value.decision ?? "", who, decide).ok).toBe(true);
  await send(late);
  const later = await portal();
  expect([late.devices(), later.devices()]).toEqual([
    [deviceId(1), deviceId(2)],
    [deviceId(1), deviceId(2)],
  ]);
});
