import fc from "fast-check";
import { expect, test } from "vitest";
import { type Clock, manualClock } from "../../../protocols/core/time.ts";
import { bothPaces, createPace } from "../../../protocols/provisioning/pace.ts";
import { lateClock } from "./late-clock.ts";

const never = new AbortController().signal;

/** A clock on which sleeping moves the time. */
function sleepingClock(startMs = 1_000_000): Clock & { set(atMs: number): void; slept: () => number } {
  let nowMs = startMs;
  let sleptMs = 0;
  return {
    nowMs: () => nowMs,
    toRealMs: (lengthMs) => lengthMs,
    sleep: async (lengthMs) => {
      nowMs += lengthMs;
      sleptMs += lengthMs;
    },
    set: (atMs) => {
      nowMs = atMs;
    },
    slept: () => sleptMs,
  };
}

test("createPace(): without a cap everything passes at once", async () => {
  const clock = sleepingClock();
  const pace = createPace(undefined, clock);
  for (let i = 0; i < 100; i++) await pace.take(pace.pieceBytes, never);
  expect(clock.slept()).toBe(0);
});

test("createPace(): no 10 s of the clock carry more than the cap, whatever pieces are asked for and however often", async () => {
  const piece = fc.double({ min: 0.01, max: 1, noNaN: true });
  const pause = fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(20_000) });
  const asks = fc.array(fc.tuple(piece, pause), { minLength: 50, maxLength: 400 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 20, max: 5_000_000 }), asks, async (cap, wanted) => {
      const clock = sleepingClock();
      const pace = createPace(cap, clock);
      const passed: { atMs: number; bytes: number }[] = [];
      for (const [share, pauseMs] of wanted) {
        clock.set(clock.nowMs() + pauseMs);
        const bytes = Math.max(1, Math.floor(pace.pieceBytes * share));
        await pace.take(bytes, never);
        passed.push({ atMs: clock.nowMs(), bytes });
      }
      for (const [i, start] of passed.entries()) {
        let inWindow = 0;
        for (const later of passed.slice(i)) if (later.atMs <= start.atMs + 10_000) inWindow += later.bytes;
        expect(inWindow).toBeLessThanOrEqual(cap * 10);
      }
    }),
    { numRuns: 40 },
  );
});

test("createPace(): uses most of what it may", async () => {
  const clock = sleepingClock(0);
  const pace = createPace(1_000_000, clock);
  let sent = 0;
  while (clock.nowMs() < 10_000) {
    await pace.take(pace.pieceBytes, never);
    sent += pace.pieceBytes;
  }
  expect(sent).toBeGreaterThan(9_500_000);
});

test("createPace(): many takers share one cap", async () => {
  const clock = manualClock(0);
  const pace = createPace(10_000, clock);
  let sent = 0;
  const taker = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) {
      await pace.take(pace.pieceBytes, never);
      sent += pace.pieceBytes;
    }
  };
  const all = Promise.all([taker(), taker(), taker(), taker()]);
  await clock.advance(1_000);
  expect(sent).toBeLessThanOrEqual(10_500);
  await clock.advance(60_000);
  await all;
});

test("createPace(): a slow cap still gives single bytes", () => {
  expect(createPace(10, manualClock(0)).pieceBytes).toBe(1);
});

test("createPace(): nothing passes once the signal is aborted, and a wait ends with it", async () => {
  const clock = manualClock(0);
  const pace = createPace(100, clock);
  await expect(pace.take(1, AbortSignal.abort("over"))).rejects.toBe("over");
  await expect(createPace(undefined, clock).take(1, AbortSignal.abort("over"))).rejects.toBe("over");
  const stop = new AbortController();
  const waiting = pace.take(1_000, stop.signal);
  stop.abort("stop");
  await expect(waiting).rejects.toBe("stop");
});

test("createPace(): a clock set back an hour stops nothing", async () => {
  const clock = sleepingClock(10_000_000);
  const pace = createPace(1_000, clock);
  await pace.take(pace.pieceBytes, never);
  clock.set(10_000_000 - 3_600_000);
  await pace.take(pace.pieceBytes, never);
  expect(clock.slept()).toBeLessThan(200);
});

test("bothPaces(): obeys the stricter of the two, in pieces small enough for both", async () => {
  const clock = sleepingClock(0);
  const strict = createPace(1_000, clock);
  const loose = createPace(1_000_000, clock);
  for (const both of [bothPaces(strict, loose), bothPaces(loose, strict)]) {
    expect(both.pieceBytes).toBe(strict.pieceBytes);
    const startMs = clock.nowMs();
    for (let i = 0; i < 20; i++) await both.take(both.pieceBytes, never);
    expect(clock.nowMs() - startMs).toBeGreaterThan(19 * both.pieceBytes - 100);
  }
});

test("createPace(): many that take from one cap at once stay under it together in any 10 s, and each gets its turn", async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1_000, max: 200_000 }), fc.integer({ min: 2, max: 12 }), async (cap, takers) => {
      const clock = lateClock();
      const pace = createPace(cap, clock);
      const passed: { readonly atMs: number; readonly bytes: number }[] = [];
      const take = async (): Promise<void> => {
        for (let i = 0; i < 30; i++) {
          await pace.take(pace.pieceBytes, never);
          passed.push({ atMs: clock.nowMs(), bytes: pace.pieceBytes });
        }
      };
      await clock.run(Array.from({ length: takers }, take));
      expect(passed).toHaveLength(30 * takers);
      for (const [i, start] of passed.entries()) {
        let inWindow = 0;
        for (const later of passed.slice(i)) if (later.atMs <= start.atMs + 10_000) inWindow += later.bytes;
        expect(inWindow).toBeLessThanOrEqual(cap * 10);
      }
    }),
    { numRuns: 15 },
  );
});
