import fc from "fast-check";
import { expect, test } from "vitest";
import { hasRestarted } from "../../../firmware/waves/restarted.ts";
import { DAY, HOUR, MINUTE, type Ms, SECOND } from "../../../protocols/core/time.ts";
import { NOW } from "./builders.ts";

const asked = (upMs: Ms | undefined, sinceMs: Ms) =>
  hasRestarted({ askedMs: NOW, ...(upMs === undefined ? {} : { uptimeSeconds: upMs / SECOND }) }, sinceMs);

test.each<[string, Ms | undefined, Ms, boolean]>([
  ["up for long", DAY + 7 * SECOND, HOUR, false],
  ["up for a moment", 7 * SECOND, MINUTE, true],
  ["up since a minute after", 9 * MINUTE + SECOND, 10 * MINUTE + SECOND, true],
  ["clocks that are seconds apart", 9 * MINUTE + 51 * SECOND, 10 * MINUTE, false],
  ["clocks that ran apart for a month", 30 * DAY - 3 * MINUTE + 7 * SECOND, 30 * DAY, false],
  ["a minute that is not over", 9 * MINUTE, 10 * MINUTE, false],
  ["whole minutes that were told before", 8 * MINUTE, 10 * MINUTE, true],
  ["a day and an hour that is not over", 25 * HOUR, 26 * HOUR, false],
  ["a day and fewer hours", 24 * HOUR, 26 * HOUR, true],
  ["an uptime that is not told", undefined, HOUR, false],
  ["asked before that moment", 7 * SECOND, -MINUTE, false],
])("hasRestarted(): %s", (_what, upMs, agoMs, expected) => {
  expect(asked(upMs, NOW - agoMs)).toBe(expected);
});

test("hasRestarted(): whoever was up at that moment never has, however roughly it tells; who started a quarter of an hour later always has", () => {
  const grains = fc.constantFrom<Ms>(SECOND, MINUTE);
  fc.assert(
    fc.property(fc.nat({ max: 30 * DAY }), fc.nat({ max: 30 * DAY }), grains, (agoMs, otherMs, grainMs) => {
      const told = (upMs: Ms): Ms => Math.floor(upMs / grainMs) * grainMs;
      expect(asked(told(agoMs + otherMs), NOW - agoMs)).toBe(false);
      // Whole hours after days are the roughest there is.
      const upMs = told(Math.max(0, agoMs - 15 * MINUTE - otherMs));
      if (agoMs > 16 * MINUTE && upMs % HOUR > 0) expect(asked(upMs, NOW - agoMs)).toBe(true);
    }),
  );
});
