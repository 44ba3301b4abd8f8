import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  DAY,
  HOUR,
  instantOf,
  isoOf,
  MINUTE,
  type Ms,
  manualClock,
  parseDuration,
  parseMoment,
  realSleep,
  SECOND,
  scaledClock,
  showDuration,
  systemClock,
} from "../../../protocols/core/time.ts";

test.each([
  ["250ms", 250],
  ["90s", 90 * SECOND],
  ["5m", 5 * MINUTE],
  ["1h30m", 90 * MINUTE],
  ["7d", 7 * DAY],
  ["1d2h3m4s5ms", DAY + 2 * HOUR + 3 * MINUTE + 4 * SECOND + 5],
  ["0s", 0],
  ["", undefined],
  ["5", undefined],
  ["m", undefined],
  ["5 m", undefined],
  ["-5m", undefined],
  ["1.5h", undefined],
  ["5w", undefined],
  ["5M", undefined],
  ["5m\n", undefined],
  ["1e3s", undefined],
  [`${"9".repeat(20)}d`, undefined],
] as const)("parseDuration(): %j is %s", (text, lengthMs) => {
  expect(parseDuration(text)).toBe(lengthMs);
});

test("parseDuration(): never throws; what it reads is a whole number of milliseconds", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.stringMatching(/^(\d{1,12}(ms|s|m|h|d)){1,4}$/)), (text) => {
      const lengthMs = parseDuration(text);
      return lengthMs === undefined || (Number.isSafeInteger(lengthMs) && lengthMs >= 0);
    }),
  );
});

test.each([
  [0, "0 s"],
  [59_499, "59 s"],
  [59_500, "1 min"],
  [4 * MINUTE + 10 * SECOND, "4 min 10 s"],
  [HOUR - 1, "1 h"],
  [2 * HOUR + 5 * MINUTE + 59 * SECOND, "2 h 05 min"],
  [DAY - SECOND, "23 h 59 min"],
  [3 * DAY + 4 * HOUR + 59 * MINUTE, "3 d 4 h"],
  [2 * DAY, "2 d"],
])("showDuration(): %d ms is %j", (lengthMs, text) => {
  expect(showDuration(lengthMs)).toBe(text);
});

test("isoOf(): UTC with milliseconds, always three digits", () => {
  expect([isoOf(Date.UTC(2026, 10, 22, 12)), isoOf(0.4)]).toEqual(["2026-11-22T12:00:00.000Z", "1970-01-01T00:00:00.000Z"]);
  expect(instantOf(1_500).epochMilliseconds).toBe(1_500);
});

test("manualClock(): stands still until told, and wakes sleepers in order of their time", async () => {
  const clock = manualClock(1_000);
  const woken: string[] = [];
  const sleeper = async (name: string, lengthMs: Ms): Promise<void> => {
    await clock.sleep(lengthMs);
    woken.push(`${name} at ${clock.nowMs()}`);
  };
  const all = [sleeper("late", 300), sleeper("early", 100), sleeper("early too", 100)];
  await turn();
  expect([clock.nowMs(), woken]).toEqual([1_000, []]);
  await clock.advance(299);
  expect(woken).toEqual(["early at 1100", "early too at 1100"]);
  await clock.advance(1);
  await Promise.all(all);
  expect([woken.at(-1), clock.nowMs()]).toEqual(["late at 1300", 1_300]);
});

test("manualClock(): advance() also wakes who went to sleep again on the way", async () => {
  const clock = manualClock(0);
  const at: Ms[] = [];
  const loop = (async () => {
    for (let i = 0; i < 3; i++) {
      await clock.sleep(10);
      at.push(clock.nowMs());
    }
  })();
  await clock.advance(30);
  await loop;
  expect(at).toEqual([10, 20, 30]);
});

test.each([
  ["manualClock()", manualClock(0)],
  ["systemClock()", systemClock()],
] as const)("%s: an aborted sleep rejects with the signal's reason, before or while it sleeps", async (_name, clock) => {
  await expect(clock.sleep(HOUR, AbortSignal.abort("over"))).rejects.toBe("over");
  const stop = new AbortController();
  const sleep = clock.sleep(HOUR, stop.signal);
  stop.abort("stop");
  await expect(sleep).rejects.toBe("stop");
});

describe("with a wall clock that moves when told", () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: 10_000, toFake: ["setTimeout", "clearTimeout", "Date"] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("systemClock(): shows the wall's time and sleeps by it", async () => {
    const clock = systemClock();
    expect([clock.nowMs(), clock.toRealMs(500)]).toEqual([10_000, 500]);
    let woke = false;
    const sleep = clock.sleep(500).then(() => {
      woke = true;
    });
    await vi.advanceTimersByTimeAsync(499);
    expect(woke).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await sleep;
    expect(clock.nowMs()).toBe(10_500);
  });

  test("scaledClock(): runs as many times as fast, for moments, waits and time-outs of sockets", async () => {
    const clock = scaledClock({ factor: 60, originMs: 1_000_000, realOriginMs: 10_000 });
    const sleep = clock.sleep(6_000);
    await vi.advanceTimersByTimeAsync(100);
    await sleep;
    expect([clock.nowMs(), clock.toRealMs(6_000), clock.toRealMs(1)]).toEqual([1_006_000, 100, 1]);
  });

  test("scaledClock(): moments are whole milliseconds", () => {
    const clock = scaledClock({ factor: 1.3, originMs: 0, realOriginMs: 9_999 });
    expect(Number.isInteger(clock.nowMs())).toBe(true);
  });

  test("realSleep(): waits longer than a timer can, and no shorter", async () => {
    const lengthMs = 60 * DAY;
    let woke = false;
    const sleep = realSleep(lengthMs).then(() => {
      woke = true;
    });
    await vi.advanceTimersByTimeAsync(lengthMs - 1);
    expect(woke).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await sleep;
    expect(woke).toBe(true);
  });

  test("realSleep(): an abort in the second piece of a long wait ends it and leaves no timer", async () => {
    const stop = new AbortController();
    const sleep = realSleep(60 * DAY, stop.signal);
    const ended = expect(sleep).rejects.toBe("stop");
    await vi.advanceTimersByTimeAsync(30 * DAY);
    stop.abort("stop");
    await ended;
    expect(vi.getTimerCount()).toBe(0);
  });

  test("realSleep(): leaves no listener on a signal that outlives it", async () => {
    const stop = new AbortController();
    const removed = vi.spyOn(stop.signal, "removeEventListener");
    const sleep = realSleep(1, stop.signal);
    await vi.advanceTimersByTimeAsync(1);
    await sleep;
    expect(removed).toHaveBeenCalledWith("abort", expect.any(Function));
  });
});

test.each([
  ["2026-11-22", Date.UTC(2026, 10, 22)],
  ["2026-11-22T08:00:00Z", Date.UTC(2026, 10, 22, 8)],
  ["2026-11-22T08:00:00+01:00", Date.UTC(2026, 10, 22, 7)],
  ["2026-02-30", undefined],
  ["2026-11-22T08:00:00", undefined],
  ["yesterday", undefined],
  ["", undefined],
])("parseMoment(): %j is %s", (text, atMs) => {
  expect(parseMoment(text)).toBe(atMs);
});
