import fc from "fast-check";
import { expect, test } from "vitest";
import { intervalOf, momentFrom, nextAskMs, paceOf, phaseOf } from "../../../agent/health/schedule.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { deviceId, T0 } from "../../store/temporary.ts";

const intervals = { phonesMs: 2 * MINUTE, roomsMs: MINUTE, switchesMs: 5 * MINUTE };
const course = { intervalMs: MINUTE, misses: 0, tookMs: 0 };
const anyPhase = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const anyInterval = fc.integer({ min: 5_000, max: 86_400_000 });

test("intervalOf(): rooms, switches and everything else", () => {
  expect((["video-os", "group", "hdx"] as const).map((family) => intervalOf(family, intervals))).toEqual([MINUTE, MINUTE, MINUTE]);
  expect(intervalOf("switch", intervals)).toBe(5 * MINUTE);
  expect((["uc-phone", "soundpoint", "generic-snmp", undefined] as const).map((family) => intervalOf(family, intervals))).toEqual(
    Array.from({ length: 4 }, () => 2 * MINUTE),
  );
});

test("momentFrom(): a device's first moment is within one interval of the start, and the moments are one interval apart", () => {
  fc.assert(
    fc.property(anyPhase, anyInterval, fc.nat(10_000_000), (phase, intervalMs, later) => {
      const first = momentFrom(T0 + later, phase, intervalMs);
      expect(first).toBeGreaterThanOrEqual(T0 + later);
      expect(first).toBeLessThan(T0 + later + intervalMs);
      expect(momentFrom(first, phase, intervalMs)).toBe(first);
      expect(momentFrom(first + 1, phase, intervalMs)).toBe(first + intervalMs);
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

test("paceOf(): the first two misses keep the pace, then it is slower, never more than four intervals", () => {
  expect([0, 1, 2, 3, 4, 5, 50].map((misses) => paceOf({ ...course, misses }))).toEqual([1, 1, 1, 2, 4, 4, 4]);
});

test("paceOf(): a device that comes back is asked within five minutes, or its interval where that is longer", () => {
  fc.assert(
    fc.property(anyInterval, fc.integer({ min: 1, max: 1_000 }), (intervalMs, misses) => {
      expect(paceOf({ ...course, intervalMs, misses }) * intervalMs).toBeLessThanOrEqual(Math.max(intervalMs, 5 * MINUTE));
    }),
  );
});

test("paceOf(): a device whose visits take more than a quarter of its interval is visited half as often", () => {
  expect([0, 15_000, 15_001, 59_000].map((tookMs) => paceOf({ ...course, tookMs }))).toEqual([1, 1, 2, 2]);
});

test("nextAskMs(): on time the next ask is exactly one interval later; a late one does not move the ones after it", () => {
  fc.assert(
    fc.property(anyPhase, anyInterval, fc.double({ min: 0, max: 0.74, noNaN: true }), (phase, intervalMs, late) => {
      const dueMs = momentFrom(T0, phase, intervalMs);
      expect(nextAskMs(phase, { ...course, intervalMs }, dueMs + Math.floor(late * intervalMs))).toBe(dueMs + intervalMs);
    }),
  );
});

test("nextAskMs(): two asks are at least a quarter of an interval apart, and at most one and a quarter per pace", () => {
  fc.assert(
    fc.property(anyPhase, anyInterval, fc.nat(100_000_000), fc.nat(10), (phase, intervalMs, later, misses) => {
      const asked = T0 + later;
      const waits = nextAskMs(phase, { ...course, intervalMs, misses }, asked) - asked;
      const pace = paceOf({ ...course, intervalMs, misses });
      expect(waits).toBeGreaterThanOrEqual((pace - 0.75) * intervalMs);
      expect(waits).toBeLessThan((pace + 0.25) * intervalMs + 1);
    }),
  );
});
