import fc from "fast-check";
import { expect, test } from "vitest";
import type { Calendar } from "../../../firmware/waves/policy.ts";
import { fits, longestOpenMs, openingAround, openingsOn, showOpening, windowAt, windowView } from "../../../firmware/waves/window.ts";
import { DAY, HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { ALWAYS } from "./builders.ts";

type Window = Calendar["windows"][number];
const DAILY: Window["days"] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const ZURICH = "Europe/Zurich";

const daily = (from: string, to: string, zone = ZURICH, blackout: string[] = []): Calendar => ({
  zone,
  windows: [{ days: DAILY, from, to }],
  blackout,
});
/** What a date opens, in the wall clock of the zone with its offset. */
const opens = (calendar: Calendar, date: string): string[] =>
  openingsOn(calendar, Temporal.PlainDate.from(date)).map(
    ({ fromMs, toMs }) => `${wall(fromMs, calendar.zone)} to ${wall(toMs, calendar.zone)}`,
  );
const wall = (atMs: number, zone: string): string =>
  Temporal.Instant.fromEpochMilliseconds(atMs)
    .toZonedDateTimeISO(zone)
    .toString({ timeZoneName: "never", smallestUnit: "minute" })
    .slice(5);
const at = (text: string): number => Temporal.Instant.from(text).epochMilliseconds;

test.each([
  ["an ordinary night", "01:00", "05:00", "2026-03-10", "03-10T01:00+01:00 to 03-10T05:00+01:00"],
  ["over midnight", "22:00", "04:00", "2026-03-10", "03-10T22:00+01:00 to 03-11T04:00+01:00"],
  ["equal ends: a whole day", "10:00", "10:00", "2026-03-10", "03-10T10:00+01:00 to 03-11T10:00+01:00"],
  ["forward inside: an hour less", "01:00", "05:00", "2026-03-29", "03-29T01:00+01:00 to 03-29T05:00+02:00"],
  ["forward over its beginning", "02:30", "04:00", "2026-03-29", "03-29T03:00+02:00 to 03-29T04:00+02:00"],
  ["forward over its end", "01:30", "02:30", "2026-03-29", "03-29T01:30+01:00 to 03-29T03:00+02:00"],
  ["forward over all of it: after the jump, as long as usual", "02:10", "02:50", "2026-03-29", "03-29T03:00+02:00 to 03-29T03:40+02:00"],
  ["forward in the night after its evening", "22:00", "04:00", "2026-03-28", "03-28T22:00+01:00 to 03-29T04:00+02:00"],
  ["back inside: an hour more", "01:00", "05:00", "2026-10-25", "10-25T01:00+02:00 to 10-25T05:00+01:00"],
  ["back, wholly in the hour shown twice", "02:10", "02:50", "2026-10-25", "10-25T02:10+02:00 to 10-25T02:50+02:00"],
  ["back, its end in the hour shown twice", "01:30", "02:30", "2026-10-25", "10-25T01:30+02:00 to 10-25T02:30+02:00"],
  ["back to before its beginning: the first stretch", "02:30", "04:00", "2026-10-25", "10-25T02:30+02:00 to 10-25T02:00+01:00"],
  ["back, right after the hour shown twice", "03:00", "05:00", "2026-10-25", "10-25T03:00+01:00 to 10-25T05:00+01:00"],
  ["back in the night after its evening", "22:00", "04:00", "2026-10-24", "10-24T22:00+02:00 to 10-25T04:00+01:00"],
])("openingsOn(): in Zurich, %s (%s to %s)", (_, from, to, date, expected) => {
  expect(opens(daily(from, to), date)).toEqual([expected]);
});

test.each([
  ["Lord Howe, forward by half an hour", "Australia/Lord_Howe", "02:00", "02:30", "2026-10-04", "10-04T02:30+11:00 to 10-04T03:00+11:00"],
  ["Lord Howe, back by half an hour", "Australia/Lord_Howe", "01:45", "03:00", "2026-04-05", "04-05T01:45+11:00 to 04-05T01:30+10:30"],
  ["Cairo, forward at midnight", "Africa/Cairo", "00:15", "00:45", "2026-04-24", "04-24T01:00+03:00 to 04-24T01:30+03:00"],
  ["Cairo, back at midnight", "Africa/Cairo", "23:30", "00:30", "2026-10-29", "10-29T23:30+03:00 to 10-29T23:00+02:00"],
  ["Kolkata, which changes nothing", "Asia/Kolkata", "02:00", "03:00", "2026-03-29", "03-29T02:00+05:30 to 03-29T03:00+05:30"],
])("openingsOn(): %s", (_, zone, from, to, date, expected) => {
  expect(opens(daily(from, to, zone), date)).toEqual([expected]);
});

test("openingsOn(): a date the zone skipped altogether opens nothing", () => {
  expect(opens(daily("10:00", "12:00", "Pacific/Apia"), "2011-12-30")).toEqual([]);
  expect(opens(daily("10:00", "12:00", "Pacific/Apia"), "2011-12-31")).toHaveLength(1);
});

test("openingsOn(): only the days of the week it names", () => {
  const weekend: Calendar = { zone: ZURICH, windows: [{ days: ["sat", "sun"], from: "08:00", to: "18:00" }], blackout: [] };
  const dates = ["2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"];
  expect(dates.map((date) => opens(weekend, date).length)).toEqual([0, 1, 1, 0]);
});

test("openingsOn(): nothing on a blackout date, and nothing past midnight into one", () => {
  const calendar = daily("22:00", "04:00", ZURICH, ["2026-12-24"]);
  expect(opens(calendar, "2026-12-23")).toEqual(["12-23T22:00+01:00 to 12-24T00:00+01:00"]);
  expect(opens(calendar, "2026-12-24")).toEqual([]);
  expect(opens(calendar, "2026-12-25")).toEqual(["12-25T22:00+01:00 to 12-26T04:00+01:00"]);
});

test("windowAt(): a blackout date is closed from its first moment to its last, whole-day windows included", () => {
  const calendar: Calendar = { ...ALWAYS, zone: ZURICH, blackout: ["2026-10-25"] };
  const [begins, ends] = [at("2026-10-24T22:00:00Z"), at("2026-10-25T23:00:00Z")];
  expect(windowAt(calendar, begins - 1)).toEqual({ openUntilMs: begins });
  expect(windowAt(calendar, begins)).toEqual({ opensAtMs: ends });
  expect(windowAt(calendar, ends - 1)).toEqual({ opensAtMs: ends });
  expect(windowAt(calendar, ends)).toHaveProperty("openUntilMs");
});

test("windowAt(): openings are from inclusive to exclusive", () => {
  const calendar = daily("01:00", "05:00");
  const [from, to] = [at("2026-11-22T00:00:00Z"), at("2026-11-22T04:00:00Z")];
  expect(windowAt(calendar, from - 1)).toEqual({ opensAtMs: from });
  expect(windowAt(calendar, from)).toEqual({ openUntilMs: to });
  expect(windowAt(calendar, to - 1)).toEqual({ openUntilMs: to });
  expect(windowAt(calendar, to)).toEqual({ opensAtMs: from + DAY });
});

test("windowAt(): I6 an hour that is shown twice does not open a second time", () => {
  const calendar = daily("02:10", "02:50");
  const secondTime = at("2026-10-25T01:30:00Z");
  expect(windowAt(calendar, secondTime - HOUR)).toEqual({ openUntilMs: at("2026-10-25T00:50:00Z") });
  expect(windowAt(calendar, secondTime)).toEqual({ opensAtMs: at("2026-10-26T01:10:00Z") });
});

test("windowAt(): openings that touch or overlap count as one", () => {
  const calendar: Calendar = {
    zone: "UTC",
    windows: [
      { days: ["mon"], from: "20:00", to: "00:00" },
      { days: ["tue"], from: "00:00", to: "03:00" },
      { days: ["tue"], from: "02:00", to: "04:00" },
    ],
    blackout: [],
  };
  expect(windowAt(calendar, at("2026-11-23T21:00:00Z"))).toEqual({ openUntilMs: at("2026-11-24T04:00:00Z") });
});

test("openingAround(): the whole stretch that is open, also right where two openings touch; else the next one", () => {
  const calendar: Calendar = {
    zone: "UTC",
    windows: [
      { days: ["mon"], from: "20:00", to: "00:00" },
      { days: ["tue"], from: "00:00", to: "03:00" },
    ],
    blackout: [],
  };
  const stretch = { fromMs: at("2026-11-23T20:00:00Z"), toMs: at("2026-11-24T03:00:00Z") };
  for (const moment of ["2026-11-23T19:00:00Z", "2026-11-23T20:00:00Z", "2026-11-24T00:00:00Z", "2026-11-24T02:59:59Z"])
    expect(openingAround(calendar, at(moment))).toEqual(stretch);
  expect(openingAround(calendar, at("2026-11-24T03:00:00Z"))?.fromMs).toBe(stretch.fromMs + 7 * DAY);
  expect(openingAround({ ...calendar, windows: [] }, at("2026-11-24T00:00:00Z"))).toBeUndefined();
});

test("windowAt(): after the longest allowed list of blackout dates the window still opens", () => {
  const monday = Temporal.PlainDate.from("2026-11-23");
  const blackout = Array.from({ length: 400 }, (_, week) => monday.add({ weeks: week }).toString());
  const calendar: Calendar = { zone: "UTC", windows: [{ days: ["mon"], from: "01:00", to: "02:00" }], blackout };
  const opensAtMs = monday.add({ weeks: 400 }).toZonedDateTime("UTC").epochMilliseconds + HOUR;
  expect(windowAt(calendar, at("2026-11-22T12:00:00Z"))).toEqual({ opensAtMs });
});

test.each([0, 7 * DAY, 14 * DAY])(
  "windowAt(): a site that is always open has room for the longest step and its revert: %i ms",
  (needMs) => {
    expect(fits(ALWAYS, at("2026-11-22T12:00:00Z"), needMs)).toBe(true);
  },
);

test("fits(): a step that ends with the window fits, one a millisecond longer does not", () => {
  const nowMs = at("2026-11-22T03:00:00Z");
  expect(fits(daily("01:00", "05:00"), nowMs, HOUR)).toBe(true);
  expect(fits(daily("01:00", "05:00"), nowMs, HOUR + 1)).toBe(false);
});

test("fits(): nothing fits while the site is closed", () => {
  expect(fits(daily("01:00", "05:00"), at("2026-11-22T12:00:00Z"), 0)).toBe(false);
});

test("fits(): in the night clocks go forward, the hour that is left out does not count", () => {
  const nowMs = at("2026-03-29T00:00:00Z");
  expect(fits(daily("01:00", "05:00"), nowMs, 3 * HOUR)).toBe(true);
  expect(fits(daily("01:00", "05:00"), nowMs, 4 * HOUR)).toBe(false);
});

const time = fc.nat(24 * 12 - 1).map((step) => {
  const two = (part: number): string => part.toString().padStart(2, "0");
  return `${two(Math.floor(step / 12))}:${two((step % 12) * 5)}`;
});
const aWindow = fc.record({ days: fc.subarray([...DAILY], { minLength: 1 }), from: time, to: time });
const zone = fc.constantFrom(ZURICH, "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Africa/Cairo", "Asia/Kolkata");
const dayOf = (base: string, days: number): string => Temporal.PlainDate.from(base).add({ days }).toString();
const blackout = fc.array(
  fc.nat(365).map((day) => dayOf("2026-01-01", day)),
  { maxLength: 30 },
);
const aCalendar: fc.Arbitrary<Calendar> = fc.record({ zone, windows: fc.array(aWindow, { minLength: 1, maxLength: 3 }), blackout });
const moment = fc
  .integer({ min: at("2026-01-01T00:00:00Z") / MINUTE, max: at("2026-12-31T00:00:00Z") / MINUTE })
  .map((minutes) => minutes * MINUTE);

test("openingsOn(): I6 one window opens exactly once on every local day of a year, clocks changing or not", () => {
  fc.assert(
    fc.property(zone, time, time, fc.nat(364), (where, from, to, day) => {
      const openings = openingsOn(daily(from, to, where), Temporal.PlainDate.from(dayOf("2026-01-01", day)));
      expect(openings).toHaveLength(1);
      const { fromMs, toMs } = openings[0] ?? { fromMs: 0, toMs: 0 };
      expect(toMs).toBeGreaterThan(fromMs);
      expect(toMs - fromMs).toBeLessThanOrEqual(25 * HOUR);
    }),
    { numRuns: 400 },
  );
});

test("windowAt(): open is just where the wall clock shows a time inside a window, days of clock changes aside", () => {
  fc.assert(
    fc.property(aCalendar, moment, (calendar, atMs) => {
      const local = Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(calendar.zone);
      fc.pre(local.subtract({ days: 2 }).offsetNanoseconds === local.offsetNanoseconds);
      const today = local.toPlainDate();
      const shows = local.toPlainTime().toString({ smallestUnit: "minute" });
      const black = (date: Temporal.PlainDate): boolean => calendar.blackout.includes(date.toString());
      const inside = calendar.windows.some(({ days, from, to }) => {
        const on = (date: Temporal.PlainDate): boolean => days.some((day) => day === DAILY[date.dayOfWeek - 1]) && !black(date);
        if (from < to) return on(today) && from <= shows && shows < to;
        return (on(today) && from <= shows) || (on(today.subtract({ days: 1 })) && shows < to);
      });
      expect("openUntilMs" in windowAt(calendar, atMs)).toBe(inside && !black(today));
    }),
    { numRuns: 500 },
  );
});

test("windowAt(): the next change it names is the next one: open up to it, closed up to it, and not after", () => {
  fc.assert(
    fc.property(aCalendar, moment, fc.double({ min: 0, max: 1, noNaN: true }), (calendar, atMs, part) => {
      const state = windowAt(calendar, atMs);
      const open = "openUntilMs" in state;
      const changeMs = open ? state.openUntilMs : state.opensAtMs;
      expect(changeMs).toBeGreaterThan(atMs);
      // An opening without end is cut after two weeks, and looked at again long before.
      if (changeMs - atMs > 14 * DAY) return;
      const betweenMs = Math.floor(atMs + (changeMs - 1 - atMs) * part);
      expect(windowAt(calendar, betweenMs)).toEqual(state);
      expect("openUntilMs" in windowAt(calendar, changeMs)).toBe(!open);
    }),
    { numRuns: 250 },
  );
});

test("windowView(): asked for moments in any order it gives the same answers as windowAt and fits", () => {
  fc.assert(
    fc.property(aCalendar, moment, fc.array(fc.integer({ min: -3 * 60, max: 30 * 60 }), { maxLength: 12 }), (calendar, base, offsets) => {
      if (longestOpenMs(calendar) > 7 * DAY) return;
      const view = windowView(calendar);
      for (const offset of offsets) {
        const atMs = base + offset * MINUTE;
        expect(view.at(atMs)).toEqual(windowAt(calendar, atMs));
        expect(view.fits(atMs, 20 * MINUTE)).toBe(fits(calendar, atMs, 20 * MINUTE));
      }
    }),
    { numRuns: 40 },
  );
});

test.each([
  ["one a night", [{ days: DAILY, from: "01:00", to: "05:00" }], 4 * HOUR],
  ["over midnight", [{ days: DAILY, from: "22:00", to: "04:00" }], 6 * HOUR],
  [
    "from Friday evening to Monday morning",
    [
      { days: ["fri"], from: "20:00", to: "00:00" },
      { days: ["sat", "sun"], from: "00:00", to: "00:00" },
      { days: ["mon"], from: "00:00", to: "06:00" },
    ],
    58 * HOUR,
  ],
] as [string, Window[], number][])("longestOpenMs(): %s", (_, windows, lengthMs) => {
  expect(longestOpenMs({ windows })).toBe(lengthMs);
});

test("longestOpenMs(): a site that is always open has room for the longest step and its revert", () => {
  expect(longestOpenMs(ALWAYS)).toBeGreaterThanOrEqual(14 * DAY);
});

test("showOpening(): an opening in the site's own time", () => {
  const opening = { fromMs: at("2026-11-22T00:00:00Z"), toMs: at("2026-11-22T04:00:00Z") };
  expect(showOpening(opening, ZURICH)).toBe("Sun 01:00–05:00");
});
