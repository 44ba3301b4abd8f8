import fc from "fast-check";
import { expect, test } from "vitest";
import { busyFor, isAgain, lengthAt, luckOf, paceAt, playsFor, shareAt, waitOf } from "../../../firmware/waves/forecast-luck.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { deviceOf } from "./builders.ts";

const [DEVICE, OTHER] = [deviceOf(1), deviceOf(2)];
const DURATION = { p50: 5 * MINUTE, p90: 8 * MINUTE, p99: 12 * MINUTE };
const share = fc.double({ min: 0, max: 1, noNaN: true });
const duration = fc
  .tuple(fc.integer({ min: 1, max: 1e7 }), fc.nat(1e7), fc.nat(1e7))
  .map(([p50, more, most]) => ({ p50, p90: p50 + more, p99: p50 + more + most }));

test("luckOf(): the same device has the same luck, another one other luck", () => {
  expect(luckOf(DEVICE, 29)).toEqual(luckOf(DEVICE, 29));
  expect(luckOf(DEVICE, 29)).not.toEqual(luckOf(OTHER, 29));
});

test.each([9, 29])("luckOf(): over %i plays each part of all comes once, of everything that chance decides", (plays) => {
  for (const name of ["length", "inUse", "again"] as const) {
    const parts = luckOf(DEVICE, plays).map((luck) => Math.floor(luck[name] * plays));
    expect(parts.toSorted((a, b) => a - b)).toEqual(Array.from({ length: plays }, (_, at) => at));
  }
});

test("playsFor(): few devices are played more often than many", () => {
  expect(playsFor(10)).toBeGreaterThan(playsFor(10_000));
});

test("lengthAt(): half, nine tenths and nearly all are as stated, and it never falls", () => {
  expect([0.5, 0.9, 0.99, 1].map((one) => Math.round(lengthAt(DURATION, one)) / MINUTE)).toEqual([5, 8, 12, 12]);
  fc.assert(
    fc.property(duration, share, share, (stated, a, b) => {
      expect(lengthAt(stated, Math.min(a, b))).toBeLessThanOrEqual(lengthAt(stated, Math.max(a, b)));
      expect(lengthAt(stated, a)).toBeGreaterThanOrEqual(stated.p50 / 2);
      expect(lengthAt(stated, a)).toBeLessThanOrEqual(stated.p99);
    }),
  );
});

test("shareAt(): is the way back of lengthAt()", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 0.985, noNaN: true }), (one) => {
      expect(Math.abs(shareAt(DURATION, lengthAt(DURATION, one)) - one)).toBeLessThan(0.001);
    }),
  );
  expect(shareAt(DURATION, 20 * MINUTE)).toBeGreaterThan(0.99);
  expect(shareAt(DURATION, 0)).toBeLessThan(0.001);
});

test("paceAt(): half of all sites take what is stated, none half as long or twice as long", () => {
  expect(paceAt(0.5)).toBe(1);
  fc.assert(
    fc.property(share, (one) => {
      expect(paceAt(one)).toBeGreaterThan(0.5);
      expect(paceAt(one)).toBeLessThan(2);
    }),
  );
});

test("waitOf(): most are not in use; who is, is waited for a finite time that grows with bad luck", () => {
  expect([0, 0.5, 0.87].map((inUse) => waitOf({ inUse }))).toEqual([0, 0, 0]);
  const waits = [0.9, 0.95, 0.99, 1].map((inUse) => waitOf({ inUse }));
  expect(waits).toEqual(waits.toSorted((a, b) => a - b));
  expect(waits[0]).toBeGreaterThan(0);
  expect(waits.at(-1)).toBeLessThan(90 * MINUTE);
  expect(busyFor(0)).toBeCloseTo(0);
});

test("isAgain(): one attempt in twenty", () => {
  expect([0, 0.049, 0.05, 1].map((again) => isAgain({ again }))).toEqual([true, true, false, false]);
});
