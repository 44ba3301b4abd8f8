import { expect, test } from "vitest";
import { neverBack, watchedClock } from "../../../firmware/waves/set-back.ts";
import { NOTHING_KNOWN } from "../../../firmware/waves/time-holds.ts";
import { type Clock, manualClock } from "../../../protocols/core/time.ts";

test("neverBack(): the latest of what the clock showed and of what was noted, whatever they say later", () => {
  const shows = { clock: 1_000, noted: 500 };
  const clock = { nowMs: () => shows.clock } as Clock;
  const times = neverBack({ ...NOTHING_KNOWN, highestMs: () => shows.noted }, clock);
  expect(times.highestMs()).toBe(1_000);
  shows.clock = 400;
  expect(times.highestMs()).toBe(1_000);
  shows.noted = 3_000;
  expect(times.highestMs()).toBe(1_000);
  times.refresh();
  expect(times.highestMs()).toBe(3_000);
  shows.noted = 0;
  times.refresh();
  expect(times.highestMs()).toBe(3_000);
});

test("neverBack(): an earlier note is a person's word that the clock is right as it is", () => {
  const clock = manualClock(400);
  let noted = 3_000;
  const times = neverBack({ ...NOTHING_KNOWN, highestMs: () => noted }, clock);
  times.refresh();
  expect(times.highestMs()).toBe(3_000);
  noted = 400;
  times.refresh();
  expect(times.highestMs()).toBe(400);
});

test("watchedClock(): tells of every step back, and of nothing else", () => {
  let shows = 1_000;
  let back = 0;
  const clock = watchedClock({ nowMs: () => shows, sleep: async () => undefined, toRealMs: (lengthMs) => lengthMs }, () => void back++);
  for (const [next, told] of [
    [1_000, 0],
    [1_001, 0],
    [900, 1],
    [950, 1],
    [949, 2],
  ] as const) {
    shows = next;
    expect(clock.nowMs()).toBe(next);
    expect(back).toBe(told);
  }
});
