import fc from "fast-check";
import { expect, test } from "vitest";
import { liveLines } from "../../../agent/cli/campaign-live.ts";
import { campaignSchema } from "../../../agent/cli/campaign-results.ts";
import { displayWidth } from "../../../agent/cli/output.ts";
import { campaign, NOW, task } from "./agent.ts";

const ESCAPE = String.fromCharCode(27);
const view = (changes: object) => campaignSchema.parse(campaign({ state: "running", ...changes }));
const waves = (count: number, active: number) =>
  Array.from({ length: count }, (_, i) => ({
    index: i + 1,
    state: i + 1 < active ? "passed" : i + 1 === active ? "active" : "pending",
    devices: 9,
    done: 0,
  }));
const gates = {
  at: "2026-11-22T11:00:00Z",
  gates: [
    { gate: "health", verdict: "pass", why: "well" },
    { gate: "calm", verdict: "fail", why: "an incident" },
  ],
};

test("liveLines(): progress, where devices stand, time left, waves, gates, what waits and why", () => {
  const live = {
    proofs: [{ wave: 1, words: "6 clean devices: a failure rate above 39.4 % is ruled out" }],
    left: { p50: "2026-11-22T12:41:00.000Z", p90: "2026-11-22T12:58:00.000Z", zone: "Europe/Zurich" },
  };
  const held = task({ name: "Matterhorn", at: "held", why: "a meeting is on in Matterhorn", until: "2026-11-22T13:00:00Z" });
  const lines = liveLines(
    view({
      live,
      planned: 3,
      atRisk: 1,
      tasks: [held, task({ at: "applying" }), task({ at: "succeeded" })],
      waves: [{ ...waves(1, 1)[0], judged: gates }],
    }),
    NOW,
    { width: 120, rows: 30, colour: false },
  );
  const text = lines.join("\n");
  for (const words of [
    "1 of 3 devices, 1 at risk",
    "held 1, applying 1, succeeded 1",
    "about 41 min left, nine times of ten 58 min: done Sun 13:41, by Sun 13:58 Europe/Zurich",
    "6 clean devices: a failure rate above 39.4 % is ruled out",
    "Gates of wave 1: ● health  ■ calm",
    "calm: an incident",
    "Matterhorn  held      in 60 min  a meeting is on in Matterhorn",
  ])
    expect(text).toContain(words);
});

test("liveLines(): never more lines than the terminal has, none wider than it; the wave under way is among those shown", () => {
  const sizes = fc.record({
    width: fc.integer({ min: 20, max: 200 }),
    rows: fc.integer({ min: 2, max: 60 }),
    count: fc.integer({ min: 1, max: 60 }),
    devices: fc.integer({ min: 0, max: 80 }),
  });
  fc.assert(
    fc.property(sizes, fc.boolean(), ({ width, rows, count, devices }, colour) => {
      const active = Math.ceil(count / 2);
      const tasks = Array.from({ length: devices }, (_, i) =>
        task({ name: `Gemeinschaftsbüro 会议室 ${i}`, at: "held", why: "w".repeat(150) }),
      );
      const lines = liveLines(view({ tasks, waves: waves(count, active) }), NOW, { width, rows, colour });
      expect(lines.length).toBeLessThan(Math.max(2, rows));
      for (const line of lines) {
        expect(displayWidth(line)).toBeLessThanOrEqual(width);
        expect(line).not.toContain("\n");
      }
      if (rows >= 24 && width >= 40) expect(lines.some((line) => line.includes("active"))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("liveLines(): a device's name drives no terminal; only shapes are coloured", () => {
  const tasks = [task({ name: "evil\u001b[2J", at: "held", why: "\u001b[31mred" })];
  const text = liveLines(view({ tasks, waves: waves(2, 2) }), NOW, { width: 100, rows: 30, colour: true }).join("\n");
  expect(text).toContain("evil·[2J");
  const paint = new RegExp(`${ESCAPE}\\[(32|33|31|90)m[●▲■◌]${ESCAPE}\\[0m`, "g");
  expect(text).toMatch(paint);
  expect(text.replaceAll(paint, "")).not.toContain(ESCAPE);
});
