import fc from "fast-check";
import { expect, test } from "vitest";
import type { Calendar } from "../../../firmware/waves/policy.ts";
import { fits, openingAround, windowAt } from "../../../firmware/waves/window.ts";
import { windowFinder } from "../../../firmware/waves/window-finder.ts";
import { DAY, HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { NOW } from "./builders.ts";

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const windows = (...spans: readonly (readonly [string, string])[]): Calendar => ({
  ...{ zone: "Europe/Zurich", blackout: ["2026-11-24"] },
  windows: spans.map(([from, to]) => ({ days: [...DAYS], from, to })),
});
const CALENDARS = [
  windows(["00:00", "00:00"]),
  windows(["20:00", "06:00"]),
  windows(["14:00", "19:00"], ["22:00", "02:30"], ["02:30", "03:15"]),
];
const asks = fc.array(fc.tuple(fc.nat(8 * 24 * 60), fc.nat(5 * 60)), { minLength: 1, maxLength: 40 });

test("windowFinder(): asked forth and back, it says what the calendar says", () => {
  fc.assert(
    fc.property(fc.constantFrom(...CALENDARS), asks, (calendar, all) => {
      const { openFrom, around } = windowFinder(calendar);
      for (const [minutes, needMinutes] of all) {
        const [atMs, needMs] = [NOW + minutes * MINUTE, needMinutes * MINUTE];
        expect(around(atMs)?.fromMs).toBeLessThanOrEqual(Math.max(atMs, openingAround(calendar, atMs)?.fromMs ?? 0));
        const startMs = openFrom(atMs, needMs);
        expect(startMs).toBeGreaterThanOrEqual(atMs);
        expect(fits(calendar, startMs, needMs)).toBe(true);
        // No earlier one: where it would have fitted at once, it starts at once; else with an opening.
        if (fits(calendar, atMs, needMs)) expect(startMs).toBe(atMs);
        else expect(openingAround(calendar, startMs)?.fromMs).toBe(startMs);
      }
    }),
    { numRuns: 40 },
  );
});

test("windowFinder(): what fits no window is laid at an opening far ahead, and never before one asks", () => {
  const calendar = windows(["01:00", "01:20"]);
  const { openFrom } = windowFinder(calendar);
  const farMs = openFrom(NOW, HOUR);
  expect(farMs).toBeGreaterThan(NOW + 180 * DAY);
  expect("openUntilMs" in windowAt(calendar, farMs)).toBe(true);
  expect(openFrom(NOW + DAY, HOUR)).toBe(farMs);
  expect(openFrom(farMs + DAY, HOUR)).toBe(farMs + DAY);
  expect(openFrom(NOW, 10 * MINUTE)).toBeLessThan(NOW + 2 * DAY);
});
