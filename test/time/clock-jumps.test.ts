import { expect, test } from "vitest";
import { openingsOn } from "../../firmware/waves/window.ts";
import { DAY, MINUTE } from "../../protocols/core/time.ts";
import { temporaryStore } from "../store/temporary.ts";
import { drawJumps, openMinutes, tellJumps } from "./clock-jumps.ts";

/** G6; 400 by `npm run prove -- clock-jumps`. */
const CASES = 40;

test("drive: G6 no start outside a window and none twice, over changes of clocks, clocks that are set, and restarts", async () => {
  let starts = 0;
  const zones = new Set<string>();
  for (let seed = 1; seed <= CASES; seed++) {
    const story = drawJumps(seed);
    const told = await tellJumps(story, temporaryStore());
    expect(told.broken, `seed ${seed}`).toEqual([]);
    // Where nobody sets the clock, everybody has had a window.
    if (story.jumps.size === 0) expect(told.starts, `seed ${seed}`).toBe(story.devices);
    starts += told.starts;
    zones.add(story.calendar.zone);
  }
  expect(zones.size).toBe(5);
  expect(starts).toBeGreaterThan(CASES * 2);
});

test("openMinutes(): looked at minute by minute, the same openings as the agent's, on every day of change", () => {
  for (let seed = 1; seed <= 20; seed++) {
    const { calendar, startMs } = drawJumps(seed);
    const isOpen = openMinutes(calendar, startMs - 2 * DAY, startMs + 4 * DAY);
    const day = Temporal.Instant.fromEpochMilliseconds(startMs).toZonedDateTimeISO(calendar.zone).toPlainDate();
    const openings = [-1, 0, 1, 2].flatMap((days) => openingsOn(calendar, day.add({ days })));
    for (let atMs = startMs; atMs < startMs + 2 * DAY; atMs += 5 * MINUTE) {
      const isInside = openings.some(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
      expect(isOpen(atMs, MINUTE), `seed ${seed} at ${atMs}`).toBe(isInside);
    }
  }
});
