import fc from "fast-check";
import { expect, test } from "vitest";
import { indexDomains } from "../../../firmware/waves/domains.ts";
import { type Laid, type Layout, layoutOf, type Run } from "../../../firmware/waves/forecast-layout.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { PlanInput } from "../../../firmware/waves/plan-input.ts";
import type { Candidate, Legs, Plan, PlannedTask, SiteGroup } from "../../../firmware/waves/shape.ts";
import { MINUTE, type Ms } from "../../../protocols/core/time.ts";
import { candidate, deviceOf, planInput, policy } from "./builders.ts";

const SOAK = 10 * MINUTE;
/** What the builders' step takes: half of the devices, and with its way back at worst. */
const [P50, NEED] = [5 * MINUTE, 24 * MINUTE];
const TURN = P50 + SOAK;

const many = (count: number, place: Omit<Candidate["place"], "duties"> = {}): Candidate[] =>
  Array.from({ length: count }, (_, number) => candidate(number, { place: { ...place, duties: [] } }));
const planOf = (all: readonly Candidate[], changes: Partial<PlanInput> = {}): Plan => makePlan(planInput(all, changes));
const layoutFor = (plan: Plan, run: Partial<Run> = {}): Layout =>
  layoutOf(indexDomains(plan), { ...{ beginMs: 0, quantile: "p50", soakMs: SOAK, atRiskMax: 10, openFrom: (atMs: Ms) => atMs }, ...run });
const takeAll = (layout: Layout, tasks: readonly PlannedTask[]): Laid[] =>
  tasks.map((task) => {
    const laid = layout.lay(task);
    layout.take(task, laid);
    return laid;
  });
const startsOf = (laid: readonly Laid[]): (number | undefined)[] => laid.map(({ away }) => away[0]?.fromMs);

test("layoutOf(): a slot is taken from the command to the end of the soak", () => {
  const plan = planOf(many(3));
  expect(startsOf(takeAll(layoutFor(plan, { atRiskMax: 2 }), plan.tasks))).toEqual([0, 0, TURN]);
});

test("layoutOf(): where a task would lie is asked as often as one likes", () => {
  const plan = planOf(many(2, { room: "a" }));
  const layout = layoutFor(plan);
  const [first, second] = plan.tasks as [PlannedTask, PlannedTask];
  expect(layout.lay(first)).toEqual(layout.lay(first));
  layout.take(first, layout.lay(first));
  expect(startsOf([layout.lay(second)])).toEqual([TURN]);
});

test("layoutOf(): legs follow one another, each where it and its way back fit, and one soak ends them", () => {
  const plan = planOf(many(1));
  const [task] = plan.tasks as [PlannedTask];
  const legs: Legs = [task.legs[0], task.legs[0]];
  // The second leg would need the window longer than it lasts: it waits for the next, which opens at one hour.
  const openFrom = (atMs: Ms, needMs: Ms): Ms => (atMs + needMs <= 28 * MINUTE ? atMs : Math.max(atMs, 60 * MINUTE));
  expect(layoutFor(plan, { openFrom }).lay({ ...task, legs })).toEqual({
    away: [
      { fromMs: 0, toMs: P50 },
      { fromMs: 60 * MINUTE, toMs: 60 * MINUTE + P50 },
    ],
    lastNeedsUntilMs: 60 * MINUTE + NEED,
    doneMs: 60 * MINUTE + P50 + SOAK,
  });
});

test("layoutOf(): a set of three takes three of a floor's places, and one of a room's", () => {
  const groups: SiteGroup[] = [{ kind: "coupled", name: "x", members: [0, 1, 2].map(deviceOf) }];
  const panels = [1, 2].map((number) =>
    candidate(number, { family: "video-os", model: "TC10", place: { floor: "1", room: "a", duties: [] } }),
  );
  const others = [3, 4, 5, 6, 7].map((number) => candidate(number, { place: { floor: "1", duties: [] } }));
  const plan = planOf([candidate(0, { place: { floor: "1", room: "a", duties: [] } }), ...panels, ...others], { groups });
  const set = plan.tasks.find(({ device }) => device === deviceOf(0)) as PlannedTask;
  const alone = plan.tasks.filter(({ device }) => device !== deviceOf(0));
  // Four of the eight may be away: beside the set only one more.
  expect(startsOf(takeAll(layoutFor(plan), [set, ...alone]))).toEqual([0, 0, TURN, TURN, TURN, TURN]);
});

const places = fc.record(
  { room: fc.constantFrom("a", "b", "c"), floor: fc.constantFrom("1", "2"), zone: fc.constant("n") },
  { requiredKeys: [] },
);
const site = fc
  .array(places, { minLength: 1, maxLength: 40 })
  .map((all) => all.map((place, number) => ({ ...candidate(number, { place: { ...place, duties: [] } }), subnet: `s${number % 2}` })));
const someGroups = fc
  .array(
    fc.tuple(
      fc.constantFrom<SiteGroup["kind"]>("coupled", "huntGroup", "port", "switch"),
      fc.uniqueArray(fc.nat(39), { minLength: 2, maxLength: 5 }),
    ),
    { maxLength: 6 },
  )
  .map((all) => all.map(([kind, members], at): SiteGroup => ({ kind, name: `g${at}`, members: members.map(deviceOf) })));
const anyLimits = fc.record({
  ...{ atRiskMax: fc.integer({ min: 1, max: 12 }), zoneKeeps: fc.integer({ min: 1, max: 20 }) },
  ...{ subnetAtRiskMax: fc.integer({ min: 1, max: 6 }), switchAtRiskMax: fc.integer({ min: 1, max: 3 }) },
});

test("layoutOf(): I1, I2, I3 and I7 at every instant of every wave: no domain below what it keeps, never more at risk than the budget", () => {
  fc.assert(
    fc.property(site, someGroups, anyLimits, (all, groups, limits) => {
      const plan = planOf(all, { groups, policy: policy(limits) });
      const index = indexDomains(plan);
      for (const wave of plan.waves) {
        const tasks = plan.tasks.filter(({ id }) => wave.tasks.includes(id));
        const laid = takeAll(layoutFor(plan, limits), tasks);
        for (const { away } of laid) {
          const atMs = away[0]?.fromMs ?? 0;
          const atRisk = tasks.filter((_, i) => (laid[i]?.away[0]?.fromMs ?? 0) <= atMs && atMs < (laid[i]?.doneMs ?? 0));
          expect(atRisk.length).toBeLessThanOrEqual(limits.atRiskMax);
          const down = new Set(atRisk.flatMap(({ device }) => index.unitOf(device)));
          for (const { kind, members, minUp } of plan.domains) {
            const inside = members.filter((member) => down.has(member));
            expect(members.length - inside.length).toBeGreaterThanOrEqual(minUp);
            if (kind === "room" || kind === "port")
              expect(new Set(inside.map((member) => index.unitOf(member)[0])).size).toBeLessThanOrEqual(1);
          }
        }
      }
    }),
    { numRuns: 80 },
  );
});
