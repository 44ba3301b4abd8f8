import { expect, test } from "vitest";
import { joinedSince, namedBy } from "../../../firmware/waves/joined.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { Candidate, Selection } from "../../../firmware/waves/shape.ts";
import { candidate, deviceOf, planInput, release } from "./builders.ts";

const before = [candidate(1), candidate(2, { availability: "offline" })];
const joined = (fresh: readonly Candidate[], selection: Selection = {}) =>
  joinedSince(makePlan(planInput(before, { selection })), [...before, ...fresh], [release()]).map(({ device }) => device);

test("joinedSince(): I24 who would be in a plan made now and is named by this one in no way", () => {
  expect(joined([candidate(3), candidate(4)])).toEqual([deviceOf(3), deviceOf(4)]);
  expect(joined([])).toEqual([]);
});

test.each([
  ["runs the new version already", { running: "6.4.8.1190" }],
  ["is managed by somebody else", { managedBy: "lens" }],
  ["is of a model the release is not for", { model: "VVX 600" }],
  ["does not answer", { availability: "offline" }],
] as const)("joinedSince(): one that %s would not be in it", (_, changes) => {
  expect(joined([candidate(3, changes as Partial<Candidate>)])).toEqual([]);
});

test("joinedSince(): whom the plan's selection does not mean has not joined it", () => {
  const onFloor = (floor: string) => ({ place: { floor, duties: [] } });
  expect(joined([candidate(3, onFloor("2")), candidate(4, onFloor("3"))], { floors: ["3"] })).toEqual([deviceOf(4)]);
  expect(joined([candidate(3)], { devices: [deviceOf(1)] })).toEqual([]);
});

test("namedBy(): those that go, go along, or are held back", () => {
  const [task] = makePlan(planInput(before)).tasks;
  const heldBack = makePlan(planInput(before)).heldBack;
  if (task === undefined) throw new Error("nobody goes");
  expect([...namedBy({ tasks: [{ ...task, along: [deviceOf(9)] }], heldBack })].toSorted()).toEqual([1, 2, 9].map(deviceOf));
});
