import { expect, test } from "vitest";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { PlanInput } from "../../../firmware/waves/plan-input.ts";
import type { Candidate, Plan, SiteGroup } from "../../../firmware/waves/shape.ts";
import { candidate, deviceOf, planInput, policy, release } from "./builders.ts";

const group = (kind: SiteGroup["kind"], numbers: readonly number[], changes: Partial<SiteGroup> = {}): SiteGroup => ({
  ...{ kind, name: "x", members: numbers.map(deviceOf) },
  ...changes,
});
const planned = (all: readonly Candidate[], changes: Partial<PlanInput> = {}): Plan => makePlan(planInput(all, changes));
const heldCodes = ({ heldBack }: Plan): unknown => heldBack.map(({ device, code }) => [device, code]);
const panel = (number: number): Candidate => candidate(number, { family: "video-os", model: "TC10" });
const oneWay = release({ edges: [{ ...release().edges[0], reversibility: "one_way" }] });

test("sortOut(): a panel goes along with what it is coupled with: one task, one place in a wave, and it is not held back", () => {
  const selection = { devices: [deviceOf(0), deviceOf(1)] };
  const plan = planned([candidate(0), panel(1)], { selection, groups: [group("coupled", [0, 1])] });
  expect(plan.tasks.map(({ device, along }) => [device, along])).toEqual([[deviceOf(0), [deviceOf(1)]]]);
  expect(plan.heldBack).toEqual([]);
  expect(plan.units).toEqual([[deviceOf(0), deviceOf(1)]]);
  expect(plan.forecast.devices).toBe(1);
});

test("sortOut(): a panel whose codec is held back is held back too, for its own reason", () => {
  const selection = { devices: [deviceOf(0), deviceOf(1)] };
  const plan = planned([candidate(0, { availability: "offline" }), panel(1)], { selection, groups: [group("coupled", [0, 1])] });
  expect(heldCodes(plan)).toEqual([
    [deviceOf(0), "offline"],
    [deviceOf(1), "otherModel"],
  ]);
});

test("sortOut(): two of a set that can be updated go in one wave, and only the first takes the others along", () => {
  const all = [candidate(0), candidate(1), panel(2), ...Array.from({ length: 6 }, (_, i) => candidate(i + 10))];
  const plan = planned(all, { groups: [group("coupled", [0, 1, 2])] });
  const waveOf = (number: number): number => plan.waves.findIndex(({ tasks }) => tasks.some((id) => id.endsWith(deviceOf(number))));
  expect(waveOf(0)).toBe(waveOf(1));
  expect(plan.tasks.filter(({ along }) => along !== undefined)).toMatchObject([{ device: deviceOf(0), along: [deviceOf(2)] }]);
});

test("sortOut(): nobody of a unit goes while another campaign has one of it in hand", () => {
  const plan = planned([candidate(0), panel(1)], { groups: [group("coupled", [0, 1])], busyElsewhere: new Set([deviceOf(1)]) });
  expect(heldCodes(plan)).toEqual([[deviceOf(0), "inOtherCampaign"]]);
});

test("sortOut(): a planned outage lets those go whom their group would never let go", () => {
  const plan = planned([candidate(0), candidate(1)], {
    groups: [group("group", [0, 1], { name: "Trading desk", minUp: 2 })],
    policy: policy({ plannedOutages: [{ domain: "group:Trading desk" }] }),
  });
  expect(plan.heldBack).toEqual([]);
  expect(plan.domains).toMatchObject([{ id: "group:Trading desk", minUp: 0, usualMinUp: 2 }]);
});

test("sortOut(): a group that keeps more up than an update leaves holds its members back, named", () => {
  const plan = planned([candidate(0), candidate(1), candidate(2)], {
    groups: [group("group", [0, 1], { name: "Trading desk", minUp: 2 })],
  });
  expect(plan.heldBack).toMatchObject([
    { device: deviceOf(0), code: "keptUp", why: "group:Trading desk keeps 2 of its 2 devices up, and its update leaves fewer" },
    { device: deviceOf(1), code: "keptUp", lifts: "a smaller minUp of group:Trading desk in the settings, or a planned outage of it" },
  ]);
  expect(plan.tasks.map(({ device }) => device)).toEqual([deviceOf(2)]);
});

test("sortOut(): where nothing lies on the shelf, a step that cannot be undone is not taken; one that can is", () => {
  const none = policy({ spares: [{ model: "VVX 450", count: 0 }] });
  expect(heldCodes(planned([candidate(0)], { release: oneWay, policy: none }))).toEqual([[deviceOf(0), "noSpare"]]);
  expect(planned([candidate(0)], { policy: none }).tasks).toHaveLength(1);
  expect(planned([candidate(0)], { release: oneWay, policy: policy({ spares: [{ model: "VVX 250", count: 0 }] }) }).tasks).toHaveLength(1);
});

test("sortOut(): a device that others hang on goes in a wave after all of them", () => {
  const all = Array.from({ length: 12 }, (_, number) => candidate(number));
  const plan = planned(all, { groups: [group("switch", [1, 2, 3, 4], { parent: deviceOf(0) })] });
  const at = (number: number): number => plan.waves.findIndex(({ tasks }) => tasks.some((id) => id.endsWith(deviceOf(number))));
  expect([1, 2, 3, 4].every((number) => at(number) < at(0))).toBe(true);
});

test("sortOut(): a task names its hardware revision where a step of it is for some only; who has another is held back", () => {
  const all = [candidate(0, { revision: "A" }), candidate(1, { revision: "C" }), candidate(2)];
  const some = release({ edges: [{ ...release().edges[0], hardwareRevisions: ["A", "B"] }] });
  const plan = planned(all, { release: some });
  expect(plan.tasks.map(({ device, revision }) => [device, revision])).toEqual([[deviceOf(0), "A"]]);
  expect(heldCodes(plan)).toEqual([
    [deviceOf(1), "otherRevision"],
    [deviceOf(2), "unknownRevision"],
  ]);
  const open = planned(all);
  expect(open.tasks).toHaveLength(3);
  expect(open.tasks.filter((task) => "revision" in task)).toEqual([]);
});
