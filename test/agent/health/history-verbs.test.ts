import { expect, test } from "vitest";
import type { Subject } from "../../../agent/commands/authorise.ts";
import { entryOf } from "../../../agent/commands/catalogue.ts";
import { MAX_REPLY_BYTES, REPLY_TYPE, signJws } from "../../../agent/commands/jws.ts";
import { makeKey } from "../../../agent/commands/keys.ts";
import { historyVerbs } from "../../../agent/health/history-verbs.ts";
import type { HistoryRequests } from "../../../agent/threads/requests.ts";
import { DAY, HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { device, deviceId, storeIn, T0, temporaryFolder } from "../../store/temporary.ts";
import { worker } from "../threads/kit.ts";

const viewer = { person: "v", name: "v", role: "viewer", kid: "v" } as Subject;
const never = new AbortController().signal;

async function bench() {
  const directory = temporaryFolder();
  const store = storeIn(directory);
  store.devices.save(device(1));
  const { thread } = await worker<HistoryRequests, never>("history", { directory });
  const verbs = historyVerbs({ store, history: thread, nowMs: () => T0 + HOUR });
  const ask = (verb: "device.history" | "device.changes", args: object) =>
    verbs[verb](entryOf(verb).args.parse(args) as never, viewer, never);
  return { store, ask };
}

test("device.history: a day up to now, every reading there is, with its resolution and how much was answered", async () => {
  const { store, ask } = await bench();
  store.history.append([0, 1, 2].map((i) => ({ device: deviceId(1), atMs: T0 + i * MINUTE, reading: { inCall: i, rxPackets: i * 100 } })));
  store.history.appendMissed([{ device: deviceId(1), atMs: T0 + 3 * MINUTE }]);
  const told = await ask("device.history", { device: "Phone 1" });
  expect(told).toMatchObject({
    ok: true,
    result: {
      schema: "groundswell.device-history/1",
      device: deviceId(1),
      name: "Phone 1",
      from: "2026-11-21T21:00:00.000Z",
      to: "2026-11-22T21:00:00.000Z",
      resolution: "raw",
      stepSeconds: 0,
      availability: { asked: 4, answered: 3, share: 0.75 },
      series: [
        {
          reading: "inCall",
          kind: "gauge",
          points: [{ at: "2026-11-22T20:00:00.000Z", count: 1, min: 0, mean: 0, max: 0, last: 0 }, {}, {}],
        },
        { reading: "rxPackets", kind: "counter", points: [{ rise: 0 }, { rise: 100 }, { rise: 100, resets: 0 }] },
      ],
    },
  });
});

test("device.history: by five minutes where the points are few, of the readings that were asked for", async () => {
  const { store, ask } = await bench();
  store.history.append(
    Array.from({ length: 9 }, (_, i) => ({ device: deviceId(1), atMs: T0 + i * MINUTE, reading: { mos: 4 + i / 10, inCall: 1 } })),
  );
  const told = await ask("device.history", {
    device: "Phone 1",
    readings: ["mos"],
    from: "2026-11-22T20:00:00Z",
    to: "2026-11-22T20:10:00Z",
    points: 2,
  });
  expect(told).toMatchObject({
    result: {
      resolution: "5m",
      stepSeconds: 300,
      series: [
        {
          reading: "mos",
          points: [
            { count: 5, min: 4, mean: 4.2, max: 4.4 },
            { count: 4, min: 4.5, mean: 4.65, max: 4.8 },
          ],
        },
      ],
    },
  });
});

test("device.history: what cannot be told is said, with what may be meant", async () => {
  const { ask } = await bench();
  expect(await ask("device.history", { device: "nobody" })).toEqual({ ok: false, code: "notFound", message: 'No device "nobody"' });
  expect(await ask("device.history", { device: "Phone 1", readings: ["mos", "cpuRation"] })).toEqual({
    ok: false,
    code: "nothingMatched",
    message: 'No reading is called "cpuRation": did you mean "cpuRatio"?',
  });
  expect(await ask("device.history", { device: "Phone 1", readings: ["humidity"] })).toMatchObject({
    message: expect.stringContaining("there are registeredLines,"),
  });
  expect(await ask("device.history", { device: "Phone 1", from: "2026-12-01" })).toMatchObject({
    code: "nothingMatched",
    message: expect.stringContaining("before it begins"),
  });
  expect(await ask("device.history", { device: "Phone 1" })).toMatchObject({
    ok: true,
    result: { series: [], availability: { asked: 0 } },
  });
});

test("device.history: an answer fits a message, and goes on where it ended, over the time that was answered", async () => {
  const { store, ask } = await bench();
  const names = ["mos", "inCall", "cpuRatio", "memoryRatio"] as const;
  const COUNT = 2_000;
  store.history.append(
    Array.from({ length: COUNT }, (_, i) => ({
      device: deviceId(1),
      atMs: T0 - DAY + i * 10_000,
      reading: Object.fromEntries(names.map((name) => [name, (i % 97) / 97])),
    })),
  );
  const key = await makeKey();
  const counts = new Map<string, number>();
  let [after, pages]: [string | undefined, number] = [undefined, 0];
  let span: object = { last: "2d" };
  do {
    const told = await ask("device.history", { device: "Phone 1", points: COUNT, ...span, ...(after === undefined ? {} : { after }) });
    if (!told.ok) throw new Error(told.message);
    const { result } = told as { result: { from: string; to: string; next?: string; series: { reading: string; points: unknown[] }[] } };
    expect(Buffer.byteLength(await signJws({ status: "done", result }, key, REPLY_TYPE))).toBeLessThan(MAX_REPLY_BYTES);
    for (const { reading, points } of result.series) counts.set(reading, (counts.get(reading) ?? 0) + points.length);
    span = { from: result.from, to: result.to };
    after = result.next;
    pages++;
  } while (after !== undefined && pages < 20);
  expect([...counts].sort()).toEqual(names.map((name) => [name, COUNT]).sort());
  expect(pages).toBeGreaterThan(2);
  expect(await ask("device.history", { device: "Phone 1", ...span, after: "jitterSeconds" })).toMatchObject({ code: "nothingMatched" });
  expect(entryOf("device.history").args.safeParse({ device: "a", last: "1d", after: "mos" }).success).toBe(false);
});

test("device.changes: each with what it was like before and after, and until when it is watched", async () => {
  const { store, ask } = await bench();
  store.history.append([-1, 1].map((side) => ({ device: deviceId(1), atMs: T0 + side * 20 * MINUTE, reading: { mos: 4 - side / 10 } })));
  const windows = { aroundMs: DAY, repeatsMs: DAY };
  for (const atMs of [T0 - 1, T0])
    store.history.changes.note({ device: deviceId(1), kind: "restart", atMs, detail: "it had been up for 2 h" }, windows);
  expect(await ask("device.changes", { device: deviceId(1) })).toEqual({
    ok: true,
    result: {
      schema: "groundswell.device-changes/1",
      device: deviceId(1),
      name: "Phone 1",
      aroundSeconds: 86_400,
      settleSeconds: 600,
      changes: [
        {
          kind: "restart",
          at: "2026-11-22T19:59:59.999Z",
          last: "2026-11-22T20:00:00.000Z",
          times: 2,
          detail: "it had been up for 2 h",
          watchedUntil: "2026-11-23T20:00:00.000Z",
          before: { asked: 1, answered: 1 },
          after: { asked: 1, answered: 1 },
          readings: [{ reading: "mos", unit: "value", before: 4.1, after: 3.9, worst: 3.9 }],
        },
      ],
    },
  });
  expect(await ask("device.changes", { device: "nobody" })).toMatchObject({ code: "notFound" });
});
