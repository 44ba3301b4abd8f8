import fc from "fast-check";
import { expect, test } from "vitest";
import { diffPlans, type PlanDifference } from "../../../firmware/waves/diff.ts";
import { makePlan, planHash } from "../../../firmware/waves/plan.ts";
import type { PlanInput } from "../../../firmware/waves/plan-input.ts";
import type { Candidate, Plan, SiteGroup } from "../../../firmware/waves/shape.ts";
import { candidate, deviceOf, NOW, planInput, policy, release } from "./builders.ts";

const many = (count: number, changes: (i: number) => Partial<Candidate> = () => ({})): Candidate[] =>
  Array.from({ length: count }, (_, number) => candidate(number, changes(number)));
const planOf = (all: readonly Candidate[], changes: Partial<PlanInput> = {}): Plan => makePlan(planInput(all, changes));
const diff = (parent: Plan, child: Plan): PlanDifference => diffPlans(parent, planHash(parent), child);
const isSame = ({ added, gone, moved, reasons, ways, settings }: PlanDifference): boolean =>
  [added, gone, moved, reasons, ways, settings].every(({ length }) => length === 0);
const waveOf = (plan: Plan, number: number): number | undefined =>
  plan.waves.find(({ tasks }) => tasks.some((id) => id.endsWith(deviceOf(number))))?.index;

test("diffPlans(): who came, who went and why, by the name people know", () => {
  const before = planOf(many(8));
  const after = planOf([...many(8, (i) => (i === 2 ? { availability: "offline" } : {})).filter((_, i) => i !== 3), candidate(9)]);
  const told = diff(before, after);
  expect(told.added).toEqual([{ device: deviceOf(9), name: "zh-p-9", wave: waveOf(after, 9), was: { at: "nowhere" } }]);
  expect(told.gone).toMatchObject([
    { device: deviceOf(2), name: "zh-p-2", wave: waveOf(before, 2), is: { at: "held", code: "offline" } },
    { device: deviceOf(3), name: "zh-p-3", wave: waveOf(before, 3), is: { at: "nowhere" } },
  ]);
  expect(told.parent).toBe(planHash(before));
});

test("diffPlans(): other waves, each from where to where", () => {
  const [before, after] = [planOf(many(20)), planOf(many(20, (i) => (i === 4 ? { place: { duties: ["vip"] } } : {})))];
  const told = diff(before, after).moved.find(({ device }) => device === deviceOf(4));
  expect(told).toEqual({ device: deviceOf(4), name: "zh-p-4", from: waveOf(before, 4), to: after.waves.length });
});

test("diffPlans(): another reason for the same device, the same code with other words too", () => {
  const held = (changes: Partial<Candidate>) => planOf([candidate(0), candidate(1, changes)]);
  const lens = diff(held({ availability: "offline" }), held({ managedBy: "lens" }));
  expect(lens.reasons).toMatchObject([{ device: deviceOf(1), was: { code: "offline" }, is: { code: "managedElsewhere" } }]);
  expect(diff(held({ managedBy: "lens" }), held({ managedBy: "rprm" })).reasons).toHaveLength(1);
  expect(diff(held({ managedBy: "lens" }), held({ managedBy: "lens" })).reasons).toEqual([]);
});

test("diffPlans(): other steps for a device that goes before and after", () => {
  const told = diff(planOf(many(3)), planOf(many(3, (i) => (i === 1 ? { running: "6.4.5.1" } : {}))));
  expect(told.ways).toEqual([
    {
      ...{ device: deviceOf(1), name: "zh-p-1" },
      ...{ was: ["6.4.6.2494 → 6.4.8.1190 (ucs-6.4.8)"], is: ["6.4.5.1 → 6.4.8.1190 (ucs-6.4.8)"] },
    },
  ]);
});

test.each<[string, Partial<PlanInput>, PlanDifference["settings"]]>([
  ["policy", { policy: policy({ soak: "1h" }) }, [{ path: "policy.soak", was: "900000", is: "3600000" }]],
  ["a limit that was not there", { policy: policy({ switchAtRiskMax: 3 }) }, [{ path: "policy.switchAtRiskMax", is: "3" }]],
  ["catalogue", { catalogueVersion: 4 }, [{ path: "catalogueVersion", was: "3", is: "4" }]],
  ["selection", { selection: { models: ["VVX 450"] } }, [{ path: "selection.models", is: '["VVX 450"]' }]],
  [
    "a group the settings name",
    { groups: [{ kind: "group", name: "Desk", members: [deviceOf(0), deviceOf(1)], minUp: 1 }] },
    [{ path: "domains.group:Desk.minUp", is: "1" }],
  ],
])("diffPlans(): settings: %s", (_, changes, settings) => {
  expect(diff(planOf(many(3)), planOf(many(3), changes)).settings).toEqual(settings);
});

test("diffPlans(): a room that comes or grows is no setting: its devices say it", () => {
  const inRoom = (count: number) => planOf(many(4, (i) => (i < count ? { place: { room: "a", floor: "1", duties: [] } } : {})));
  expect(diff(inRoom(1), inRoom(3)).settings).toEqual([]);
});

test("diffPlans(): another document under the same release shows", () => {
  const told = diff(planOf(many(3)), planOf(many(3), { release: release({ notes: "other" }) }));
  expect(told.settings.map(({ path }) => path)).toEqual(["release.document"]);
});

test("diffPlans(): who made the plan, and when, is no difference", () => {
  const later = planOf(many(5), { nowMs: NOW + 1_000, author: { person: "r.roe", keyId: "k" } });
  expect(isSame(diff(planOf(many(5)), later))).toBe(true);
});

test("diffPlans(): what goes along with another is told too", () => {
  const groups: SiteGroup[] = [{ kind: "coupled", name: "x", members: [deviceOf(0), deviceOf(1)] }];
  const panel = candidate(1, { family: "video-os", model: "TC10" });
  const told = diff(planOf([candidate(0)]), planOf([candidate(0), panel], { groups }));
  expect(told.added).toEqual([{ device: deviceOf(1), name: `${deviceOf(1)} (along with zh-p-0)`, wave: 1, was: { at: "nowhere" } }]);
});

const aSite = fc
  .array(
    fc.record({
      running: fc.constantFrom("6.4.6.2494", "6.4.5.1", "6.4.8.1190", "5.0.0.1"),
      availability: fc.constantFrom<Candidate["availability"]>("online", "offline"),
      place: fc.constantFrom<Candidate["place"]>({ duties: [] }, { room: "a", duties: [] }, { floor: "1", duties: ["vip"] }),
    }),
    { maxLength: 20 },
  )
  .map((all) => all.map((changes, number) => candidate(number, changes)));

test("diffPlans(): a plan against itself is empty, whatever it is", () => {
  fc.assert(
    fc.property(aSite, fc.integer(), (all, seed) => {
      const plan = planOf(all, { seed });
      expect(isSame(diff(plan, plan))).toBe(true);
    }),
    { numRuns: 60 },
  );
});

test("diffPlans(): there and back: who is added one way is gone the other, and every device that stands otherwise is told once", () => {
  fc.assert(
    fc.property(aSite, aSite, (some, others) => {
      const [one, other] = [planOf(some), planOf(others)];
      const [there, back] = [diff(one, other), diff(other, one)];
      const ids = (list: readonly { readonly device: unknown }[]): unknown[] => list.map(({ device }) => device);
      expect(ids(there.added)).toEqual(ids(back.gone));
      expect(ids(there.gone)).toEqual(ids(back.added));
      expect(there.moved).toEqual(back.moved.map(({ from, to, ...rest }) => ({ ...rest, from: to, to: from })));
      expect(ids(there.reasons)).toEqual(ids(back.reasons));
      expect(there.settings.map(({ path, was, is }) => [path, was, is])).toEqual(back.settings.map(({ path, was, is }) => [path, is, was]));
      const told = [there.added, there.gone, there.moved, there.reasons].flatMap(ids);
      expect(new Set(told).size).toBe(told.length);
    }),
    { numRuns: 60 },
  );
});
