import fc from "fast-check";
import { expect, test } from "vitest";
import { lengthOf, twinOf } from "../../../agent/rehearsal/twin.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { DAY, MINUTE } from "../../../protocols/core/time.ts";
import { NOW } from "../../firmware/waves/builders.ts";
import { FACTS, planOf } from "./kit.ts";

const span = { fromMs: NOW, toMs: NOW + DAY };

test("twinOf(): a phone for each planned device, on its version, with its lines", () => {
  const drawn = planOf(12);
  const [first, ...others] = drawn.tasks;
  const plan = { ...drawn, tasks: [{ ...(first as (typeof others)[number]), revision: "A" }, ...others] };
  const twin = twinOf({ plan, facts: FACTS, rate: undefined, seed: 1, ...span });
  expect(twin.map(({ device }) => device)).toEqual(plan.tasks.map(({ device }) => device));
  expect(twin.map(({ revision }) => revision)).toEqual(["A", ...others.map(() => undefined)]);
  for (const phone of twin) {
    expect(phone).toMatchObject({ running: "6.4.6.2494", updater: "6.4.6.2494", lines: 1, isOffline: false, isInUse: false });
    expect(phone.habits.size).toBe(0);
  }
});

test("twinOf(): the inventory goes over the plan", () => {
  const plan = planOf(3);
  const device = plan.tasks[1]?.device as DeviceId;
  const facts = { devices: new Map([[device, { running: "6.4.7.3102", isOffline: true }]]) };
  const found = twinOf({ plan, facts, rate: undefined, seed: 1, ...span }).find((phone) => phone.device === device);
  expect(found).toMatchObject({ running: "6.4.7.3102", isOffline: true });
});

test("twinOf(): as many devices misbehave as the rate says, others by another seed", () => {
  const plan = planOf(40);
  const marked = (seed: number): number[] =>
    twinOf({ plan, facts: FACTS, rate: { name: "neverReturns", share: 0.1 }, seed, ...span }).flatMap(({ habits, number }) =>
      habits.has("neverReturns") ? [number] : [],
    );
  expect(marked(1)).toHaveLength(4);
  expect(marked(1)).toEqual(marked(1));
  expect(marked(1)).not.toEqual(marked(2));
  const busy = twinOf({ plan, facts: FACTS, rate: { name: "inUse", share: 0.5 }, seed: 1, ...span });
  expect([busy.filter(({ isInUse }) => isInUse).length, busy.some(({ habits }) => habits.size > 0)]).toEqual([20, false]);
});

test("lengthOf(): the quantiles of the step come out", () => {
  const durationMs = { p50: 5 * MINUTE, p90: 8 * MINUTE, p99: 12 * MINUTE };
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1_000 }), (seed) => {
      const random = seededRandom(seed);
      const drawn = Array.from({ length: 10_000 }, () => lengthOf({ durationMs }, random)).toSorted((a, b) => a - b);
      const at = (share: number): number => (drawn[Math.floor(share * drawn.length)] as number) / MINUTE;
      expect(Math.abs(at(0.5) - 5)).toBeLessThan(0.4);
      expect(Math.abs(at(0.9) - 8)).toBeLessThan(0.7);
      expect(at(0)).toBeGreaterThanOrEqual(3);
      expect(at(0.9999)).toBeLessThanOrEqual(12.6);
    }),
    { numRuns: 30 },
  );
});
