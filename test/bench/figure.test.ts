import { expect, test } from "vitest";
import { absoluteRow, median, ratioRow, rowJson, rowText, skippedRow } from "../../bench/figure.ts";

test("median(): of odd and even counts, in any order", () => {
  expect([median([3, 1, 2]), median([4, 1, 3, 2]), median([5])]).toEqual([2, 2.5, 5]);
  expect(median([])).toBeNaN();
});

test("ratioRow(): the median of each round's ratio decides, not the ratio of the medians", () => {
  const rounds = [
    { ours: 10, peer: 100 },
    { ours: 100, peer: 110 },
    { ours: 30, peer: 100 },
  ];
  const row = ratioRow({ figure: "x", atMost: 0.3 }, rounds);
  expect(row).toMatchObject({ ours: 30, peer: 100, ratio: 0.3, goal: "≤ 0.3 ×", holds: true });
  expect(ratioRow({ figure: "x", atLeast: 0.31 }, rounds).holds).toBe(false);
});

test("absoluteRow(): the worst of all rounds is held against the goal", () => {
  expect(absoluteRow({ figure: "x", atMost: 20 }, [3, 21, 5])).toMatchObject({ ours: 21, holds: false, goal: "≤ 20" });
});

test("absoluteRow(): a peer's worst stands beside it and decides nothing", () => {
  const row = absoluteRow({ figure: "x", atMost: 20 }, [3, 5], [70, 90]);
  expect(row).toMatchObject({ ours: 5, peer: 90, ratio: undefined, holds: true });
  expect(rowText(row)).toMatch(/ours +5\.00 +peer +90\.0 /);
});

test("a figure that was not measured does not hold", () => {
  expect(ratioRow({ figure: "x", atMost: 1 }, []).holds).toBe(false);
  expect(absoluteRow({ figure: "x", atMost: 1 }, [Number.NaN]).holds).toBe(false);
});

test("rowText() and rowJson(): missed goals are told, absent peers are left out", () => {
  const row = absoluteRow({ figure: "stall", atMost: 1 }, [2]);
  expect(rowText(row)).toMatch(/^MISSED {2}stall .*peer +- .*goal ≤ 1$/);
  expect(JSON.parse(rowJson(row))).toEqual({ figure: "stall", ours: 2, goal: "≤ 1", holds: false });
});

test("skippedRow(): says its name, its goal and why, and gives no figure", () => {
  const row = skippedRow({ figure: "proxy", atMost: 0.05 }, "not installed");
  expect(rowText(row)).toMatch(/^skipped proxy +goal ≤ 0.05 ×: not installed$/);
  expect(JSON.parse(rowJson(row))).toEqual({ figure: "proxy", goal: "≤ 0.05 ×", skipped: "not installed" });
});
