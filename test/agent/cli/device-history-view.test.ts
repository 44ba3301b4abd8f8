import fc from "fast-check";
import { expect, test } from "vitest";
import { answeredText, csvOf, historyText, showValue, sparkline } from "../../../agent/cli/device-history-view.ts";
import { isoOf } from "../../../protocols/core/time.ts";

const span = { from: isoOf(0), to: isoOf(8_000) };
const at = (second: number, mean: number) => ({ at: isoOf(second * 1_000), count: 1, last: mean, mean });

test("sparkline(): time at one pace, blank where nothing was read, from the lowest to the highest", () => {
  expect(
    sparkline(
      [0, 1, 2, 3, 4, 5, 6, 7].map((i) => at(i, i)),
      span,
      8,
    ),
  ).toBe("▁▂▃▄▅▆▇█");
  expect(sparkline([at(0, 1), at(7, 2)], span, 8)).toBe("▁      █");
  expect(sparkline([at(3, 5)], span, 8)).toBe("   ▁");
  expect(sparkline([at(0, 0), at(1, 10), at(7, 10)], span, 4)).toBe("▁  █");
  expect(sparkline([], span, 8)).toBe("");
});

test("sparkline(): never wider than it may be, whatever the points", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: 20 }), fc.double({ noNaN: true, noDefaultInfinity: true })), { maxLength: 30 }),
      (points) => {
        expect(
          [
            ...sparkline(
              points.map(([second, mean]) => at(second, mean)),
              span,
              10,
            ),
          ].length,
        ).toBeLessThanOrEqual(10);
      },
    ),
  );
});

test.each([
  [undefined, "-"],
  [0, "0"],
  [0.123_456, "0.1235"],
  [86_400.4, "86400"],
  [-2.5, "-2.5"],
])("showValue(): %d is %s", (value, text) => {
  expect(showValue(value)).toBe(text);
});

test("answeredText(): one lost ask of very many is not 100 %", () => {
  expect([
    answeredText({ asked: 0, answered: 0 }),
    answeredText({ asked: 1, answered: 1 }),
    answeredText({ asked: 1_000_000, answered: 999_999 }),
  ]).toEqual(["It was not asked", "Answered 1 of 1 ask (100 %)", "Answered 999999 of 1000000 asks (99.99 %)"]);
});

test("historyText(): without counters there is no column for what they grew", () => {
  const history = {
    device: "d",
    name: "n",
    ...span,
    resolution: "raw",
    stepSeconds: 0,
    availability: { asked: 1, answered: 1 },
    series: [{ reading: "mos", kind: "gauge", points: [{ ...at(0, 4), min: 4, max: 4 }] }],
  };
  expect(historyText(history, 80)).toMatch(/, each reading\n.*\n\nREADING +OVER TIME +MIN +MEAN +MAX +LAST\nmos +▁ +4 +4 +4 +4\n$/);
  expect(csvOf({ ...history, series: [] }, ",")).toBe("at,reading,count,min,mean,max,last,rise,resets\n");
});
