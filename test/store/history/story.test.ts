import { expect, test } from "vitest";
import { DAY, HOUR, MINUTE } from "../../../protocols/core/time.ts";
import type { History } from "../../../store/history/readings.ts";
import { deviceId, temporaryStore } from "../temporary.ts";

const DAY0 = Date.UTC(2026, 10, 20);
const one = deviceId(1);

/** A reading every 5 minutes for some days, the last day not summed up. */
function filled(days: number): History {
  const { history } = temporaryStore();
  const times = Array.from({ length: days * 288 }, (_, i) => DAY0 + i * 5 * MINUTE);
  history.append(times.map((atMs, i) => ({ device: one, atMs, reading: { inCall: i % 2, uptimeSeconds: i * 300 } })));
  const nowMs = DAY0 + days * DAY - 1;
  for (let step = history.rollUps.next(nowMs); step !== undefined; step = history.rollUps.next(nowMs))
    history.rollUps.put(history.roll(step));
  while (history.rollUps.retain(nowMs) > 0);
  return history;
}

test("story(): where raw readings are few enough they are told one by one", () => {
  const span = { fromMs: DAY0 + 4 * DAY + HOUR, toMs: DAY0 + 4 * DAY + 2 * HOUR };
  const { resolution, stepMs, series } = filled(5).story(one, { ...span, points: 100, names: ["inCall"] });
  expect([resolution, stepMs, series[0]?.points.length]).toEqual(["raw", 0, 12]);
  expect(series[0]?.points[1]).toEqual({ atMs: span.fromMs + 5 * MINUTE, count: 1, min: 1, mean: 1, max: 1, last: 1 });
});

test("story(): takes the finest that the points allow, over what is summed up and what is not yet", () => {
  const history = filled(5);
  const span = { fromMs: DAY0, toMs: DAY0 + 5 * DAY };
  const of = (points: number) => {
    const { resolution, stepMs, series, availability } = history.story(one, { ...span, points, names: ["inCall"] });
    return [resolution, stepMs, series[0]?.points.length, availability.reduce((all, { asked }) => all + asked, 0)];
  };
  expect(of(5 * 288)).toEqual(["5m", 5 * MINUTE, 1_440, 1_440]);
  expect(of(5 * 288 - 1)).toEqual(["1h", HOUR, 120, 1_440]);
  expect(of(119)).toEqual(["1d", DAY, 5, 1_440]);
  expect(of(2)).toEqual(["1d", 3 * DAY, 3, 1_440]);
});

test("story(): a mean, a range and the last value of each hour; a counter loses nothing between two points", () => {
  const { series } = filled(5).story(one, { fromMs: DAY0, toMs: DAY0 + 5 * DAY, points: 120 });
  expect(series.map(({ name, kind }) => [name, kind])).toEqual([
    ["inCall", "gauge"],
    ["uptimeSeconds", "counter"],
  ]);
  expect(series[0]?.points[7]).toEqual({ atMs: DAY0 + 7 * HOUR, count: 12, min: 0, mean: 0.5, max: 1, last: 1 });
  expect(series[1]?.points.slice(1).map((point) => "rise" in point && [point.rise, point.resets])).toEqual(Array(119).fill([3_600, 0]));
});

test("story(): a restart between two points is one", () => {
  const { history } = temporaryStore();
  history.append([0, 1].map((i) => ({ device: one, atMs: DAY0 + i * MINUTE, reading: { uptimeSeconds: 5_000 - i * 4_990 } })));
  const { series } = history.story(one, { fromMs: DAY0, toMs: DAY0 + HOUR, points: 100 });
  expect(series[0]?.points[1]).toMatchObject({ resets: 1, rise: 10 });
});

test("story(): where five minutes are gone the hours tell it", () => {
  const history = filled(20);
  const { resolution } = history.story(one, { fromMs: DAY0, toMs: DAY0 + 20 * DAY, points: 10_000 });
  expect(resolution).toBe("1h");
});

test("story(): of two that became one, both are told", () => {
  const { history } = temporaryStore();
  history.append([1, 2].map((number) => ({ device: deviceId(number), atMs: DAY0 + number, reading: { inCall: number } })));
  for (let step = history.rollUps.next(DAY0 + 3 * DAY); step !== undefined; step = history.rollUps.next(DAY0 + 3 * DAY))
    history.rollUps.put(history.roll(step));
  while (history.rollUps.retain(DAY0 + 9 * DAY) > 0);
  history.rename(deviceId(2), one);
  const { series, availability } = history.story(one, { fromMs: DAY0, toMs: DAY0 + DAY, points: 300 });
  expect(series[0]?.points).toEqual([{ atMs: DAY0, count: 2, min: 1, mean: 1.5, max: 2, last: 2 }]);
  expect(availability).toEqual([{ atMs: DAY0, asked: 2, answered: 2 }]);
});

test("story(): nothing known is nothing told; a name that was asked for is there with no points", () => {
  const { history } = temporaryStore();
  expect(history.story(one, { fromMs: DAY0, toMs: DAY0 + DAY, points: 10, names: ["mos"] })).toMatchObject({
    series: [{ name: "mos", kind: "gauge", points: [] }],
    availability: [],
  });
  expect(history.story(one, { fromMs: DAY0, toMs: DAY0 + DAY, points: 10 }).series).toEqual([]);
});
