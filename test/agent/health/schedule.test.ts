import fc from "fast-check";
import { expect, test } from "vitest";
import { intervalOf, nextAskMs, phaseOf } from "../../../agent/health/schedule.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { deviceId } from "../../store/temporary.ts";

const intervals = { phonesMs: 2 * MINUTE, roomsMs: MINUTE, switchesMs: 5 * MINUTE };
const slot = { intervalMs: MINUTE, misses: 0, lastAskedMs: undefined };

test("intervalOf(): rooms, switches and everything else", () => {
  expect((["video-os", "group", "hdx"] as const).map((family) => intervalOf(family, intervals))).toEqual([MINUTE, MINUTE, MINUTE]);
  expect(intervalOf("switch", intervals)).toBe(5 * MINUTE);
  expect((["uc-phone", "soundpoint", "generic-snmp", undefined] as const).map((family) => intervalOf(family, intervals))).toEqual(
    Array.from({ length: 4 }, () => 2 * MINUTE),
  );
});

test("nextAskMs(): a device never asked has its turn within one interval of the start, always the same", () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.integer({ min: 1, max: 86_400_000 }), (number, intervalMs) => {
      const at = nextAskMs(deviceId(number), { ...slot, intervalMs }, 1_000);
      expect(at).toBeGreaterThanOrEqual(1_000);
      expect(at).toBeLessThan(1_000 + intervalMs);
      expect(nextAskMs(deviceId(number), { ...slot, intervalMs }, 1_000)).toBe(at);
    }),
  );
});

test("phaseOf(): a fleet is spread evenly over the interval", () => {
  const tenths = Array.from({ length: 10 }, () => 0);
  for (let number = 0; number < 2_000; number++) {
    const tenth = Math.floor(phaseOf(deviceId(number)) * 10);
    tenths[tenth] = (tenths[tenth] ?? 0) + 1;
  }
  expect(Math.min(...tenths)).toBeGreaterThan(140);
  expect(Math.max(...tenths)).toBeLessThan(260);
});

test("nextAskMs(): the first two misses keep the pace, then it is slower, never more than four intervals", () => {
  const waits = [0, 1, 2, 3, 4, 5, 50].map((misses) => (nextAskMs(deviceId(1), { ...slot, misses, lastAskedMs: 10 }, 0) - 10) / MINUTE);
  expect(waits).toEqual([1, 1, 1, 2, 4, 4, 4]);
});
