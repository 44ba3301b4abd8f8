import fc from "fast-check";
import { expect, test } from "vitest";
import {
  HOURS_OF_WEEK,
  isConclusive,
  isQuiet,
  LEARNED_FROM_MS,
  onTheWhole,
  quietestFrom,
  quietFrom,
  together,
  type Usage,
  type UseSample,
  usageOf,
  weekGrid,
} from "../../../firmware/waves/quiet-hours.ts";
import { DAY, HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { NOW } from "./builders.ts";

/** A Monday, 00:00 UTC, four weeks before 2026-11-23. */
const FROM = NOW + 12 * HOUR - LEARNED_FROM_MS;
const MONDAY = FROM + LEARNED_FROM_MS;
const ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kolkata", "UTC"];
const hours = (share: (atMs: number) => number, days = 28): UseSample[] =>
  Array.from({ length: days * 24 }, (_, i) => ({ fromMs: FROM + i * HOUR, lengthMs: HOUR, share: share(FROM + i * HOUR) }));
const learned = (zone: string, samples: Iterable<UseSample>): Usage => usageOf(samples, weekGrid(zone, FROM, FROM + LEARNED_FROM_MS));
const usage = (busy: (hour: number) => number | null, zone = "UTC"): Usage => ({
  ...{ zone, days: 28, busy: Array.from({ length: HOURS_OF_WEEK }, (_, hour) => busy(hour)) },
});
const local = (atMs: number, zone: string) => Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(zone);

test.each(ZONES)("usageOf(): in %s, use at local times shows at those hours of the week and nowhere else", (zone) => {
  // Quarters: Kolkata's hours begin at half past.
  const isBusy = (atMs: number): boolean => {
    const { dayOfWeek, hour } = local(atMs, zone);
    return dayOfWeek === 2 && hour >= 9 && hour < 11;
  };
  const quarters = Array.from({ length: 28 * 96 }, (_, i) => FROM + i * 15 * MINUTE);
  const { busy } = learned(
    zone,
    quarters.map((fromMs) => ({ fromMs, lengthMs: 15 * MINUTE, share: isBusy(fromMs) ? 1 : 0 })),
  );
  expect(busy.flatMap((share, hour) => (share === 0 ? [] : [hour]))).toEqual([24 + 9, 24 + 10]);
});

test("usageOf(): the mean of what was seen in that hour, within 0 and 1", () => {
  const monday = hours((atMs) => ((atMs - FROM) % (7 * DAY) === 8 * HOUR ? (atMs < FROM + 14 * DAY ? 3 : 0) : 0));
  expect(learned("UTC", monday).busy[8]).toBe(0.5);
});

test("usageOf(): an hour nobody looked at is not known, and no quiet one", () => {
  const workdays = hours(() => 0).filter(({ fromMs }) => local(fromMs, "UTC").dayOfWeek < 6);
  const seen = learned("UTC", workdays);
  expect(seen.busy[5 * 24]).toBeNull();
  expect(isQuiet(seen, { fromMs: MONDAY + 5 * DAY - HOUR, toMs: MONDAY + 5 * DAY }, 0)).toBe(true);
  expect(isQuiet(seen, { fromMs: MONDAY + 5 * DAY - HOUR, toMs: MONDAY + 5 * DAY + 1 }, 1)).toBe(false);
});

test("isConclusive(): from two weeks of days on", () => {
  expect(
    isConclusive(
      learned(
        "UTC",
        hours(() => 0, 13),
      ),
    ),
  ).toBe(false);
  expect(
    isConclusive(
      learned(
        "UTC",
        hours(() => 0, 14),
      ),
    ),
  ).toBe(true);
});

test("together(): a room is in use when any of its devices is; onTheWhole(): the mean of all", () => {
  const [first, second] = [usage((hour) => (hour === 3 ? 0.7 : 0.2)), usage((hour) => (hour === 3 ? 0.6 : null))];
  expect(together([first, second])?.busy.slice(2, 5)).toEqual([0.2, 1, 0.2]);
  expect(onTheWhole([first, second])?.busy.slice(2, 5)).toEqual([0.2, 0.65, 0.2]);
  expect(together([])).toBeUndefined();
});

test("quietFrom(): the first moment from which it is quiet for all of the time", () => {
  // Busy from 8 to 18 every day.
  const office = usage((hour) => (hour % 24 >= 8 && hour % 24 < 18 ? 0.4 : 0.01));
  expect(quietFrom(office, MONDAY + 9 * HOUR, 30 * MINUTE, 0.05)).toBe(MONDAY + 18 * HOUR);
  expect(quietFrom(office, MONDAY + 7 * HOUR + 20 * MINUTE, 30 * MINUTE, 0.05)).toBe(MONDAY + 7 * HOUR + 20 * MINUTE);
  expect(quietFrom(office, MONDAY + 7 * HOUR + 40 * MINUTE, 30 * MINUTE, 0.05)).toBe(MONDAY + 18 * HOUR);
  expect(quietFrom(office, MONDAY, 15 * HOUR, 0.05)).toBeUndefined();
  expect(
    quietFrom(
      usage(() => null),
      MONDAY,
      MINUTE,
      1,
    ),
  ).toBeUndefined();
});

test("quietestFrom(): a quiet hour in the window, else the one with the least use, else the beginning", () => {
  const night = usage((hour) => (hour === 2 ? 0.1 : 0.3));
  const span = { fromMs: MONDAY + HOUR, lastMs: MONDAY + 4 * HOUR, needMs: 20 * MINUTE };
  expect(quietestFrom(night, span, 0.1)).toBe(MONDAY + 2 * HOUR);
  expect(quietestFrom(night, span, 0.05)).toBe(MONDAY + 2 * HOUR);
  expect(
    quietestFrom(
      usage(() => 0.3),
      span,
      0.05,
    ),
  ).toBe(MONDAY + HOUR);
  // Quiet, but only after the last moment that fits.
  expect(
    quietestFrom(
      usage((hour) => (hour === 6 ? 0 : 0.3)),
      span,
      0.05,
    ),
  ).toBe(MONDAY + HOUR);
});

test("isQuiet(), quietFrom(): as looked at minute by minute, in every zone and over clock changes", () => {
  const moment = fc
    .integer({ min: Date.UTC(2026, 0, 1) / MINUTE, max: Date.UTC(2027, 11, 31) / MINUTE })
    .map((minutes) => minutes * MINUTE);
  const busyHours = fc.uniqueArray(fc.nat(HOURS_OF_WEEK - 1), { minLength: 1, maxLength: 120 });
  fc.assert(
    fc.property(fc.constantFrom(...ZONES), moment, busyHours, fc.integer({ min: 1, max: 180 }), (zone, atMs, busy, needMinutes) => {
      const place = usage((hour) => (busy.includes(hour) ? 1 : 0), zone);
      const isBusyMinute = (minuteMs: number): boolean => {
        const { dayOfWeek, hour } = local(minuteMs, zone);
        return busy.includes((dayOfWeek - 1) * 24 + hour);
      };
      const slow = (fromMs: number): boolean => {
        for (let i = 0; i < needMinutes; i++) if (isBusyMinute(fromMs + i * MINUTE)) return false;
        return true;
      };
      expect(isQuiet(place, { fromMs: atMs, toMs: atMs + needMinutes * MINUTE }, 0.5)).toBe(slow(atMs));
      const quietMs = quietFrom(place, atMs, needMinutes * MINUTE, 0.5);
      if (quietMs === undefined) return;
      expect(slow(quietMs)).toBe(true);
      // No moment before it that begins with an hour would do.
      for (let minuteMs = atMs; minuteMs < Math.min(quietMs, atMs + DAY); minuteMs += 15 * MINUTE) expect(slow(minuteMs)).toBe(false);
    }),
    { numRuns: 60 },
  );
});
