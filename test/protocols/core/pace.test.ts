import { expect, test } from "vitest";
import { createPace } from "../../../protocols/core/pace.ts";
import { type Clock, manualClock } from "../../../protocols/core/time.ts";

const never = new AbortController().signal;

/** A clock on which sleeping moves the time. */
function sleepingClock(factor: number): Clock {
  const clock = manualClock(1_000);
  let nowMs = clock.nowMs();
  return {
    nowMs: () => nowMs,
    toRealMs: (lengthMs) => Math.max(1, lengthMs / factor),
    sleep: async (lengthMs) => {
      nowMs += lengthMs;
    },
  };
}

test("createPace(): keeps its rate in real time on any clock", async () => {
  for (const factor of [1, 60]) {
    const clock = sleepingClock(factor);
    const pace = createPace(clock, 2_000);
    const startMs = clock.nowMs();
    let sent = 0;
    while (sent < 4_000) sent += await pace.take(4_000 - sent, never);
    expect((clock.nowMs() - startMs) / factor).toBeGreaterThan(1_990);
    expect((clock.nowMs() - startMs) / factor).toBeLessThan(2_010);
  }
});

test("createPace(): a long pause saves up no more than 20 ms of tokens, and a clock set back stops nothing", async () => {
  const clock = manualClock(50_000);
  const pace = createPace(clock, 1_000);
  await clock.advance(60_000);
  expect(await pace.take(1_000, never)).toBe(20);
  let nowMs = 50_000;
  const backwards = (): number => {
    nowMs -= 10;
    return nowMs;
  };
  const sleep = async (): Promise<void> => {
    nowMs += 30;
  };
  const odd = createPace({ ...clock, nowMs: backwards, sleep }, 1_000);
  expect(await odd.take(1, never)).toBe(1);
  expect(await odd.take(1, never)).toBe(1);
});

test("createPace(): fewer than one a second waits as long as it takes", async () => {
  const clock = sleepingClock(1);
  const pace = createPace(clock, 0.5);
  const startMs = clock.nowMs();
  for (let i = 0; i < 3; i++) expect(await pace.take(9, never)).toBe(1);
  expect(clock.nowMs() - startMs).toBeCloseTo(4_000, -1);
});

test("createPace(): nothing is given once the signal is aborted, however many tokens are there", async () => {
  const pace = createPace(manualClock(1_000), 1_000);
  const reason = new Error("stop");
  await expect(pace.take(1, AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(await pace.take(1, never)).toBe(1);
});

test("createPace(): what is charged afterwards delays the next, and what was not needed is given back", async () => {
  const clock = sleepingClock(1);
  const pace = createPace(clock, 100);
  const startMs = clock.nowMs();
  for (let i = 0; i < 10; i++) {
    await pace.take(1, never);
    pace.charge(9);
  }
  // A hundred at a hundred a second, the first at once and the last nine owed.
  expect(clock.nowMs() - startMs).toBeGreaterThan(890);
  expect(clock.nowMs() - startMs).toBeLessThan(930);
  await pace.take(1, never);
  pace.charge(-1);
  const beforeMs = clock.nowMs();
  await pace.take(1, never);
  expect(clock.nowMs()).toBe(beforeMs);
});

test("createPace(): a new rate counts from now on; without a limit nothing is waited for", async () => {
  const clock = sleepingClock(1);
  const pace = createPace(clock, 1_000);
  pace.setRate(10);
  await pace.take(1, never);
  const startMs = clock.nowMs();
  for (let i = 0; i < 5; i++) await pace.take(1, never);
  expect(clock.nowMs() - startMs).toBeGreaterThan(490);
  const free = createPace(clock, Number.POSITIVE_INFINITY);
  expect(await free.take(5_000, never)).toBe(5_000);
});
