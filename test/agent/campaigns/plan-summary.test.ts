import fc from "fast-check";
import { expect, test } from "vitest";
import { fitting, goalsOf, heldSummary, waveSummaries } from "../../../agent/campaigns/plan-summary.ts";
import { HELD_CODES } from "../../../firmware/held.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import { candidate, planInput } from "../../firmware/waves/builders.ts";

test("waveSummaries(): every device of the plan is in one wave, and counted with its model", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 60 }), (count, offline) => {
      const all = Array.from({ length: count }, (_, n) => candidate(n, n < offline && n > 0 ? { availability: "offline" } : {}));
      const plan = makePlan(planInput(all));
      const waves = waveSummaries(plan);
      expect(waves.map(({ index, devices }) => [index, devices])).toEqual(plan.waves.map(({ index, tasks }) => [index, tasks.length]));
      for (const { devices, models, only, first } of waves) {
        expect(first).toHaveLength(Math.min(5, devices));
        expect(models.reduce((sum, model) => sum + model.count, 0)).toBe(devices);
        expect(only === undefined).toBe(devices !== 1);
      }
      expect(goalsOf(plan.tasks)).toEqual([{ version: plan.release.version, count: plan.tasks.length }]);
    }),
    { numRuns: 30 },
  );
});

test("waveSummaries(): the weakest proof of a model counts, and the weakest of all for the wave", () => {
  const proven = [
    { model: "a", ruledOutPerMille: 100 },
    { model: "b", ruledOutPerMille: 80 },
    { model: "a", ruledOutPerMille: 950 },
  ];
  const waves = [
    { index: 1, tasks: [], soakMs: 1, proof: proven },
    { index: 2, tasks: [], soakMs: 1, proof: [] },
  ];
  const [first, second] = waveSummaries({ tasks: [], waves, domains: [], forecast: { waves: [] } });
  expect(first?.proof).toEqual({
    ruledOutPerMille: 950,
    models: [
      { model: "a", ruledOutPerMille: 950 },
      { model: "b", ruledOutPerMille: 80 },
    ],
  });
  expect(second).not.toHaveProperty("proof");
});

test("waveSummaries(): a group that lets fewer go at once than the wave has of it is a limit, a room is none", () => {
  const leg = { from: "1", to: "2", edge: { reversibility: "one_way" } };
  const tasks = [1, 2, 3].map((n) => ({ id: `t-${n}`, device: `d-${n}`, name: `p-${n}`, model: "m", legs: [leg] }));
  const members = tasks.map(({ device }) => device);
  const domains = [
    { id: "group:a", kind: "group", members, minUp: 1 },
    { id: "zone:b", kind: "zone", members, minUp: 0 },
    { id: "room:c", kind: "room", members, minUp: 2 },
  ];
  const waves = [{ index: 1, tasks: tasks.map(({ id }) => id), soakMs: 1, proof: [] }];
  const [wave] = waveSummaries({ tasks, waves, domains, forecast: { waves: [] } });
  expect(wave).toMatchObject({ oneWay: 3, limits: { count: 1, first: [{ domain: "group:a", atOnce: 2 }] } });
});

test("heldSummary(): the reasons add up, the first are those with something to wait for, and never more than asked for", () => {
  const held = fc.record({ name: fc.string(), code: fc.constantFrom(...HELD_CODES), why: fc.string(), lifts: fc.string() });
  fc.assert(
    fc.property(fc.array(held), fc.integer({ min: 0, max: 30 }), (heldBack, max) => {
      const { count, codes, first } = heldSummary(heldBack, max);
      expect(codes.reduce((sum, code) => sum + code.count, 0)).toBe(count);
      const already = heldBack.filter(({ code }) => code === "alreadyCurrent").length;
      expect([count, first.length]).toEqual([heldBack.length, Math.min(max, heldBack.length - already)]);
      expect(first.some(({ code }) => code === "alreadyCurrent")).toBe(false);
    }),
  );
});

test("fitting(): never more bytes than asked for, and nothing that would have gone in is left out", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), fc.integer({ min: 0, max: 500 }), (items, max) => {
      const taken = fitting(items, max);
      const bytesOf = (some: readonly string[]) => some.reduce((sum, item) => sum + Buffer.byteLength(JSON.stringify(item)) + 1, 0);
      expect(taken).toEqual(items.slice(0, taken.length));
      expect(bytesOf(taken)).toBeLessThanOrEqual(max);
      if (taken.length < items.length) expect(bytesOf(items.slice(0, taken.length + 1))).toBeGreaterThan(max);
    }),
  );
});
