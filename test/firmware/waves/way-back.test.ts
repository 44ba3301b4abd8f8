import fc from "fast-check";
import { expect, test } from "vitest";
import { planHash } from "../../../firmware/waves/plan.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import { recordedBefore, type Trodden } from "../../../firmware/waves/way-back.ts";
import type { CampaignId, DeviceId } from "../../../protocols/core/ids.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { candidate, deviceOf, roomCandidate, treeRelease } from "./builders.ts";
import { downPlan, NEW, NEWER, OLD, OLDER, phone, stepUp, trodden, upPlan } from "./way-back-kit.ts";

test("makePlan(): I26 a rollback takes each device to what is recorded for it, over the step it came by, under the same limits", () => {
  const up = upPlan([candidate(1), candidate(2), candidate(3)]);
  const down = downPlan(up, [phone(1), phone(2), phone(3)]);
  expect(down.heldBack).toEqual([]);
  for (const { legs, model } of down.tasks) {
    expect(legs).toHaveLength(1);
    expect(legs[0]).toMatchObject({ release: OLDER.id, from: NEW, to: OLD, kind: "combined", image: OLDER.images[1]?.sha256 });
    // It takes what its release states for going back, and forth again what it took.
    expect(legs[0].edge).toMatchObject({ models: [model], fromMin: NEW, fromMax: NEW, reversibility: "in_place", revertMs: 12 * MINUTE });
    expect(legs[0].durationMs).toEqual({ p50: 5 * MINUTE, p90: 8 * MINUTE, p99: 12 * MINUTE });
  }
  expect(down).toMatchObject({ rollback: { campaign: up.campaign }, release: { id: NEWER.id } });
  expect(down.policy).toEqual(up.policy);
  expect(down.waves.map(({ tasks }) => tasks.length)).toEqual(up.waves.map(({ tasks }) => tasks.length));
  expect(down.waves.flatMap(({ tasks }) => tasks)).toHaveLength(3);
});

test("makePlan(): the gate that failed is part of the plan, and so of the hash that people approve", () => {
  const up = upPlan([candidate(1)]);
  const down = downPlan(up, [phone(1)]);
  const gate = { wave: 1, gate: "health", evidence: "1 of 1 is worse" } as const;
  const named = { ...down, rollback: { campaign: up.campaign, gate } };
  expect(planHash(named)).not.toBe(planHash(down));
  expect(planHash(down)).toBe(planHash(downPlan(up, [phone(1)])));
});

test("makePlan(): a device that ran something else before goes back to that, not to what the others ran", () => {
  const other = "6.4.2.1000";
  const up = upPlan([candidate(1), candidate(2, { running: other })]);
  const down = downPlan(up, [phone(1), phone(2)], { releases: [NEWER, OLDER, stepUp(other, "5.0.0", "6.4.1.9999")] });
  const goals = new Map(down.tasks.map(({ device, legs }) => [device, legs.at(-1)?.to]));
  expect(goals).toEqual(
    new Map([
      [deviceOf(1), OLD],
      [deviceOf(2), other],
    ]),
  );
});

test("makePlan(): who came over a stepping stone goes back over it, from wherever it stands now", () => {
  const [before, stone] = ["5.9.0.1000", "6.2.0.1000"];
  const goal = stepUp("6.4.9.1000", "6.2.0", "6.4.8.9999");
  const between = stepUp(stone, "5.0.0", "6.1.9.9999");
  const releases = [goal, between, stepUp(before, "4.0.0", "5.8.9.9999")];
  const up = upPlan([candidate(1, { running: before }), candidate(2, { running: before })], goal, releases);
  expect(up.tasks.map(({ legs }) => legs.map(({ to }) => to))).toEqual([
    [stone, goal.version],
    [stone, goal.version],
  ]);
  const down = downPlan(up, [phone(1, { running: goal.version }), phone(2, { running: stone })], { releases });
  const ways = new Map(down.tasks.map(({ device, legs }) => [device, legs.map(({ from, to }) => `${from} ${to}`)]));
  expect(ways).toEqual(
    new Map([
      [deviceOf(1), [`${goal.version} ${stone}`, `${stone} ${before}`]],
      [deviceOf(2), [`${stone} ${before}`]],
    ]),
  );
});

test("makePlan(): I26 a leg that only another campaign went is not taken back", () => {
  const [before, stone] = ["5.9.0.1000", "6.2.0.1000"];
  const goal = stepUp("6.4.9.1000", "6.2.0", "6.4.8.9999");
  const releases = [goal, stepUp(stone, "5.0.0", "6.1.9.9999"), stepUp(before, "4.0.0", "5.8.9.9999")];
  const up = upPlan([candidate(1, { running: before })], goal, releases);
  const wish = { releases, trodden: only(up.tasks[0] as PlannedTask, { before: new Map([[0, before]]) }) };
  const down = downPlan(up, [phone(1, { running: goal.version })], wish);
  expect(down.heldBack).toMatchObject([{ device: deviceOf(1), code: "movedSince" }]);
  expect(downPlan(up, [phone(1, { running: stone })], wish).tasks).toHaveLength(1);
});

const only = (planned: PlannedTask, changes: Partial<Trodden>): ReadonlyMap<DeviceId, Trodden> =>
  new Map([[planned.device, trodden(planned, changes)]]);

const UP = upPlan([candidate(1)]);
const TASK = UP.tasks[0] as PlannedTask;
const attempt = { number: 1, token: "t", leg: 0 };
const oneWay = (reversibility: string) =>
  only({ ...TASK, legs: [{ ...TASK.legs[0], edge: { ...TASK.legs[0].edge, reversibility } }] } as PlannedTask, {});

test.each<[string, Parameters<typeof downPlan>[1], Parameters<typeof downPlan>[2]]>([
  ["nothingRecorded", [phone(1)], { trodden: new Map() }],
  ["nothingRecorded", [phone(1)], { trodden: only(TASK, { before: new Map() }) }],
  ["underWay", [phone(1)], { trodden: only(TASK, { state: { at: "rebooting", attempt, deadlineMs: 1 } }) }],
  ["underWay", [phone(1)], { trodden: only(TASK, { state: { at: "unknown", was: "soaking", attempt, deadlineMs: 1 } }) }],
  [
    "inOtherCampaign",
    [phone(1)],
    { trodden: only(TASK, { state: { at: "reverting", rollback: "c-b" as CampaignId, unproven: false, leg: 1 } }) },
  ],
  ["inOtherCampaign", [phone(1)], { busyElsewhere: new Set([deviceOf(1)]) }],
  ["alreadyBack", [phone(1, { running: OLD })], {}],
  ["alreadyBack", [phone(1)], { trodden: only(TASK, { state: { at: "reverted", rollback: "c-b" as CampaignId, leg: 1 } }) }],
  ["movedSince", [phone(1, { running: "6.4.9.1000" })], {}],
  ["oneWay", [phone(1)], { trodden: oneWay("one_way") }],
  ["needsReset", [phone(1)], { trodden: oneWay("needs_reset") }],
  [
    "oneWay",
    [phone(1)],
    {
      releases: [OLDER, stepUp(NEW, "6.0.0", "6.4.7.9999", { reversibility: "one_way" })].map((one) =>
        one.version === NEW ? { ...one, id: NEWER.id } : one,
      ),
    },
  ],
  ["versionGone", [phone(1)], { releases: [NEWER] }],
  ["versionGone", [phone(1)], { releases: [NEWER, { ...OLDER, revoked: true }] }],
  ["noImage", [phone(1, { partNumber: "3111-99999-001" })], {}],
  ["offline", [phone(1, { availability: "offline" })], {}],
  ["managedElsewhere", [phone(1, { managedBy: "lens" })], {}],
])("makePlan(): a rollback leaves a device where it is, with a reason, a lift and no wave: %s", (code, now, wish) => {
  const down = downPlan(UP, now, wish);
  expect(down.tasks).toEqual([]);
  expect(down.heldBack).toMatchObject([{ code, why: expect.stringMatching(/\S/), lifts: expect.stringMatching(/\S/) }]);
});

test("makePlan(): what cannot be put on offer any more is not promised: a room's tree goes back whole", () => {
  const older = treeRelease({ id: "video-os-4.1.0", version: "4.1.0-383250" });
  const newer = treeRelease();
  const reversible = { ...newer, edges: newer.edges.map((edge) => ({ ...edge, reversibility: "in_place" as const, revertMs: MINUTE })) };
  const up = upPlan([roomCandidate()], reversible);
  const down = downPlan(up, [roomCandidate({ running: newer.version })], { releases: [reversible, older] });
  expect(down.tasks[0]?.legs[0]).toMatchObject({ to: older.version, tree: older.images.map(({ path }) => ({ path })) });
});

test("makePlan(): I14, I26 whatever is recorded and at hand, a rollback only goes down, in place, and ends at what is recorded", () => {
  const version = fc.constantFrom(OLD, "6.4.2.1000", "6.4.7.1000", NEW, "6.4.9.1000");
  const how = fc.constantFrom("in_place", "needs_reset", "one_way");
  fc.assert(
    fc.property(
      version,
      version,
      how,
      fc.subarray([NEWER, OLDER, stepUp("6.4.2.1000", "5.0.0", "6.4.1.9999")]),
      (before, running, reversibility, releases) => {
        const [leg] = TASK.legs;
        const planned = { ...TASK, legs: [{ ...leg, edge: { ...leg.edge, reversibility } }] } as PlannedTask;
        const down = downPlan(UP, [phone(1, { running })], { releases, trodden: only(planned, { before: new Map([[0, before]]) }) });
        expect(down.tasks.length + down.heldBack.length).toBe(1);
        for (const { legs } of down.tasks) {
          expect([running, legs.at(-1)?.to, reversibility]).toEqual([NEW, before, "in_place"]);
          expect(["6.4.2.1000", OLD]).toContain(before);
          expect(releases.map(({ id }) => id)).toContain(legs[0].release);
        }
      },
    ),
  );
});

test("recordedBefore(): what was read right before the first attempt at each leg, whichever attempt bore fruit", () => {
  const history = [
    { event: { kind: "imageStaged" } },
    { event: { kind: "reserved", token: "a" } },
    { event: { kind: "failed" } },
    { event: { kind: "reserved", token: "b" } },
    { event: { kind: "legDone" } },
    { event: { kind: "reserved", token: "c" } },
  ];
  const attempts = [
    { token: "a", baseline: { version: "6.0.0.1" } },
    { token: "b", baseline: { version: "6.0.0.2" } },
    { token: "c", baseline: { version: "6.2.0.1" } },
  ];
  expect(recordedBefore(history, attempts)).toEqual(
    new Map([
      [0, "6.0.0.1"],
      [1, "6.2.0.1"],
    ]),
  );
  expect(recordedBefore([{ event: { kind: "foundAhead", leg: 1 } }, ...history.slice(1, 2)], attempts)).toEqual(new Map([[1, "6.0.0.1"]]));
  expect(recordedBefore(history, [])).toEqual(new Map());
});

test("makePlan(): a way back is for the hardware that came up; what the catalogue says now of its own revision's step counts", () => {
  const only = (changes: object = {}) => stepUp(NEW, "6.0.0", "6.4.7.9999", { hardwareRevisions: ["A"], ...changes });
  const up = upPlan([candidate(1, { revision: "A" })], only());
  const back = (revision: string, newest = only()) => downPlan(up, [phone(1, { revision })], { releases: [newest, OLDER] });
  for (const revision of ["A", "C"]) expect(back(revision).tasks[0]?.legs[0].edge).not.toHaveProperty("hardwareRevisions");
  expect(back("A", only({ reversibility: "one_way" })).heldBack).toMatchObject([{ code: "oneWay" }]);
});
