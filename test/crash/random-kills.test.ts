/** A hundred of the kills that `npm run prove -- random-kills` makes by the thousand. See docs/reliability.md. */
import { expect, test } from "vitest";
import { killAtRandom, percentile } from "./random-kills.ts";

const KILLS = 100;

test("crash: killed at random moments of its waves: no double update, no lost or doubled ticket, slot, event or reading, the chain holds", async () => {
  const seen = await killAtRandom({ seed: 7, kills: KILLS, devices: 40, say: () => undefined });
  expect(seen.broken).toEqual([]);
  expect(seen.kills).toBe(KILLS);
  expect(seen.flashes).toBeGreaterThan(0);
  expect(seen.tickets).toBeGreaterThan(0);
}, 1_800_000);

test("percentile(): the value at or below which so many of a hundred lie", () => {
  const sorted = Array.from({ length: 100 }, (_, i) => i + 1);
  expect([percentile(sorted, 50), percentile(sorted, 99), percentile(sorted, 100), percentile([], 99)]).toEqual([51, 100, 100, 0]);
});
