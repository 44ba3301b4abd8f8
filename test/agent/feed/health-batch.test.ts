import { deflateSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeHealth, encodeHealth, healthMessages, MAX_SAMPLES, type Sample } from "../../../agent/feed/health-batch.ts";
import type { SiteId } from "../../../protocols/core/ids.ts";
import { deviceId, T0 } from "../../store/temporary.ts";

const sample = (number: number, change: Partial<Sample> = {}): Sample => ({
  device: deviceId(number),
  atMs: T0 + number,
  reading: { registeredLines: 1, cpuRatio: 0.25 },
  ...change,
});

test("encodeHealth(), decodeHealth(): whole numbers and six digits come back, absent stays absent", () => {
  const ratio = fc.option(
    fc.integer({ min: 0, max: 1_000_000 }).map((n) => n / 1_000_000),
    { nil: undefined },
  );
  const reading = fc.record({
    registeredLines: fc.nat(20),
    cpuRatio: ratio,
    uptimeSeconds: fc.option(fc.nat(2 ** 31 - 1), { nil: undefined }),
  });
  fc.assert(
    fc.property(fc.array(reading, { minLength: 1, maxLength: 30 }), (readings) => {
      const given = readings.map((one, at) => {
        const known = Object.fromEntries(Object.entries(one).filter(([, value]) => value !== undefined));
        return sample(at + 1, { reading: known, atMs: T0 + ((at * 7_919) % 60_000) });
      });
      expect(decodeHealth(encodeHealth(given))).toEqual(given);
    }),
  );
});

test("encodeHealth(): what JSON cannot say is absent, never zero", () => {
  const [one] =
    decodeHealth(encodeHealth([sample(1, { reading: { cpuRatio: Number.NaN, mos: Number.POSITIVE_INFINITY, inCall: 0 } })])) ?? [];
  expect(one?.reading).toEqual({ inCall: 0 });
});

test("encodeHealth(): no samples are an empty batch", () => {
  expect(decodeHealth(encodeHealth([]))).toEqual([]);
});

test("healthMessages(): batches of at most 2,000, none lost", () => {
  const many = Array.from({ length: MAX_SAMPLES * 2 + 1 }, (_, at) => sample(at + 1));
  const messages = healthMessages("zug-01" as SiteId, many, T0);
  expect(messages.map(({ kind, topic, retain }) => [kind, topic, retain])).toEqual(
    Array.from({ length: 3 }, () => ["health", "groundswell/v1/zug-01/feed/health", false]),
  );
  expect(messages.flatMap(({ payload }) => decodeHealth(payload as Buffer) ?? [])).toEqual(many);
  expect(healthMessages("zug-01" as SiteId, [], T0)).toEqual([]);
});

test("encodeHealth(): a full picture of like devices costs a few bytes each", () => {
  const many = Array.from({ length: MAX_SAMPLES }, (_, at) => sample(at + 1));
  expect(encodeHealth(many).length / MAX_SAMPLES).toBeLessThan(10);
});

const batch = (change: object = {}): Buffer =>
  Buffer.from(
    JSON.stringify({
      schema: "groundswell.health/1",
      fromMs: T0,
      devices: [deviceId(1)],
      afterMs: [0],
      values: { inCall: [1] },
      ...change,
    }),
  );

test.each<[string, Buffer]>([
  ["nothing", Buffer.alloc(0)],
  ["no JSON", Buffer.from("{")],
  ["a broken stream", Buffer.from([0x78, 0x9c, 1, 2])],
  ["a bomb", deflateSync(Buffer.alloc(8 * 1024 * 1024, 0x20))],
  ["another schema", batch({ schema: "groundswell.health/2" })],
  ["an unknown column", batch({ values: { surprise: [1] } })],
  ["a column too short", batch({ values: { inCall: [] } })],
  ["times too few", batch({ afterMs: [] })],
  ["a device with a slash", batch({ devices: ["d-/../x"] })],
  ["more", batch({ more: 1 })],
])("decodeHealth(): %s is no batch", (_name, payload) => {
  expect(decodeHealth(payload)).toBeUndefined();
});

test("decodeHealth(): a plain batch by hand", () => {
  expect(decodeHealth(batch())).toEqual([{ device: deviceId(1), atMs: T0, reading: { inCall: 1 } }]);
});
