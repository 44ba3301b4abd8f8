import { expect, test } from "vitest";
import { type Flaps, flapsAfter } from "../../../agent/health/availability.ts";
import { judgeDevice, type Memory, withoutTime } from "../../../agent/health/judge-device.ts";
import { RULES, type WhenOf } from "../../../agent/health/rules.ts";
import { isOverTime } from "../../../agent/health/rules-scope.ts";
import { HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { gone, reads, rule, well } from "./rule-kit.ts";

const BOTH = [rule("flapping"), rule("deviceOffline")];
const LIMITS = rule("flapping").when as WhenOf<"flapping">;
const memory = (changes: Partial<Memory> = {}): Memory => ({
  states: new Map(),
  usual: new Map(),
  flaps: undefined,
  open: new Set(),
  ...changes,
});
const edgesOf = (shown: typeof well, nowMs: number, kept: Memory): string[] =>
  judgeDevice(BOTH, { family: undefined, ...shown, nowMs }, kept).edges.map(({ to, rule: { id } }) => `${to} ${id}`);

/** Away so many times, every ten minutes; the last time now. */
function away(times: number, nowMs: number): Flaps | undefined {
  let flaps: Flaps | undefined;
  for (let i = times - 1; i >= 0; i--) flaps = flapsAfter(flaps, nowMs - i * 10 * MINUTE, LIMITS);
  return flaps;
}

test("judgeDevice(): a device that is well and was well costs no memory", () => {
  const all = RULES.filter((one) => !isOverTime(one));
  const judged = judgeDevice(all, { family: "uc-phone", ...reads({ cpuRatio: 0.1 }), nowMs: 0 }, memory());
  expect(judged).toEqual({ edges: [], states: [], usual: [] });
  expect(judgeDevice(all, { family: "uc-phone", ...well, nowMs: 9 }, memory())).toBe(judged);
});

test("judgeDevice(): away twice is twice offline; the third time it flaps, and offline is no condition of its own", () => {
  const at = 10 * HOUR;
  expect(edgesOf(gone, at, memory({ flaps: away(2, at) }))).toEqual(["open deviceOffline"]);
  expect(edgesOf(gone, at, memory({ flaps: away(3, at) }))).toEqual(["open flapping"]);
  expect(edgesOf(gone, at, memory({ flaps: away(3, at), open: new Set(["deviceOffline"]) }))).toEqual([
    "open flapping",
    "close deviceOffline",
  ]);
});

test("judgeDevice(): while it flaps neither its going nor its coming is told; calm ends it, and what is left is told then", () => {
  const at = 10 * HOUR;
  const flapping = memory({ flaps: away(4, at), open: new Set(["flapping"]) });
  expect([edgesOf(well, at + MINUTE, flapping), edgesOf(gone, at + 5 * MINUTE, flapping)]).toEqual([[], []]);
  expect(edgesOf(well, at + 3 * HOUR, flapping)).toEqual(["close flapping"]);
  expect(edgesOf(gone, at + 3 * HOUR, flapping)).toEqual(["close flapping", "open deviceOffline"]);
});

test("withoutTime(): what ran stands as it stood, that much later", () => {
  const before = { states: new Map([["tooHot", { bad: true, sinceMs: 100 }]]), flaps: { penalty: 5, atMs: 50, count: 1 } };
  expect(withoutTime(before, 30)).toEqual({
    states: new Map([["tooHot", { bad: true, sinceMs: 130 }]]),
    flaps: { penalty: 5, atMs: 80, count: 1 },
  });
});
