import { expect, test } from "vitest";
import { throttle } from "../../../agent/tickets/throttle.ts";
import { HOUR, MINUTE, SECOND } from "../../../protocols/core/time.ts";
import { T0 } from "../../store/temporary.ts";

test("throttle(): so many calls in any minute, no more", () => {
  const gate = throttle(60);
  let taken: number[] = [];
  for (let atMs = T0; atMs < T0 + 10 * MINUTE; atMs += 100) {
    if (gate.take(atMs)) taken.push(atMs);
    taken = taken.filter((one) => one > atMs - MINUTE);
    expect(taken.length).toBeLessThanOrEqual(60);
  }
  expect(taken).toHaveLength(60);
});

test("throttle(): a pause the desk asked for is kept to its end, and a shorter one does not cut it", () => {
  const gate = throttle(60);
  gate.pause(T0 + HOUR);
  gate.pause(T0 + MINUTE);
  expect(gate.take(T0 + HOUR - 1)).toBe(false);
  expect(gate.take(T0 + HOUR)).toBe(true);
});

test("throttle(): five failures in a row leave the desk alone, then one call probes", () => {
  const gate = throttle(60);
  for (let i = 0; i < 5; i++) {
    expect(gate.take(T0)).toBe(true);
    gate.failed(T0);
  }
  expect(gate.take(T0 + 30 * SECOND - 1)).toBe(false);
  expect(gate.take(T0 + 30 * SECOND)).toBe(true);
  expect(gate.take(T0 + 30 * SECOND)).toBe(false);
});

test("throttle(): each further failure waits longer, up to a quarter of an hour", () => {
  const gate = throttle(1_000);
  const waits: number[] = [];
  let nowMs = T0;
  for (let i = 0; i < 14; i++) {
    gate.take(nowMs);
    gate.failed(nowMs);
    waits.push(gate.pausedUntilMs - nowMs);
    nowMs = Math.max(nowMs, gate.pausedUntilMs);
  }
  const broken = waits.slice(4);
  expect(broken[0]).toBe(30 * SECOND);
  expect([...broken].sort((a, b) => a - b)).toEqual(broken);
  expect(broken.at(-1)).toBe(15 * MINUTE);
});

test("throttle(): a probe that worked ends the break at once; a failure between successes opens none", () => {
  const gate = throttle(60);
  for (let i = 0; i < 5; i++) gate.failed(T0);
  const later = T0 + MINUTE;
  expect(gate.take(later)).toBe(true);
  gate.worked(later);
  expect([gate.take(later), gate.take(later)]).toEqual([true, true]);
  expect(gate.lastWorkedAtMs).toBe(later);
  for (let i = 0; i < 20; i++) {
    gate.failed(later);
    gate.worked(later);
  }
  expect(gate.take(later)).toBe(true);
});

test("throttle(): lastWorkedAtMs is unknown until the desk has answered once", () => {
  expect(throttle(1).lastWorkedAtMs).toBeUndefined();
});
