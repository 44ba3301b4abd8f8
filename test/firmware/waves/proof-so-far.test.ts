import { expect, test } from "vitest";
import { makePlan } from "../../../firmware/waves/plan.ts";
import { proofsSoFar } from "../../../firmware/waves/proof-so-far.ts";
import type { PlannedWave } from "../../../firmware/waves/shape.ts";
import type { TaskState } from "../../../firmware/waves/task-state.ts";
import { candidate, PARTS, planInput } from "./builders.ts";
import { CURRENT, FAILED, LOST, SOAKING, UPDATED } from "./gates/builders.ts";

const plan = makePlan(
  planInput(Array.from({ length: 6 }, (_, i) => candidate(i + 1, i < 2 ? { model: "VVX 250", partNumber: PARTS["VVX 250"] } : {}))),
);
const all: PlannedWave = {
  ...(plan.waves[0] as PlannedWave),
  tasks: plan.tasks.map(({ id }) => id),
  proof: plan.waves.at(-1)?.proof ?? [],
};
const of = (wave: PlannedWave, states: Readonly<Record<string, readonly TaskState[]>>) => {
  const next = new Map(Object.entries(states).map(([model, some]) => [model, [...some]]));
  return proofsSoFar(
    wave,
    plan.tasks.map((planned) => ({ id: planned.id, planned, state: next.get(planned.model)?.shift() ?? { at: "planned" } })),
  );
};

test("proofsSoFar(): each model by itself; only what was updated and stayed well counts", () => {
  expect(of(all, { "VVX 450": [UPDATED, UPDATED, SOAKING, CURRENT], "VVX 250": [] })).toMatchObject([
    { model: "VVX 450", to: "6.4.8.1190", clean: 2, lost: 0, words: "2 clean devices: a failure rate above 77.7 % is ruled out" },
    { model: "VVX 250", clean: 0, lost: 0, words: "no updated device: nothing is proven" },
  ]);
});

test("proofsSoFar(): with one that failed or was lost nothing is ruled out", () => {
  expect(of(all, { "VVX 450": [UPDATED, LOST] })[0]?.words).toBe("1 of 2 devices are clean, 1 failed or was lost: no rate is ruled out");
  expect(of(all, { "VVX 450": [FAILED, LOST] })[0]?.words).toBe("0 of 2 devices are clean, 2 failed or were lost: no rate is ruled out");
});

test("proofsSoFar(): a model that is not in the wave says nothing of it", () => {
  const only = { ...all, tasks: plan.tasks.filter(({ model }) => model === "VVX 250").map(({ id }) => id) };
  expect(of(only, { "VVX 450": [UPDATED], "VVX 250": [UPDATED] }).map(({ model }) => model)).toEqual(["VVX 250"]);
});
