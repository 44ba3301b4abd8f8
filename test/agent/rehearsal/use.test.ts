import { expect, test } from "vitest";
import { shareIn, weekHours } from "../../../agent/rehearsal/use.ts";
import { HOUR } from "../../../protocols/core/time.ts";

const busy = Array.from({ length: 168 }, (_, hour) => (hour === 9 ? 0.5 : hour === 10 ? null : 0));

test("shareIn(): as it was learned; where nobody looked, as in an office", () => {
  const usage = { zone: "UTC", days: 20, busy };
  expect([shareIn(9, usage), shareIn(11, usage)]).toEqual([0.5, 0]);
  expect(shareIn(10, usage)).toBe(shareIn(10, undefined));
  const [monday, night, sunday] = [10, 2, 6 * 24 + 10].map((hour) => shareIn(hour, undefined));
  expect(monday).toBeGreaterThan(10 * (night ?? 1));
  expect(sunday).toBe(night);
});

test("weekHours(): the hour of the local week, over a change of the clocks too", () => {
  const hourAt = weekHours("Europe/Zurich");
  // Sunday 2026-10-25, 03:00 summer time becomes 02:00.
  const twoOClock = Date.UTC(2026, 9, 25, 0);
  const hours = [0, 1, 2].map((hour) => hourAt(twoOClock + hour * HOUR));
  expect(hours).toEqual([6 * 24 + 2, 6 * 24 + 2, 6 * 24 + 3]);
  expect(hourAt(Date.UTC(2026, 10, 22, 23))).toBe(0);
  expect(hourAt(Date.UTC(2026, 10, 22, 22, 59))).toBe(6 * 24 + 23);
});
