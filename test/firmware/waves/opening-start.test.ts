import fc from "fast-check";
import { expect, test } from "vitest";
import { type StartAsk, startIn } from "../../../firmware/waves/opening-start.ts";
import { HOUR, MINUTE, SECOND } from "../../../protocols/core/time.ts";

const opening = { fromMs: 1_000 * HOUR, toMs: 1_004 * HOUR };
const ask = (change: Partial<StartAsk> = {}): StartAsk => ({
  ...{ task: "c-abcd1234:d-64167f000001", opening, sinceMs: 0, needMs: 24 * MINUTE, spreadMs: 10 * MINUTE },
  ...change,
});

test("startIn(): 400 devices do not start in one second", () => {
  const starts = Array.from({ length: 400 }, (_, i) => startIn(ask({ task: `c-abcd1234:d-${i}`, spreadMs: 399 * SECOND })));
  const perSecond = Map.groupBy(starts, (atMs) => Math.floor(atMs / SECOND));
  expect(perSecond.size).toBeGreaterThan(200);
  expect(Math.max(...[...perSecond.values()].map(({ length }) => length))).toBeLessThan(10);
});

test("startIn(): counted from the wave's beginning where it began within the opening", () => {
  const late = opening.fromMs + 2 * HOUR;
  expect(startIn(ask({ sinceMs: late })) - late).toBe(startIn(ask()) - opening.fromMs);
});

test("startIn(): without a spread it starts at once", () => {
  expect(startIn(ask({ spreadMs: 0 }))).toBe(opening.fromMs);
});

test("startIn(): another task has another moment", () => {
  expect(startIn(ask({ task: "c-abcd1234:d-64167f000002" }))).not.toBe(startIn(ask()));
});

test("startIn(): I5 inside the opening, and never after the last moment that fits", () => {
  fc.assert(
    fc.property(fc.string(), fc.nat(6 * HOUR), fc.nat(5 * HOUR), fc.nat(8 * HOUR), (task, sinceMs, needMs, spreadMs) => {
      const begunMs = opening.fromMs - HOUR + sinceMs;
      const startMs = startIn(ask({ task, sinceMs: begunMs, needMs, spreadMs }));
      const fromMs = Math.max(opening.fromMs, begunMs);
      expect(startMs).toBeGreaterThanOrEqual(fromMs);
      expect(startMs - fromMs).toBeLessThanOrEqual(spreadMs);
      if (fromMs + needMs <= opening.toMs) expect(startMs + needMs).toBeLessThanOrEqual(opening.toMs);
      else expect(startMs).toBe(fromMs);
      expect(startIn(ask({ task, sinceMs: begunMs, needMs, spreadMs }))).toBe(startMs);
    }),
  );
});
