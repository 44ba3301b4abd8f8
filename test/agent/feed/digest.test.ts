import fc from "fast-check";
import { expect, test } from "vitest";
import { changesOf, createDigest, FULL_EVERY_MS, moved, UNCHANGED_EVERY_MS } from "../../../agent/feed/digest.ts";
import type { Told } from "../../../agent/feed/health-batch.ts";
import { READING_NAMES, type Reading, type ReadingName } from "../../../protocols/core/reading.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { deviceId, T0 } from "../../store/temporary.ts";

test("moved(): any difference, a step, or a count that began anew", () => {
  expect([moved("registeredLines", 2, 2), moved("registeredLines", 2, 1), moved("registeredLines", undefined, 0)]).toEqual([
    false,
    true,
    true,
  ]);
  expect([moved("cpuRatio", 0.5, 0.55), moved("cpuRatio", 0.5, 0.61), moved("cpuRatio", 0.5, 0.4)]).toEqual([false, true, true]);
  expect([moved("uptimeSeconds", 100, 220), moved("uptimeSeconds", 100, 3)]).toEqual([false, true]);
});

test("changesOf(): only what moved, and what is reported no longer", () => {
  expect(changesOf({ inCall: 0, mos: 4 }, { inCall: 1 })).toEqual({ reading: { inCall: 1 }, gone: ["mos"] });
  expect(changesOf({ inCall: 0 }, { inCall: 0 })).toBeUndefined();
  expect(changesOf({}, {})).toBeUndefined();
});

test("take(): everything at first; a slow drift is told when it has added up to a step", () => {
  const digest = createDigest();
  const hows = [0.1, 0.14, 0.18, 0.22, 0.22].map((cpuRatio, at) => digest.take(deviceId(1), T0 + at, { cpuRatio })?.how);
  expect(hows).toEqual(["full", undefined, undefined, "changed", undefined]);
});

test("take(): unchanged is said now and then, with since when", () => {
  const digest = createDigest();
  digest.take(deviceId(1), T0, { inCall: 0 });
  expect(digest.take(deviceId(1), T0 + UNCHANGED_EVERY_MS - 1, { inCall: 0 })).toBeUndefined();
  const atMs = T0 + UNCHANGED_EVERY_MS;
  expect(digest.take(deviceId(1), atMs, { inCall: 0 })).toEqual({ how: "unchanged", device: deviceId(1), atMs, sinceMs: T0 });
  expect(digest.take(deviceId(1), atMs + 1, { inCall: 0 })).toBeUndefined();
});

test("take(): everything again within each hour, not of all devices in the same minute", () => {
  const digest = createDigest();
  const fullAt = new Map<number, number[]>();
  for (let minute = 0; minute <= 180; minute++)
    for (let number = 1; number <= 60; number++)
      if (digest.take(deviceId(number), T0 + minute * MINUTE, { inCall: 0 })?.how === "full")
        fullAt.set(number, [...(fullAt.get(number) ?? []), minute]);
  const minutes = [...fullAt.values()].flatMap((all) => all.slice(1));
  for (const all of fullAt.values())
    for (const [at, minute] of all.entries()) expect(minute - (all[at - 1] ?? minute)).toBeLessThanOrEqual(FULL_EVERY_MS / MINUTE);
  expect(Math.max(...minutes.map((one) => minutes.filter((other) => other === one).length))).toBeLessThan(15);
});

test("forget(): of each device everything is told at its next reading", () => {
  const digest = createDigest();
  digest.take(deviceId(1), T0, { inCall: 0 });
  digest.forget();
  expect(digest.take(deviceId(1), T0 + 1, { inCall: 0 })?.how).toBe("full");
});

/** What a portal knows after a row. */
function apply(known: Reading, row: Told): Reading {
  if (row.how === "unchanged") return known;
  if (row.how === "full") return row.reading;
  const gone = new Set<string>(row.gone);
  return Object.fromEntries(Object.entries({ ...known, ...row.reading }).filter(([name]) => !gone.has(name)));
}

test("take(): a portal that hears every row knows each reading to within its step, at any time", () => {
  const value = fc.option(
    fc.integer({ min: 0, max: 20 }).map((n) => n / 20),
    { nil: undefined, freq: 5 },
  );
  const names = ["inCall", "cpuRatio", "mos", "uptimeSeconds"] as const satisfies readonly ReadingName[];
  const reading = fc.record({ inCall: value, cpuRatio: value, mos: value, uptimeSeconds: value });
  fc.assert(
    fc.property(fc.array(reading, { maxLength: 40 }), (readings) => {
      const digest = createDigest();
      let known: Reading = {};
      for (const [at, one] of readings.entries()) {
        const now = Object.fromEntries(Object.entries(one).filter(([, is]) => is !== undefined)) as Reading;
        const row = digest.take(deviceId(1), T0 + at * 4 * MINUTE, now);
        if (row !== undefined) known = apply(known, row);
        for (const name of names) {
          const is = now[name];
          expect([name, known[name] === undefined]).toEqual([name, is === undefined]);
          if (is !== undefined) expect([name, moved(name, known[name], is)]).toEqual([name, false]);
        }
      }
    }),
  );
});

test("READING_NAMES: each name is told when it appears", () => {
  for (const name of READING_NAMES) expect(changesOf({}, { [name]: 1 })?.reading).toEqual({ [name]: 1 });
});
