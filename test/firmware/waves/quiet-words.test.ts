import { expect, test } from "vitest";
import { HOURS_OF_WEEK, type Usage } from "../../../firmware/waves/quiet-hours.ts";
import { percentOf, usageWords } from "../../../firmware/waves/quiet-words.ts";

/** Busy from Monday to Friday, 8 to 22 by the clock of Zurich. */
const usage = (changes: Partial<Usage> = {}): Usage => ({
  ...{ zone: "Europe/Zurich", days: 20 },
  busy: Array.from({ length: HOURS_OF_WEEK }, (_, hour) => (hour < 120 && hour % 24 >= 8 && hour % 24 < 22 ? 0.37 : 0.001)),
  ...changes,
});
const at = (local: string): number => Temporal.ZonedDateTime.from(`${local}[Europe/Zurich]`).epochMilliseconds;

test("usageWords(): the hour it is at the place, and the next quiet one", () => {
  expect(usageWords("Reception", usage(), at("2026-11-23T09:40"), 0.05)).toBe(
    "Reception is in a call 37 % of Mon 09–10; next quiet hour Mon 22:00",
  );
  expect(usageWords("Reception", usage(), at("2026-11-28T23:10"), 0.05)).toBe(
    "Reception is in a call 0.1 % of Sat 23–00; next quiet hour Sat 23:10",
  );
});

test("usageWords(): a week without a quiet hour, an hour nobody looked at, and too few days", () => {
  expect(usageWords("X", usage({ busy: Array(HOURS_OF_WEEK).fill(0.2) }), at("2026-11-23T09:00"), 0.05)).toBe(
    "X is in a call 20 % of Mon 09–10; no hour of its week is quiet",
  );
  const blind = usage().busy.map((share, hour) => (hour === 9 ? null : share));
  expect(usageWords("X", usage({ busy: blind }), at("2026-11-23T09:00"), 0.05)).toContain("nobody looked at X Mon 09–10 yet");
  expect(usageWords("X", usage({ days: 13 }), at("2026-11-23T09:00"), 0.05)).toBeUndefined();
});

test.each([
  [0, "0"],
  [0.0004, "0"],
  [0.0011, "0.1"],
  [0.0994, "9.9"],
  [0.0999, "10"],
  [0.375, "38"],
  [1, "100"],
])("percentOf(): %d is %s %", (share, words) => expect(percentOf(share)).toBe(words));
