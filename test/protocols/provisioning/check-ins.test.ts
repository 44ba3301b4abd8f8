import fc from "fast-check";
import { expect, test } from "vitest";
import { manualClock } from "../../../protocols/core/time.ts";
import { CHECK_INS_OF_ADDRESS, CHECK_INS_OF_ALL, createCheckIns } from "../../../protocols/provisioning/check-ins.ts";
import { openBench, phone } from "./kit.ts";

const START = Date.UTC(2026, 10, 22, 12);
const taken = (times: number, takes: () => boolean): number => Array.from({ length: times }, takes).filter(Boolean).length;

test("createCheckIns(): one address has its share at once, then so many a second, and takes nothing from others", async () => {
  const clock = manualClock(START);
  const checkIns = createCheckIns(clock);
  const { atOnce, perSecond } = CHECK_INS_OF_ADDRESS;
  expect(taken(atOnce + 50, () => checkIns.takes("10.0.0.1"))).toBe(atOnce);
  expect(checkIns.takes("10.0.0.2")).toBe(true);
  await clock.advance(3_000);
  expect(taken(100, () => checkIns.takes("10.0.0.1"))).toBe(3 * perSecond);
});

test("createCheckIns(): many addresses together have no more than all, however many names they come under", async () => {
  const clock = manualClock(START);
  const checkIns = createCheckIns(clock);
  let at = 0;
  const { atOnce, perSecond } = CHECK_INS_OF_ALL;
  expect(taken(2 * atOnce, () => checkIns.takes(`10.1.${at >> 8}.${at++ & 255}`))).toBe(atOnce);
  await clock.advance(2_000);
  expect(taken(2 * atOnce, () => checkIns.takes(`10.1.${at >> 8}.${at++ & 255}`))).toBe(2 * perSecond);
});

test("createCheckIns(): a clock set back neither gives nor takes for ever", () => {
  let nowMs = START;
  const checkIns = createCheckIns({ ...manualClock(START), nowMs: () => nowMs });
  expect(taken(1_000, () => checkIns.takes("a"))).toBe(CHECK_INS_OF_ADDRESS.atOnce);
  nowMs -= 3_600_000;
  expect(checkIns.takes("a")).toBe(false);
  nowMs += 1_000;
  expect(taken(100, () => checkIns.takes("a"))).toBe(CHECK_INS_OF_ADDRESS.perSecond);
});

test("createCheckIns(): whoever asks whenever, no stretch holds more than the share and what the time gives", () => {
  const steps = fc.array(fc.record({ waitMs: fc.nat(5_000), asks: fc.nat(400) }), { maxLength: 20 });
  fc.assert(
    fc.property(steps, (all) => {
      let nowMs = START;
      const checkIns = createCheckIns({ ...manualClock(START), nowMs: () => nowMs });
      let told = 0;
      for (const { waitMs, asks } of all) {
        nowMs += waitMs;
        told += taken(asks, () => checkIns.takes("a"));
      }
      const { atOnce, perSecond } = CHECK_INS_OF_ADDRESS;
      expect(told).toBeLessThanOrEqual(atOnce + ((nowMs - START) / 1_000) * perSecond);
    }),
  );
});

test("endpoint: a flood of invented MACs is answered, told up to its share, and noted as a flood", async () => {
  const bench = await openBench();
  const target = (at: number): string => `/64167f${at.toString(16).padStart(6, "0")}.cfg`;
  for (let at = 0; at < CHECK_INS_OF_ADDRESS.atOnce + 8; at += 8) {
    const answers = await Promise.all(Array.from({ length: 8 }, (_, i) => phone(bench, target(at + i))));
    expect(answers.map(({ status }) => status)).toEqual(Array(8).fill(200));
  }
  expect(bench.events.filter(({ kind }) => kind === "checkIn")).toHaveLength(CHECK_INS_OF_ADDRESS.atOnce);
  expect(bench.told()).toEqual([{ kind: "refused", address: "127.0.0.1", reason: "more check-ins than phones make", count: 1 }]);
});
