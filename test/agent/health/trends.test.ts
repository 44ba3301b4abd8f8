import { expect, test } from "vitest";
import { RULES } from "../../../agent/health/rules.ts";
import type { TrendAsk } from "../../../agent/health/trend-read.ts";
import { createTrends, isDue } from "../../../agent/health/trends.ts";
import { DAY, HOUR, MINUTE, manualClock } from "../../../protocols/core/time.ts";
import { device, deviceId, T0, temporaryStore } from "../../store/temporary.ts";
import { rule } from "./rule-kit.ts";

const never = new AbortController().signal;
const HOUR0 = Math.floor(T0 / HOUR) * HOUR;

function kit(count: number) {
  const store = temporaryStore();
  for (let number = 1; number <= count; number++) store.devices.save(device(number, { family: "uc-phone" }));
  store.devices.save(device(900, { adopted: false }));
  const clock = manualClock(HOUR0 + MINUTE);
  const asked: TrendAsk[] = [];
  const told: string[] = [];
  const trends = createTrends({
    store,
    clock,
    rules: RULES,
    observer: {
      found: (id, findings) => void told.push(`${id}: ${findings.filter(({ seen }) => seen === "bad").map((one) => one.rule.id)}`),
    },
    find: async (ask) => {
      asked.push(ask);
      return ask.devices
        .filter(({ id }) => id === deviceId(1))
        .map(({ id }) => ({ device: id, rule: "linesFlapping", seen: "bad" as const, words: "lines come and go" }));
    },
  });
  return { trends, clock, asked, told };
}

test("turn(): every adopted device, some at a time; what is found goes to the observer", async () => {
  const { trends, asked, told } = kit(60);
  expect(await trends.turn(never)).toBe(60);
  expect(asked.map(({ devices }) => devices.length)).toEqual([50, 10]);
  expect([told.length, told[0], told[1]]).toEqual([60, `${deviceId(1)}: linesFlapping`, `${deviceId(2)}: `]);
});

test("turn(): once an hour, and of days only when one has ended", async () => {
  const { trends, clock, asked } = kit(1);
  await trends.turn(never);
  await clock.advance(5 * MINUTE);
  expect(await trends.turn(never)).toBe(0);
  await clock.advance(HOUR);
  expect(await trends.turn(never)).toBe(1);
  const rules = asked.map((ask) => ask.rules.map(({ id }) => id));
  expect(rules[0]).toContain("memoryCreeps");
  expect([rules[1]?.includes("linesFlapping"), rules[1]?.includes("memoryCreeps")]).toEqual([true, false]);
});

test("turn(): one that was cut short begins anew", async () => {
  const { trends, asked } = kit(1);
  const stopping = new AbortController();
  stopping.abort();
  expect(await trends.turn(stopping.signal)).toBe(0);
  expect(await trends.turn(never)).toBe(1);
  expect(asked).toHaveLength(1);
});

test("isDue(): with the end of its own length of time", () => {
  const { when } = rule("memoryCreeps");
  const day0 = Math.floor(T0 / DAY) * DAY;
  expect([isDue(when, undefined, T0), isDue(when, day0, day0 + DAY - 1), isDue(when, day0, day0 + DAY)]).toEqual([true, false, true]);
});
