import fc from "fast-check";
import { expect, test } from "vitest";
import { deviceSeries, seriesOf } from "../../../agent/metrics/samples.ts";
import type { Counted } from "../../../store/figures.ts";
import { device } from "../../store/temporary.ts";

test("seriesOf(): what is not there is 0, what is not expected stays", () => {
  const counted: Counted<"state">[] = [
    { by: { state: "open" }, count: 2 },
    { by: { state: "strange" }, count: 1 },
  ];
  expect(seriesOf(counted, { state: ["open", "closed"] })).toEqual([
    { labels: { state: "open" }, value: 2 },
    { labels: { state: "strange" }, value: 1 },
    { labels: { state: "closed" }, value: 0 },
  ]);
});

test("seriesOf(): of several labels every combination, and nothing twice", () => {
  const names = fc.constantFrom("a", "b", "c");
  fc.assert(
    fc.property(fc.uniqueArray(fc.record({ x: names, y: names }), { selector: (by) => by.x + by.y }), (keys) => {
      const series = seriesOf(
        keys.map((by, i) => ({ by, count: i + 1 })),
        { x: ["a", "b", "c"], y: ["a", "b", "c"] },
      );
      expect(new Set(series.map(({ labels }) => `${labels?.["x"]}${labels?.["y"]}`)).size).toBe(9);
      expect(series).toHaveLength(9);
      expect(series.reduce((sum, { value }) => sum + value, 0)).toBe((keys.length * (keys.length + 1)) / 2);
    }),
  );
});

test("deviceSeries(): up is an answer, the rest is told as a number", () => {
  const rows = [device(1), device(2, { availability: "suspect", family: "group" })];
  const { up, lastSeen, omitted } = deviceSeries(rows, 10);
  expect(up.map(({ value }) => value)).toEqual([1, 0]);
  expect(up[1]?.labels).toEqual({ device: rows[1]?.id, family: "group" });
  expect(lastSeen[0]?.value).toBe((rows[0]?.lastSeenMs ?? 0) / 1_000);
  expect(omitted).toEqual([{ value: 8 }]);
});
