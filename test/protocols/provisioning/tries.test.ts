import { expect, test } from "vitest";
import { manualClock } from "../../../protocols/core/time.ts";
import { createWrongTries, TRIES_WINDOW_MS, WRONG_TRIES_MAX } from "../../../protocols/provisioning/tries.ts";

test("isBlocked(): after so many wrong tries in a minute, that address alone, until the minute is over", async () => {
  const clock = manualClock(0);
  const tries = createWrongTries(clock);
  for (let left = WRONG_TRIES_MAX; left > 1; left--) tries.note("a");
  expect(tries.isBlocked("a")).toBe(false);
  tries.note("a");
  expect([tries.isBlocked("a"), tries.isBlocked("b")]).toEqual([true, false]);
  await clock.advance(TRIES_WINDOW_MS);
  expect(tries.isBlocked("a")).toBe(false);
});

test("note(): remembers so many addresses and no more", () => {
  const tries = createWrongTries(manualClock(0));
  for (let left = WRONG_TRIES_MAX; left > 0; left--) tries.note("first");
  for (let i = 0; i < 999; i++) tries.note(`a${i}`);
  expect(tries.isBlocked("first")).toBe(true);
  tries.note("one more");
  expect(tries.isBlocked("first")).toBe(false);
});
