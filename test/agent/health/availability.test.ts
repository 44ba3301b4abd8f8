import fc from "fast-check";
import { expect, test } from "vitest";
import {
  type Availability,
  availabilityAfter,
  type FlapLimits,
  type Flaps,
  flapping,
  flapsAfter,
  MISSES_TO_OFFLINE,
  penaltyAt,
  wentAway,
} from "../../../agent/health/availability.ts";
import { HOUR, MINUTE } from "../../../protocols/core/time.ts";

const after = (start: Availability, misses: readonly number[]): Availability => misses.reduce(availabilityAfter, start);

test("availabilityAfter(): one lost answer is only suspicion, three in a row are offline, one answer is online", () => {
  expect(after("online", [1])).toBe("suspect");
  expect(after("online", [1, 2])).toBe("suspect");
  expect(after("online", [1, 2, 3])).toBe("offline");
  expect(after("offline", [4, 0])).toBe("online");
});

test("availabilityAfter(): a device never reached stays unknown until it is surely away", () => {
  expect(after("unknown", [1, 2])).toBe("unknown");
  expect(after("unknown", [1, 2, 3])).toBe("offline");
});

test("availabilityAfter(): what was offline before a restart is not taken for better while it is silent", () => {
  expect(after("offline", [1])).toBe("offline");
});

test("availabilityAfter(): online exactly after an answer, offline at the latest after so many misses", () => {
  fc.assert(
    fc.property(fc.constantFrom<Availability>("online", "suspect", "offline", "unknown"), fc.nat(9), (before, misses) => {
      const now = availabilityAfter(before, misses);
      expect(now === "online").toBe(misses === 0);
      if (misses >= MISSES_TO_OFFLINE) expect(now).toBe("offline");
    }),
  );
});

const LIMITS: FlapLimits = { halfLife: HOUR, open: 2_000, close: 750, most: 6_000 };
const awayAt = (...moments: readonly number[]): Flaps | undefined =>
  moments.reduce<Flaps | undefined>((before, atMs) => flapsAfter(before, atMs, LIMITS), undefined);

test("wentAway(): only from being there; one that was never reached did not go", () => {
  expect([wentAway("online", "offline"), wentAway("suspect", "offline")]).toEqual([true, true]);
  expect([wentAway("unknown", "offline"), wentAway("offline", "offline"), wentAway("online", "suspect")]).toEqual([false, false, false]);
});

test("penaltyAt(): halves in a half-life, and time that runs backwards adds nothing", () => {
  const flaps = { penalty: 1_000, atMs: HOUR, count: 1 };
  expect([penaltyAt(flaps, HOUR, LIMITS), penaltyAt(flaps, 2 * HOUR, LIMITS), penaltyAt(flaps, 0, LIMITS)]).toEqual([1_000, 500, 1_000]);
});

test("flapping(): three times away within half an hour is flapping, twice is not; it is calm again within three hours at most", () => {
  const at = (minutes: number): number => minutes * MINUTE;
  expect(flapping(awayAt(0, at(15)), at(15), LIMITS)).not.toBe("bad");
  const thrice = awayAt(0, at(15), at(30));
  expect([thrice?.count, flapping(thrice, at(30), LIMITS)]).toEqual([3, "bad"]);
  expect(flapping(thrice, at(60), LIMITS)).toBe("between");
  const forty = awayAt(...Array.from({ length: 40 }, (_, i) => at(i * 6)));
  const end = at(39 * 6);
  expect([forty?.count, flapping(forty, end, LIMITS), flapping(forty, end + 3 * HOUR + 1, LIMITS)]).toEqual([40, "bad", "good"]);
});

test("flapping(): once an hour for days is no flapping: each time is a condition of its own", () => {
  const hourly = Array.from({ length: 48 }, (_, i) => i * HOUR + i);
  for (let i = 1; i <= hourly.length; i++) expect(flapping(awayAt(...hourly.slice(0, i)), hourly[i - 1] as number, LIMITS)).not.toBe("bad");
});

test("flapping(): the penalty stays within its bounds and only goes down while nothing happens", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3 * HOUR), { minLength: 1, maxLength: 50 }), fc.nat(10 * HOUR), (pauses, laterMs) => {
      let clockMs = 0;
      const moments = pauses.map((pause) => (clockMs += pause));
      const flaps = awayAt(...moments) as Flaps;
      expect(flaps.penalty).toBeGreaterThanOrEqual(1_000);
      expect(flaps.penalty).toBeLessThanOrEqual(LIMITS.most);
      expect(penaltyAt(flaps, flaps.atMs + laterMs, LIMITS)).toBeLessThanOrEqual(flaps.penalty);
    }),
  );
});
