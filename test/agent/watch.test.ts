import { readFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { SILENT } from "../../agent/log.ts";
import { startLoop } from "../../agent/loop.ts";
import { METRICS } from "../../agent/metrics/catalogue.ts";
import type { Thread } from "../../agent/threads/channel.ts";
import { openWatch } from "../../agent/watch.ts";
import { manualClock } from "../../protocols/core/time.ts";
import { MAIN_FILE, type Store } from "../../store/open.ts";
import { StoreError } from "../../store/sql.ts";
import { device, storeIn, T0, temporaryFolder } from "../store/temporary.ts";
import { readExposition } from "../support/exposition.ts";

function ask(port: number, path: string): Promise<{ status: number; type: string | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port, path }, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, type: response.headers["content-type"], text: Buffer.concat(pieces).toString() }),
      );
    });
    asked.on("error", reject);
    asked.end();
  });
}

type AnyThread = Pick<Thread<never>, "up" | "restarts" | "open" | "ping">;
const answering: AnyThread = { up: true, restarts: 2, open: 3, ping: async () => undefined };

async function bench(perDevice = 0, change: (store: Store) => Store = (store) => store) {
  const dataDirectory = temporaryFolder();
  const store = change(storeIn(dataDirectory));
  const clock = manualClock(T0);
  const site = { id: "hq", name: "Head office", environment: "production" };
  const metrics = { host: "127.0.0.1", port: 0, perDevice };
  const watch = await openWatch({ config: { site, dataDirectory, metrics }, store, clock });
  onTestFinished(() => watch.close());
  const port = watch.port ?? 0;
  const up = async () => {
    const loop = startLoop({ name: "health", everyMs: 2_000, log: SILENT, clock }, async () => undefined);
    onTestFinished(() => loop.stop());
    Object.assign(watch.watched, { threads: { field: answering, depot: answering, history: answering }, loops: [loop] });
    await clock.advance(0);
  };
  const scrape = async () => new Map(readExposition((await ask(port, "/metrics")).text).map((metric) => [metric.name, metric]));
  return { watch, store, clock, port, up, scrape, dataDirectory };
}

test("/readyz: not ready with all reasons while the agent starts, ready once threads are up and devices were asked", async () => {
  const { port, up } = await bench();
  const before = await ask(port, "/readyz");
  expect(before.status).toBe(503);
  expect(JSON.parse(before.text)).toEqual({
    status: "notReady",
    reasons: [
      'thread "field" is not up',
      'thread "depot" is not up',
      'thread "history" is not up',
      "devices have not been asked yet: the first turn is still to come",
    ],
  });
  await up();
  expect(await ask(port, "/readyz")).toMatchObject({ status: 200, text: '{"status":"ok","reasons":[]}' });
});

test("/readyz: a store that cannot be read is named", async () => {
  const highestTime = (): never => {
    throw new StoreError("broken", "database cannot be used: disk I/O error");
  };
  const { port, up } = await bench(0, (store) => ({ ...store, marks: { ...store.marks, highestTime } }));
  await up();
  const { status, text } = await ask(port, "/readyz");
  expect([status, JSON.parse(text).reasons]).toEqual([503, ["the store cannot be used: database cannot be used: disk I/O error"]]);
});

test("/healthz: well while it starts; failing where a thread does not answer or a loop stands still", async () => {
  const { port, up, watch, clock } = await bench();
  expect(await ask(port, "/healthz")).toMatchObject({ status: 200, text: '{"status":"ok","reasons":[]}' });
  await up();
  expect((await ask(port, "/healthz")).status).toBe(200);
  const silent: AnyThread = { ...answering, ping: () => Promise.reject(new Error("it has gone")) };
  watch.watched.threads = { field: silent, depot: { ...answering, up: false }, history: answering };
  const failing = await ask(port, "/healthz");
  expect(failing.status).toBe(503);
  expect(JSON.parse(failing.text)).toEqual({
    status: "failing",
    reasons: ['thread "field" did not answer within 10 s', 'thread "depot" is down and is being started again'],
  });
  watch.watched.threads = {};
  const stuck = startLoop({ name: "stuck", everyMs: 1_000, turnMaxMs: 60_000, log: SILENT, clock }, () => new Promise(() => undefined));
  watch.watched.loops = [stuck];
  await clock.advance(61_000);
  expect(JSON.parse((await ask(port, "/healthz")).text).reasons).toEqual([
    'loop "stuck" is in one turn for 1 min 1 s: its longest is 1 min',
  ]);
});

test("/metrics: what the store, the loops and the threads say, in the format", async () => {
  const { port, up, store, watch, scrape, dataDirectory, clock } = await bench();
  store.devices.save(device(1, { family: "uc-phone" }));
  store.conditions.open({ deviceId: device(1).id, kind: "k", severity: "error", causeClass: "network", sinceMs: T0, evidence: [] });
  store.outbox.add({ topic: "t", payload: Buffer.from("x"), retain: false, qos: 1, kind: "event", atMs: T0 - 5_000 });
  await up();
  watch.watched.feed = () => ({ connected: true, lagMs: 1_500, refused: 0 });
  watch.meter.add("groundswell_polls_total", { family: "uc-phone", outcome: "answered" });
  await clock.advance(1_000);
  expect((await ask(port, "/metrics")).type).toBe("text/plain; version=0.0.4; charset=utf-8");
  const metrics = await scrape();
  const value = (name: string, labels: Record<string, string> = {}) =>
    metrics.get(name)?.samples.find((sample) => Object.entries(labels).every(([key, text]) => sample.labels[key] === text))?.value;
  expect(value("groundswell_devices", { family: "uc-phone", availability: "online" })).toBe(1);
  expect(value("groundswell_devices_by_state", { family: "uc-phone", state: "error" })).toBe(1);
  expect(value("groundswell_conditions_open", { severity: "error", class: "network" })).toBe(1);
  expect(value("groundswell_conditions_open", { severity: "error", class: "cloud" })).toBe(0);
  expect(value("groundswell_polls_total")).toBe(1);
  expect(value("groundswell_feed_up")).toBe(1);
  expect(value("groundswell_feed_lag_seconds")).toBe(1.5);
  expect(value("groundswell_outbox_messages")).toBe(1);
  expect(value("groundswell_outbox_oldest_age_seconds")).toBe(6);
  expect(value("groundswell_thread_restarts_total", { thread: "depot" })).toBe(2);
  expect(value("groundswell_thread_requests", { thread: "depot" })).toBe(3);
  expect(value("groundswell_loop_turn_age_seconds", { loop: "health" })).toBe(1);
  expect(value("groundswell_build_info")).toBe(1);
  expect(value("groundswell_database_size_bytes", { database: "groundswell", part: "data" })).toBe(
    readFileSync(join(dataDirectory, MAIN_FILE)).length,
  );
  expect(metrics.get("groundswell_device_up")?.samples).toEqual([]);
});

test("/metrics: series of single devices only where asked for, and only so many", async () => {
  const { up, store, scrape } = await bench(2);
  for (const number of [1, 2, 3]) store.devices.save(device(number));
  await up();
  const metrics = await scrape();
  expect(metrics.get("groundswell_device_up")?.samples).toHaveLength(2);
  expect(metrics.get("groundswell_device_series_omitted")?.samples[0]?.value).toBe(1);
});

test("/metrics: no label of a site's totals grows with the site", async () => {
  const { up, store, scrape } = await bench();
  const count = async () => {
    const ours = [...(await scrape()).values()].filter(({ name }) => name.startsWith("groundswell_"));
    return ours.reduce((sum, { samples }) => sum + samples.length, 0);
  };
  store.devices.save(device(1, { family: "uc-phone" }));
  await up();
  await scrape();
  const few = await count();
  for (let number = 2; number <= 40; number++) store.devices.save(device(number, { family: "uc-phone", model: `M${number}` }));
  expect(await count()).toBe(few);
});

test("openWatch(): without settings no port is opened and nothing is counted", async () => {
  const store = storeIn(temporaryFolder());
  const site = { id: "hq", name: "Head office", environment: "production" };
  const watch = await openWatch({ config: { site, dataDirectory: "/nowhere", metrics: undefined }, store, clock: manualClock(T0) });
  expect([watch.port, watch.probes.metrics]).toEqual([undefined, undefined]);
  expect(watch.probes.ready().ok).toBe(false);
  await watch.close();
});

test("docs/metrics.md: every metric is described there, and none that does not exist", () => {
  const page = readFileSync(join(import.meta.dirname, "../../docs/metrics.md"), "utf8");
  const named = new Set([...page.matchAll(/\bgroundswell_[a-z_]+[a-z]/g)].map(([name]) => name.replace(/_(bucket|sum)$/, "")));
  expect([...named].toSorted()).toEqual(Object.keys(METRICS).toSorted());
  const described = new Map(
    [...page.matchAll(/^\| `(groundswell_[a-z_]+)` \| (.*?) \| (.*?) \|/gm)].map(([, name, labels]) => [name, labels]),
  );
  for (const [name, metric] of Object.entries(METRICS)) {
    const labels = metric.labels ?? [];
    expect([name, described.get(name)]).toEqual([name, labels.map((label) => `\`${label}\``).join(", ")]);
  }
});
