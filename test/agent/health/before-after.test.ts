import { expect, test } from "vitest";
import { compareAround, medianOf } from "../../../agent/health/before-after.ts";
import { SETTLE_MS } from "../../../agent/health/recorder.ts";
import { DAY, MINUTE } from "../../../protocols/core/time.ts";

const T0 = Date.UTC(2026, 10, 22);
const change = { atMs: T0, lastMs: T0 };
const asks = (fromMs: number, readings: readonly (object | undefined)[]) =>
  readings.map((reading, i) => ({ atMs: fromMs + i * MINUTE, reading }));

test("compareAround(): medians of either side and the worst afterwards, by what is worse for each", () => {
  const { readings } = compareAround(change, [
    ...asks(T0 - 3 * MINUTE, [{ cpuRatio: 0.1, mos: 4.4 }, { cpuRatio: 0.2, mos: 4.3 }, { cpuRatio: 0.9 }]),
    ...asks(T0 + SETTLE_MS, [
      { cpuRatio: 0.3, mos: 4 },
      { cpuRatio: 0.5, mos: 3.1 },
    ]),
  ]);
  expect(readings).toEqual([
    { reading: "cpuRatio", unit: "value", before: 0.2, after: 0.4, worst: 0.5 },
    { reading: "mos", unit: "value", before: 4.35, after: 3.55, worst: 3.1 },
  ]);
});

test("compareAround(): the minutes in which it settles, and what is further away than a day, do not count", () => {
  const { readings, before, after } = compareAround(change, [
    ...asks(T0 - DAY - 1, [{ inCall: 9 }]),
    ...asks(T0 - DAY, [{ inCall: 1 }]),
    ...asks(T0, [{ inCall: 9 }]),
    ...asks(T0 + SETTLE_MS, [{ inCall: 2 }, undefined]),
    ...asks(T0 + DAY, [{ inCall: 9 }]),
  ]);
  expect(readings).toEqual([{ reading: "inCall", unit: "value", before: 1, after: 2, worst: 2 }]);
  expect([before, after]).toEqual([
    { asked: 1, answered: 1 },
    { asked: 2, answered: 1 },
  ]);
});

test("compareAround(): what is told on one side alone has no other side; uptime begins anew by itself", () => {
  expect(compareAround(change, asks(T0 - MINUTE, [{ mos: 4, uptimeSeconds: 9 }])).readings).toEqual([
    { reading: "mos", unit: "value", before: 4 },
  ]);
  expect(compareAround(change, []).readings).toEqual([]);
});

test("compareAround(): packets are told a second, and a counter that began anew is passed over", () => {
  const { readings } = compareAround(change, asks(T0 - 3 * MINUTE, [{ rxPackets: 600 }, { rxPackets: 1_200 }, { rxPackets: 0 }]));
  expect(readings).toEqual([{ reading: "rxPackets", unit: "perSecond", before: 10 }]);
});

test.each([
  [[3], 3],
  [[4, 1], 2.5],
  [[9, 1, 5], 5],
])("medianOf(): of %j is %d", (values, median) => {
  expect(medianOf(values)).toBe(median);
});
