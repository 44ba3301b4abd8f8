import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeHealth, encodeHealth, healthMessages, MAX_SAMPLES, type Told } from "../../../agent/feed/health-batch.ts";
import type { SiteId } from "../../../protocols/core/ids.ts";
import { deviceId, T0 } from "../../store/temporary.ts";

const site = "zug-01" as SiteId;
const full = (number: number, reading: object = { registeredLines: 1, cpuRatio: 0.25 }): Told => ({
  how: "full",
  device: deviceId(number),
  atMs: T0 + number,
  reading,
});
const there = (rows: readonly Told[]) => decodeHealth(encodeHealth({ sequence: 7, rows }));

test("encodeHealth(), decodeHealth(): every sort of row comes back, absent stays absent", () => {
  const ratio = fc.option(
    fc.integer({ min: 0, max: 1_000_000 }).map((n) => n / 1_000_000),
    { nil: undefined },
  );
  const reading = fc
    .record({ registeredLines: fc.nat(20), cpuRatio: ratio, uptimeSeconds: fc.option(fc.nat(2 ** 31 - 1), { nil: undefined }) })
    .map((one) => Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined)));
  const row = fc.oneof(
    reading.map((one) => ({ how: "full" as const, reading: one })),
    fc
      .tuple(reading, fc.subarray(["mos", "temperatureCelsius"] as const))
      .map(([one, gone]) => ({ how: "changed" as const, reading: one, gone })),
    fc.nat(100_000).map((forS) => ({ how: "unchanged" as const, forS })),
  );
  fc.assert(
    fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (rows) => {
      const given = rows.map((one, at): Told => {
        const who = { device: deviceId(at + 1), atMs: T0 + ((at * 7_919) % 60_000) };
        return one.how === "unchanged" ? { how: one.how, ...who, sinceMs: who.atMs - one.forS * 1_000 } : { ...one, ...who };
      });
      const back = there(given);
      expect(back?.sequence).toBe(7);
      expect(back?.rows.toSorted((a, b) => (a.device < b.device ? -1 : 1))).toEqual(given.map((one) => inOrder(one)));
    }),
  );
});

/** `gone` comes back in the order of the columns. */
function inOrder(row: Told): Told {
  return row.how === "changed"
    ? { ...row, gone: row.gone.toSorted((a, b) => (a === "temperatureCelsius" ? -1 : b === "temperatureCelsius" ? 1 : 0)) }
    : row;
}

test("encodeHealth(): what JSON cannot say is absent, never zero", () => {
  const back = there([full(1, { cpuRatio: Number.NaN, mos: Number.POSITIVE_INFINITY, inCall: 0 })]);
  expect(back?.rows).toEqual([full(1, { inCall: 0 })]);
});

test("encodeHealth(): no rows are an empty batch", () => {
  expect(there([])).toEqual({ sequence: 7, rows: [] });
});

test("healthMessages(): batches of at most 2,000, none lost, each with the next number", () => {
  const many = Array.from({ length: MAX_SAMPLES * 2 + 1 }, (_, at) => full(at + 1));
  let sequence = 4;
  const messages = healthMessages(site, many, { atMs: T0, nextSequence: () => ++sequence });
  expect(messages.map(({ kind, topic, retain, number }) => [kind, topic, retain, number])).toEqual(
    [5, 6, 7].map((number) => ["health", "groundswell/v1/zug-01/feed/health", false, number]),
  );
  const batches = messages.map(({ payload }) => decodeHealth(payload as Buffer));
  expect(batches.map((batch) => batch?.sequence)).toEqual([5, 6, 7]);
  expect(batches.flatMap((batch) => batch?.rows ?? [])).toEqual(many);
  expect(healthMessages(site, [], { atMs: T0, nextSequence: () => 1 })).toEqual([]);
});

test("encodeHealth(): a full picture of like devices costs a few bytes each", () => {
  const rows = Array.from({ length: MAX_SAMPLES }, (_, at) => full(at + 1));
  expect(encodeHealth({ sequence: 1, rows }).length / MAX_SAMPLES).toBeLessThan(10);
});

const batch = (change: object = {}): Buffer =>
  Buffer.from(
    JSON.stringify({
      ...{ schema: "groundswell.health/1", sequence: 1, fromMs: T0, devices: [deviceId(1)], afterMs: [0], values: { inCall: [1] } },
      ...change,
    }),
  );

test.each<[string, Buffer]>([
  ["nothing", Buffer.alloc(0)],
  ["no JSON", Buffer.from("{")],
  ["a broken stream", Buffer.from([0x78, 0x9c, 1, 2])],
  ["a bomb", deflateSync(Buffer.alloc(8 * 1024 * 1024, 0x20))],
  ["another schema", batch({ schema: "groundswell.health/2" })],
  ["a batch without a number", batch({ sequence: 0 })],
  ["an unknown column", batch({ values: { surprise: [1] } })],
  ["a column too short", batch({ values: { inCall: [] } })],
  ["times too few", batch({ afterMs: [] })],
  ["a device with a slash", batch({ devices: ["d-/../x"] })],
  ["unchanged devices without their times", batch({ unchanged: { devices: [deviceId(2)], afterMs: [], forS: [] } })],
  ["more", batch({ more: 1 })],
])("decodeHealth(): %s is no batch", (_name, payload) => {
  expect(decodeHealth(payload)).toBeUndefined();
});

test("decodeHealth(): a plain batch by hand", () => {
  const rows = [{ how: "changed", device: deviceId(1), atMs: T0, reading: { inCall: 1 }, gone: ["mos"] }];
  expect(decodeHealth(batch({ gone: { mos: [0] } }))).toEqual({ sequence: 1, rows });
});
