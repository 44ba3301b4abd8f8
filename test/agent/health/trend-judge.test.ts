import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { WhenOf } from "../../../agent/health/rules.ts";
import { type Bucket, judgeChanges, judgeOftener, judgeTrend } from "../../../agent/health/trend-judge.ts";
import { type Random, seededRandom } from "../../../protocols/core/random.ts";
import { DAY, HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { rule } from "./rule-kit.ts";

const trend = (id: string, days: readonly number[], more: { count?: number; restartedAtMs?: number } = {}) =>
  judgeTrend(rule(id), rule(id).when as WhenOf<"trend">, bucketsOf(days, DAY, more.count), more.restartedAtMs);
const oftener = (id: string, values: readonly number[]) => {
  const when = rule(id).when as WhenOf<"oftener">;
  return judgeOftener(rule(id), when, bucketsOf(values, when.bucket));
};

function bucketsOf(values: readonly number[], lengthMs: number, count = 700): Bucket[] {
  return values.map((value, i) => ({ atMs: i * lengthMs, value, count }));
}

/** Normally distributed, from two even draws. Source: Box & Muller 1958. */
function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
}

const days = Array.from({ length: 14 }, (_, i) => i);

test("judgeTrend(): a temperature that climbs half a degree a day is found and told; one that climbs a tenth is not", () => {
  const random = seededRandom(3);
  const climbing = (perDay: number): number[] => days.map((day) => 51 + perDay * day + normal(random) * 0.5);
  expect(trend("temperatureClimbs", climbing(0.6))).toEqual({
    seen: "bad",
    words: expect.stringMatching(/^climbs steadily: 5\d(\.\d)? °C to 5\d(\.\d)? °C within 13 d$/),
  });
  expect(trend("temperatureClimbs", climbing(0.1)).seen).toBe("good");
  expect(trend("temperatureClimbs", climbing(-0.6)).seen).toBe("good");
});

test("judgeTrend(): one hot day is no trend, nor is a step down, nor too few days, nor too few readings in them", () => {
  const hotOnce = days.map((day) => (day === 12 ? 80 : 50));
  expect(trend("temperatureClimbs", hotOnce).seen).toBe("good");
  const rising = days.map((day) => 50 + day);
  expect(trend("temperatureClimbs", rising).seen).toBe("bad");
  expect(trend("temperatureClimbs", rising.slice(0, 7)).seen).toBe("untold");
  expect(trend("temperatureClimbs", rising, { count: 1 }).seen).toBe("untold");
});

test("judgeTrend(): memory that fills within a month is told with the day, one that would take a year is not", () => {
  expect(
    trend(
      "memoryCreeps",
      days.map((day) => 0.7 + 0.01 * day),
    ),
  ).toEqual({
    seen: "bad",
    words: "memory in use grows: 70 % to 83 % within 13 d, full in about 12 days",
  });
  expect(
    trend(
      "memoryCreeps",
      days.map((day) => 0.3 + 0.003 * day),
    ).seen,
  ).toBe("good");
});

test("judgeTrend(): only what was since the last start counts: after a restart there is too little to say", () => {
  const leak = days.map((day) => 0.7 + 0.01 * day);
  expect(trend("memoryCreeps", leak, { restartedAtMs: 3 * DAY }).seen).toBe("bad");
  expect(trend("memoryCreeps", leak, { restartedAtMs: 10 * DAY }).seen).toBe("untold");
});

describe("false alarms: 10,000 devices that are well, a day of evaluations", () => {
  /** Day means with memory of the day before, a weekly rhythm and noise. */
  const story = (random: Random, { level, noise, weekly }: { level: number; noise: number; weekly: number }): number[] => {
    let drift = 0;
    const phase = random.below(7);
    return days.map((day) => {
      drift = 0.5 * drift + normal(random) * noise;
      return level + drift + ((day + phase) % 7 < 5 ? weekly : 0);
    });
  };
  test.each([
    ["temperatureClimbs", { level: 52, noise: 1.2, weekly: 2 }, 2],
    ["memoryCreeps", { level: 0.78, noise: 0.008, weekly: 0.01 }, 2],
    ["lossGrows", { level: 0.004, noise: 0.0015, weekly: 0.001 }, 9],
  ] as const)("judgeTrend(): %s raises next to none from noise that has a memory and a week", (id, shape, most) => {
    const random = seededRandom(5);
    let alarms = 0;
    for (let device = 0; device < 10_000; device++) if (trend(id, story(random, shape)).seen === "bad") alarms++;
    expect(alarms).toBeLessThanOrEqual(most);
  });
  test.each([
    ["partDropping", 24, HOUR],
    ["partDroppingSlowly", 56, 6 * HOUR],
  ] as const)("judgeOftener(): %s raises few from parts that drop out by chance, at a rate that does not grow", (id, count, lengthMs) => {
    const random = seededRandom(9);
    let alarms = 0;
    const devices = 4_000;
    for (let device = 0; device < devices; device++) {
      const perDay = 1 + random.below(30);
      const values = Array.from({ length: count }, () => shareAway(random, (perDay * lengthMs) / DAY, lengthMs));
      if (oftener(id, values).seen === "bad") alarms++;
    }
    expect(alarms / devices).toBeLessThan(0.004);
  });
  /** Share of the time that is spent in so many drop-outs of some minutes, as counted once a minute. */
  const shareAway = (random: Random, expected: number, lengthMs: number): number => {
    let away = 0;
    for (let left = expected; random.next() < left; left -= 1) away += -Math.log(1 - random.next()) * 4;
    return Math.min(1, Math.round(away) / (lengthMs / MINUTE));
  };
});

test("judgeOftener(): a contact that gets worse within a day is found, long before it is gone", () => {
  const minutesAway = [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 2, 1, 0, 3, 2, 4, 3, 6, 5, 7, 9, 8];
  expect(
    oftener(
      "partDropping",
      minutesAway.map((away) => away / 60),
    ),
  ).toEqual({
    seen: "bad",
    words: "a part drops out ever more often: from 0 % to 9.17 % of the time within 1 d",
  });
});

test("judgeOftener(): a part that is unplugged, one that is always there, and one that gets better are no such thing", () => {
  const hours = Array.from({ length: 24 }, (_, i) => i);
  expect(
    oftener(
      "partDropping",
      hours.map((hour) => (hour < 16 ? 0 : 1)),
    ).seen,
  ).toBe("good");
  expect(
    oftener(
      "partDropping",
      hours.map((hour) => (hour === 15 ? 0.4 : hour < 15 ? 0 : 1)),
    ).seen,
  ).toBe("good");
  expect(
    oftener(
      "partDropping",
      hours.map(() => 0),
    ).seen,
  ).toBe("good");
  expect(
    oftener(
      "partDropping",
      hours.map((hour) => (24 - hour) / 100),
    ).seen,
  ).toBe("good");
  expect(
    oftener(
      "partDropping",
      hours.slice(0, 5).map((hour) => hour / 100),
    ).seen,
  ).toBe("untold");
});

test("judgeOftener(): two parts of which one drops out are judged by what changes", () => {
  const hours = Array.from({ length: 24 }, (_, i) => i);
  expect(
    oftener(
      "partDropping",
      hours.map((hour) => 1 + Math.max(0, hour - 10) / 30),
    ).seen,
  ).toBe("good"); // not twice as often
  expect(
    oftener(
      "partDropping",
      hours.map((hour) => Math.max(0, hour - 10) / 30),
    ).seen,
  ).toBe("bad");
});

const points = (values: readonly number[]) => values.map((value, i) => ({ atMs: i * 2 * MINUTE, value }));
const changes = (id: string, values: readonly number[]) => judgeChanges(rule(id), rule(id).when as WhenOf<"changes">, points(values));

test("judgeChanges(): lines that come and go are counted; restarts are falls of the uptime alone", () => {
  expect(changes("linesFlapping", [2, 1, 2, 1, 2, 1, 2])).toEqual({ seen: "bad", words: "lines come and go: 6 changes within 6 h" });
  expect(changes("linesFlapping", [2, 1, 2, 1, 2, 1]).seen).toBe("good");
  expect(changes("restartsOften", [100, 220, 5, 130, 7, 20, 3, 100])).toEqual({ seen: "bad", words: "restarted 3 times within 1 d" });
  expect(changes("restartsOften", [100, 220, 5, 130, 250, 370]).seen).toBe("good");
  expect(changes("restartsOften", [100]).seen).toBe("untold");
});

test("judgeChanges(): never more changes than values, and none where nothing changes", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3), { minLength: 2, maxLength: 30 }), (values) => {
      const naive = values.slice(1).filter((value, i) => value !== values[i]).length;
      expect(changes("linesFlapping", values).seen).toBe(naive >= 6 ? "bad" : "good");
    }),
  );
});
