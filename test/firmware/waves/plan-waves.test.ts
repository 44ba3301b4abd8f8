/** How the limits of a policy and a site show in the waves of a plan. */
import { expect, test } from "vitest";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { Calendar } from "../../../firmware/waves/policy.ts";
import type { Candidate } from "../../../firmware/waves/shape.ts";
import { taskIdOf } from "../../../protocols/core/ids.ts";
import { CAMPAIGN, candidate, PARTS, planInput, policy, release } from "./builders.ts";

const many = (count: number): Candidate[] => Array.from({ length: count }, (_, number) => candidate(number));

test("makePlan(): the first of another model is a canary too, and its wave tolerates nobody's failure", () => {
  const all = many(12).map((one, i) => (i < 4 ? { ...one, model: "VVX 250", partNumber: PARTS["VVX 250"] } : one));
  const plan = makePlan(planInput(all, { policy: policy({ failuresAllowed: 2 }) }));
  expect(plan.waves.map((wave) => [wave.tasks.length, wave.failuresAllowed])).toEqual([
    [1, 0],
    [4, 0],
    [6, 2],
    [1, 2],
  ]);
});

test("makePlan(): each wave says what it proves, for each model and way, and that only grows", () => {
  const plan = makePlan(planInput(many(40)));
  expect(plan.waves.map(({ proof }) => proof.map(({ model, clean, ruledOutPerMille }) => [model, clean, ruledOutPerMille]))).toEqual([
    [["VVX 450", 1, 950]],
    [["VVX 450", 6, 394]],
    [["VVX 450", 29, 99]],
    [["VVX 450", 40, 73]],
  ]);
  expect(plan.waves[2]?.proof[0]).toMatchObject({
    ...{ to: ["6.4.8.1190"], fromMin: "6.0.0", fromMax: "6.4.7.9999" },
    words: "29 clean devices: a failure rate above 9.9 % is ruled out",
  });
});

test("makePlan(): no wave has more than one window of ordinary length holds, and one that holds none still begins", () => {
  const week: Calendar = { zone: "UTC", windows: [{ days: ["sun"], from: "01:00", to: "02:00" }], blackout: [] };
  const limits = policy({ atRiskMax: 2, soak: "10m" });
  // 24 minutes for the update and its way back; a slot is taken for 18: it begins at 0 and 18, and 36 is the last moment.
  const plan = makePlan(planInput(many(12), { calendar: week, policy: limits }));
  expect(plan.waves.map(({ tasks }) => tasks.length)).toEqual([1, 4, 6, 1]);
  const short: Calendar = { ...week, windows: [{ days: ["sun"], from: "01:00", to: "01:20" }] };
  expect(makePlan(planInput(many(3), { calendar: short, policy: limits })).waves.map(({ tasks }) => tasks.length)).toEqual([1, 1, 1]);
});

test("makePlan(): rings order the waves, and steps that cannot be undone go by what lies on the shelf", () => {
  const all = many(20).map((one, i) => (i < 3 ? { ...one, place: { ring: "lab", duties: [] } } : one));
  const oneWay = release({ edges: [{ ...release().edges[0], reversibility: "one_way" }] });
  const plan = makePlan(planInput(all, { release: oneWay, policy: policy({ rings: ["lab"], spares: [{ model: "VVX 450", count: 4 }] }) }));
  expect(plan.waves.map(({ tasks }) => tasks.length)).toEqual([1, 2, 4, 4, 4, 4, 1]);
  const inLab = new Set(all.slice(0, 3).map(({ device }) => taskIdOf(CAMPAIGN, device)));
  expect(
    plan.waves
      .slice(0, 2)
      .flatMap(({ tasks }) => tasks)
      .every((id) => inLab.has(id)),
  ).toBe(true);
});
