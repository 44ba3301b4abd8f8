import fc from "fast-check";
import { expect, test } from "vitest";
import { roomWindow } from "../../../agent/campaigns/room-window.ts";
import type { Calendar } from "../../../firmware/waves/policy.ts";
import { HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { endOf } from "../../../protocols/families/video-update.ts";
import { ALWAYS, NOW } from "../../firmware/waves/builders.ts";

const NIGHT: Calendar = { zone: "Europe/Zurich", windows: [{ days: ["sun"], from: "12:00", to: "16:00" }], blackout: [] };

test("roomWindow(): from now to the end of the site's window, in the room's own time where it tells, else in the site's", () => {
  // 12:00 UTC is 13:00 in Zurich in November.
  expect(roomWindow(NIGHT, NOW, undefined)).toEqual({ start: "13:00", hours: 3 });
  expect(roomWindow(NIGHT, NOW + 59_999, 2 * HOUR)).toEqual({ start: "14:00", hours: 2 });
  expect(roomWindow(NIGHT, NOW + 2.5 * HOUR, -HOUR)).toEqual({ start: "13:30", hours: 1 });
});

test("roomWindow(): always a part of a day that has begun, and never a whole one", () => {
  const atMs = fc.integer({ min: NOW, max: NOW + 400 * 24 * HOUR });
  const offset = fc.option(fc.integer({ min: -12 * 60, max: 14 * 60 }), { nil: undefined });
  fc.assert(
    fc.property(atMs, offset, fc.constantFrom(ALWAYS, NIGHT), (nowMs, minutes, calendar) => {
      const window = roomWindow(calendar, nowMs, minutes === undefined ? undefined : minutes * MINUTE);
      expect(endOf(window)).toBeDefined();
      expect(window.hours).toBeLessThanOrEqual(12);
      if (minutes === undefined) return;
      const [hours = 0, rest = 0] = window.start.split(":").map(Number);
      const sinceMs = (((nowMs + minutes * MINUTE) % (24 * HOUR)) - (hours * 60 + rest) * MINUTE + 24 * HOUR) % (24 * HOUR);
      expect(sinceMs).toBeLessThan(MINUTE);
    }),
  );
});
