import fc from "fast-check";
import { expect, test } from "vitest";
import { rehearsalSchema } from "../../../agent/rehearsal/document.ts";
import type { PlayEnd, Played } from "../../../agent/rehearsal/played.ts";
import { quantile, reportOf } from "../../../agent/rehearsal/report.ts";
import { isoOf, MINUTE } from "../../../protocols/core/time.ts";
import { NOW } from "../../firmware/waves/builders.ts";
import { planOf } from "./kit.ts";

const plan = planOf(6);
const play = (minutes: number, end: PlayEnd, more: Partial<Played> = {}): Played => ({
  ...{ end, endMs: NOW + minutes * MINUTE, touched: 6, hurt: 0, windows: 1, asked: 0, interrupted: 0, domains: [] },
  counts: { succeeded: 6, failed: 0, lost: 0, refused: 0, skipped: 0, waiting: 0 },
  waves: [{ index: 1, startMs: NOW, endMs: NOW + minutes * MINUTE }],
  worst: { devices: 2, phones: 2, rooms: 2, darkRooms: 0 },
  ...more,
});
const COMPLETED: PlayEnd = { at: "completed" };
const HELD: PlayEnd = { at: "held", gate: "failureCount", wave: 2, why: "1 failed" };

const report = (plays: readonly Played[]) =>
  reportOf({
    ...{ plan, planHash: "ab", nowMs: NOW, seed: 1, runs: plays.length, known: { usage: 0, offline: 0 } },
    scenarios: [
      { rate: undefined, plays },
      { rate: { name: "neverReturns", share: 0.5 }, plays },
    ],
  });

test("quantile(): at least so large a share is not above it", () => {
  fc.assert(
    fc.property(fc.array(fc.integer(), { minLength: 1 }), fc.double({ min: 0.01, max: 1, noNaN: true }), (values, share) => {
      const found = quantile(values, share) as number;
      expect(values.filter((value) => value <= found).length).toBeGreaterThanOrEqual(share * values.length - 1e-9);
      expect(values).toContain(found);
    }),
  );
  expect(quantile([], 0.5)).toBeUndefined();
});

test("reportOf(): the end in the middle and nine times of ten, of those that end", () => {
  const [plain, other] = report([
    play(30, COMPLETED),
    play(10, COMPLETED),
    play(20, { at: "completedWithFailures" }),
    play(99, HELD),
  ]).scenarios;
  expect(plain).toMatchObject({ misbehaviour: null, share: 0, devices: 0, plays: 4, ended: 3 });
  expect([plain?.finishP50, plain?.finishP90]).toEqual([20, 30].map((minutes) => isoOf(NOW + minutes * MINUTE)));
  expect(other).toMatchObject({ misbehaviour: "neverReturns", devices: 3, says: "goes down for the flash and stays down" });
});

test("reportOf(): what stopped it, the commonest first, with what it had cost by then", () => {
  const counts = { succeeded: 2, failed: 1, lost: 1, refused: 0, skipped: 0, waiting: 2 };
  const stuck: PlayEnd = { at: "stuck", wave: 1, waits: [{ code: "offline", devices: 2 }] };
  const [plain] = report([play(1, stuck), play(2, HELD, { counts, touched: 4 }), play(3, HELD, { counts, touched: 4 })]).scenarios;
  expect(plain?.stops).toEqual([
    { gate: "failureCount", wave: 2, why: "1 failed", plays: 2, touched: 4, failed: 2 },
    { gate: null, wave: 1, why: "2 wait: offline", plays: 1, touched: 6, failed: 0 },
  ]);
  expect([plain?.ended, plain?.finishP50]).toEqual([0, null]);
});

test("reportOf(): the worst of all plays, beside what the plan says", () => {
  const worse = { devices: 1, phones: 5, rooms: 1, darkRooms: 1 };
  const document = report([play(1, COMPLETED), play(2, COMPLETED, { worst: worse })]);
  expect(document.scenarios[0]?.worst).toEqual({ devices: 2, phones: 5, rooms: 2, darkRooms: 1 });
  expect(document.planned.bound).toEqual(plan.forecast.worst.bound);
  expect(rehearsalSchema.parse(document)).toEqual(document);
});
