import { expect, test } from "vitest";
import { createLog, SILENT } from "../../agent/log.ts";
import { type Loop, startLoop } from "../../agent/loop.ts";
import { loopTurn, manualClock } from "../../protocols/core/time.ts";

const EVERY_MS = 10_000;

function bench(turn: (count: number, signal: AbortSignal) => Promise<void> = async () => undefined) {
  const clock = manualClock(0);
  const lines: string[] = [];
  const turns: number[] = [];
  const log = createLog({ level: "error", pretty: false, write: (line) => lines.push(line) });
  const loop: Loop = startLoop({ name: "test", everyMs: EVERY_MS, log, clock }, async (signal) => {
    turns.push(clock.nowMs());
    await turn(turns.length, signal);
  });
  return { clock, loop, turns, lines };
}

test("startLoop(): the first turn at once, then one after each pause", async () => {
  const { clock, loop, turns } = bench();
  await clock.advance(25_000);
  expect(turns).toEqual([0, 10_000, 20_000]);
  await loop.stop();
  await clock.advance(60_000);
  expect(turns).toHaveLength(3);
});

test("startLoop(): the pause begins when the turn has ended", async () => {
  const holder = Promise.withResolvers<void>();
  const { clock, loop, turns } = bench((count) => (count === 1 ? holder.promise : Promise.resolve()));
  await clock.advance(50_000);
  expect(turns).toEqual([0]);
  holder.resolve();
  await clock.advance(10_000);
  expect(turns).toEqual([0, 60_000]);
  await loop.stop();
});

test("wake(): a pause ends at once", async () => {
  const { clock, loop, turns } = bench();
  await clock.advance(3_000);
  loop.wake();
  loop.wake();
  await clock.advance(0);
  expect(turns).toEqual([0, 3_000]);
  await loop.stop();
});

test("wake(): calls during a turn lead to exactly one more", async () => {
  const holder = Promise.withResolvers<void>();
  const { clock, loop, turns } = bench((count) => (count === 1 ? holder.promise : Promise.resolve()));
  for (let i = 0; i < 5; i++) loop.wake();
  holder.resolve();
  await clock.advance(0);
  await clock.advance(0);
  expect(turns).toEqual([0, 0]);
  await loop.stop();
});

test("stop(): waits for the turn under way, which is told by its signal", async () => {
  const holder = Promise.withResolvers<void>();
  let stopped = false;
  const { clock, loop } = bench(async (_count, signal) => {
    signal.addEventListener("abort", () => {
      stopped = true;
    });
    await holder.promise;
  });
  await clock.advance(0);
  let over = false;
  const stopping = loop.stop().then(() => {
    over = true;
  });
  await clock.advance(0);
  expect([stopped, over]).toEqual([true, false]);
  holder.resolve();
  await stopping;
});

test("startLoop(): a turn that throws is written down once, and the next comes after a pause of its own", async () => {
  const clock = manualClock(0);
  const lines: string[] = [];
  let turns = 0;
  const log = createLog({ level: "error", pretty: false, write: (line) => lines.push(line) });
  const loop = startLoop({ name: "busy", everyMs: 100, log, clock }, async () => {
    turns++;
    throw new Error("a bug");
  });
  await clock.advance(4_900);
  expect(turns).toBe(1);
  await clock.advance(200);
  expect(turns).toBe(2);
  expect(lines.map((line) => (JSON.parse(line) as { loop: string; error: { message: string } }).error.message)).toEqual(["a bug", "a bug"]);
  await loop.stop();
});

test("stop(): a turn that ends by throwing because it is stopped is no bug", async () => {
  const { clock, loop, lines } = bench(
    (_count, signal) => new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  );
  await clock.advance(0);
  await loop.stop();
  expect(lines).toEqual([]);
});

test("startLoop(): two loops do not wake each other", async () => {
  const clock = manualClock(0);
  const seen: string[] = [];
  const make = (name: string): Loop => startLoop({ name, everyMs: EVERY_MS, log: SILENT, clock }, async () => void seen.push(name));
  const [a, b] = [make("a"), make("b")];
  await clock.advance(1);
  a.wake();
  await clock.advance(1);
  expect(seen).toEqual(["a", "b", "a"]);
  await Promise.all([a.stop(), b.stop()]);
});

test("startLoop(): its pulse tells turns from pauses, since when, and how many ended", async () => {
  const clock = manualClock(0);
  const gate = Promise.withResolvers<void>();
  let count = 0;
  const loop = startLoop({ name: "seen", everyMs: EVERY_MS, turnMaxMs: 7, log: SILENT, clock }, async () => {
    if (++count === 2) await gate.promise;
  });
  await clock.advance(5_000);
  expect(loop.pulse).toEqual({ name: "seen", at: "resting", sinceMs: 0, pauseMs: EVERY_MS, turns: 1, turnMaxMs: 7 });
  await clock.advance(6_000);
  expect(loop.pulse).toMatchObject({ at: "turning", sinceMs: EVERY_MS, turns: 1 });
  gate.resolve();
  await clock.advance(0);
  expect(loop.pulse).toMatchObject({ at: "resting", sinceMs: 11_000, turns: 2 });
  await loop.stop();
});

test("wake(): a turn that wakes its own loop leaves others their turn", async () => {
  let left = 1_000;
  let seen = 0;
  const woken: { loop?: Loop } = {};
  const { loop, turns } = bench(async () => {
    if (left-- > 0) woken.loop?.wake();
  });
  woken.loop = loop;
  loop.wake();
  while (left > 0 && seen < 5_000) {
    await loopTurn();
    seen++;
  }
  expect(seen).toBeGreaterThan(500);
  expect(turns.length).toBeGreaterThan(500);
  await loop.stop();
});
