import { expect, test } from "vitest";
import { planAnswer } from "../../../agent/campaigns/plan-answer.ts";
import { planCampaign, takenDevices } from "../../../agent/campaigns/plan-verb.ts";
import { haltCampaign, pauseCampaign } from "../../../agent/campaigns/verbs.ts";
import { planHash } from "../../../firmware/waves/plan.ts";
import type { Plan } from "../../../firmware/waves/shape.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import { DAY } from "../../../protocols/core/time.ts";
import { release } from "../../firmware/waves/builders.ts";
import { deviceId, macOf, T0 } from "../../store/temporary.ts";
import { approver, author, type Kit, kit, move, phone, planned, started, taskRow, toCommanded, toLost } from "./kit.ts";

const ARGS = { release: "ucs-6.4.8" };
const shownBy = (bench: Kit, args: Partial<Parameters<typeof planCampaign>[0]> = {}): Plan => {
  const outcome = planCampaign({ ...ARGS, dryRun: true, ...args }, author, bench.io);
  if (!outcome.ok) throw new Error(outcome.message);
  return (outcome.result as { plan: Plan }).plan;
};
const wavesOf = (plan: Plan): unknown => plan.waves.map(({ tasks }) => tasks.map((id) => id.split("-d-")[1]));

test("planCampaign(): keeps plan, waves and tasks, and waits for another person", () => {
  const bench = kit();
  const { id, plan, hash } = planned(bench);
  expect(bench.store.campaigns.load(id)).toMatchObject({ state: { at: "awaitingApproval" }, planHash: hash });
  expect(bench.store.campaigns.waves(id).map(({ state }) => state.at)).toEqual(["pending", "pending"]);
  expect(bench.store.tasks.ofCampaign(id)).toHaveLength(3);
  expect(plan.author).toEqual({ person: "doe", keyId: "key-doe" });
  expect(bench.told).toEqual(["planned 3"]);
});

test("planCampaign(): I29 a dry run keeps nothing and shows the waves the real one has", () => {
  const bench = kit();
  const shown = shownBy(bench);
  expect(bench.store.campaigns.list()).toEqual([]);
  const { plan } = planned(bench);
  expect(wavesOf(plan)).toEqual(wavesOf(shown));
});

test("planCampaign(): arguments narrow the selection, and the site's policy gives way to the plan's", () => {
  const bench = kit({ policy: { soak: "5m", atRiskMax: 4 } });
  const plan = shownBy(bench, { devices: [deviceId(2)], policy: { soak: "1m" } });
  expect(plan.tasks.map(({ device }) => device)).toEqual([deviceId(2)]);
  expect(plan.policy).toMatchObject({ soak: 60_000, atRiskMax: 4 });
});

test("planCampaign(): whoever changes one setting of a group leaves the others of the site as they are", () => {
  const bench = kit({ policy: { realUse: { calls: 5, devices: 3, waitUpTo: "2d" } } });
  const plan = shownBy(bench, { policy: { realUse: { waitUpTo: "1d" }, rings: ["lab"] } });
  expect(plan.policy.realUse).toEqual({ calls: 5, devices: 3, waitUpTo: DAY });
  expect(plan.policy.rings).toEqual(["lab"]);
});

test.each<[string, Parameters<typeof kit>[0], Partial<Parameters<typeof planCampaign>[0]>, string]>([
  ["an unknown release", {}, { release: "ucs-9" }, "notFound"],
  ["no calendar", { calendar: undefined }, {}, "wrongState"],
  ["a policy out of bounds", {}, { policy: { atRiskMax: 0 } }, "faulted"],
  ["an unknown word in the policy", {}, { policy: { speed: "fast" } }, "faulted"],
  ["a floor nobody stands on", {}, { floors: ["9"] }, "nothingMatched"],
])("planCampaign(): refuses %s", (_what, changes, args, code) => {
  const bench = kit(changes);
  expect(planCampaign({ ...ARGS, ...args }, author, bench.io)).toMatchObject({ ok: false, code });
  expect(bench.store.campaigns.list()).toEqual([]);
});

test("planCampaign(): I15 an expired catalogue and a revoked release start nothing", async () => {
  const bench = kit();
  bench.store.releases.saveCatalogue({ version: 4, expiresAtMs: T0 + 60 * DAY, releases: [release({ revoked: true })] }, T0);
  expect(planCampaign(ARGS, author, bench.io)).toMatchObject({
    ok: false,
    code: "wrongState",
    message: expect.stringContaining("revoked"),
  });
  const late = kit();
  await late.clock.advance(30 * DAY);
  expect(planCampaign(ARGS, author, late.io)).toMatchObject({
    ok: false,
    code: "wrongState",
    message: expect.stringContaining("expired"),
  });
});

test("planCampaign(): names the first device held back where nobody is left", () => {
  const bench = kit();
  for (const number of [1, 2, 3]) bench.store.devices.save(phone(number, { managedBy: "lens" }));
  expect(planCampaign(ARGS, author, bench.io)).toMatchObject({ code: "nothingMatched", message: expect.stringContaining("3 held back") });
});

test("planCampaign(): devices of the inbox are not planned", () => {
  const bench = kit();
  bench.store.devices.save(phone(3, { adopted: false }));
  expect(shownBy(bench).tasks).toHaveLength(2);
});

test("planCampaign(): every unfinished device of a running or paused campaign is held back, those of later waves too", () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, toCommanded("token-01"));
  for (const stop of [false, true]) {
    if (stop) pauseCampaign({ campaign: id }, author, bench.io);
    expect(planCampaign(ARGS, author, bench.io)).toMatchObject({ code: "nothingMatched" });
  }
});

test("planCampaign(): after a halt what only waited may be planned anew, what was touched may not", () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, toCommanded("token-01"));
  move(bench, id, 2, [{ kind: "imageStaged" }, { kind: "holdsFound", reasons: [] }]);
  haltCampaign({ campaign: id, reason: "enough" }, approver, bench.io);
  expect(taskRow(bench, id, 2).state.at).toBe("held");
  const plan = shownBy(bench);
  expect(plan.tasks.map(({ device }) => device).toSorted()).toEqual([deviceId(2), deviceId(3)]);
  expect(plan.heldBack).toMatchObject([{ device: deviceId(1), code: "inOtherCampaign" }]);
});

test("planCampaign(): a lost device is held back until a person writes it off", () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, toLost("token-01"));
  haltCampaign({ campaign: id, reason: "enough" }, approver, bench.io);
  expect(shownBy(bench).heldBack).toMatchObject([{ device: deviceId(1) }]);
  move(bench, id, 1, [{ kind: "writtenOffByPerson", by: "anna", why: "repaired" }]);
  expect(shownBy(bench).heldBack).toEqual([]);
});

test("planCampaign(): groups of the settings, rings and duties of places, and the network's ports are part of the plan", () => {
  const bench = kit({
    groups: [{ name: "Sales", kind: "huntGroup", members: ["Desk", macOf(2)], minUp: 1 }],
    policy: { rings: ["lab"], subnetAtRiskMax: 2 },
  });
  bench.store.places.fromSettings({ mac: macOf(3), name: "Desk", ring: "lab", duties: ["reception"] }, T0);
  bench.store.places.fromSettings({ mac: macOf(2), name: "Lab", ring: "lab", duties: [] }, T0);
  const { domains, waves, tasks } = planned(bench).plan;
  expect(domains).toEqual([
    { id: "huntGroup:Sales", kind: "huntGroup", members: [deviceId(2), deviceId(3)], minUp: 1 },
    { id: "reception", kind: "reception", members: [deviceId(3)], minUp: 0 },
    { id: "subnet:127.1.0.0/24", kind: "subnet", members: [deviceId(1), deviceId(2), deviceId(3)], minUp: 1 },
  ]);
  expect(waves.map((wave) => wave.tasks.map((id) => tasks.find((task) => task.id === id)?.device))).toEqual([
    [deviceId(2)],
    [deviceId(1)],
    [deviceId(3)],
  ]);
});

const SALES = { name: "Sales", kind: "huntGroup" as const, members: [macOf(1), macOf(2), macOf(3)], minUp: 2 };

test("planCampaign(): I1 a planned outage is in the plan that is approved, and the answer says what is given up", () => {
  const bench = kit({ groups: [SALES] });
  const plannedOutages = [{ domain: "huntGroup:Sales", keeps: 1 }];
  const outcome = planCampaign({ ...ARGS, policy: { plannedOutages } }, author, bench.io);
  if (!outcome.ok) throw new Error(outcome.message);
  expect(outcome.result.plan.domains).toMatchObject([{ id: "huntGroup:Sales", minUp: 1, usualMinUp: 2 }]);
  expect(outcome.result.planHash).not.toBe(planHash(shownBy(bench)));
  const first = [{ domain: "huntGroup:Sales", devices: 3, keeps: 1, usually: 2 }];
  expect(planAnswer(outcome.result)).toMatchObject({ outages: { count: 1, first } });
  expect(planAnswer({ ...outcome.result, plan: shownBy(bench) })).not.toHaveProperty("outages");
});

test.each<[string, object, object]>([
  [
    "is refused where a person names it, with what there is",
    { groups: [SALES] },
    { policy: { plannedOutages: [{ domain: "huntGroup:Slaes" }] } },
  ],
  ["of a room is refused", {}, { policy: { plannedOutages: [{ domain: "room:Matterhorn" }] } }],
])("planCampaign(): an outage of what the site does not have %s", (_, changes, args) => {
  const outcome = planCampaign({ ...ARGS, ...args }, author, kit(changes).io);
  expect(outcome).toMatchObject({
    ok: false,
    message: expect.stringMatching(/no "huntGroup:Slaes".*it has huntGroup:Sales$|expected "floor:NAME"/),
  });
});

test("planCampaign(): an outage of the settings whose group is gone stops no plan", () => {
  const bench = kit({ policy: { plannedOutages: [{ domain: "floor:3" }] } });
  expect(shownBy(bench).domains).toEqual([]);
});

test("planCampaign(): steps that were measured here say how long it takes", () => {
  const bench = kit();
  const steps = Array.from({ length: 10 }, () => ({ model: "VVX 450", from: "6.4.6.2494", to: "6.4.8.1190", lengthMs: 90_000 }));
  const attempts = { ...bench.store.attempts, measured: () => steps };
  const outcome = planCampaign({ ...ARGS, dryRun: true }, author, { ...bench.io, store: { ...bench.store, attempts } });
  expect(outcome).toMatchObject({
    ok: true,
    result: { plan: { tasks: [{ legs: [{ durationMs: { p50: 90_000 }, measuredOn: 10 }] }, {}, {}] } },
  });
});

test("planCampaign(): what goes along with a device under way is in another campaign's hands too", () => {
  const bench = kit();
  const parts = [{ model: "TC10", mac: macOf(2), connected: true }];
  bench.store.devices.save(phone(1, { parts }));
  bench.store.devices.save(phone(2, { availability: "offline" }));
  const { id, plan } = started(bench);
  expect(plan.tasks.find(({ device }) => device === deviceId(1))?.along).toEqual([deviceId(2)]);
  expect(takenDevices(bench.store)).toEqual(new Set([deviceId(1), deviceId(2), deviceId(3)]));
  move(bench, id, 1, toLost("token-01"));
  haltCampaign({ campaign: id, reason: "enough" }, author, bench.io);
  // The slot of a lost device is kept, with that of what went along.
  expect(takenDevices(bench.store)).toEqual(new Set([deviceId(1), deviceId(2)]));
});

test("planCampaign(): a plan made from another takes its release, selection and policy where nothing else is said, and tells the difference", () => {
  const bench = kit();
  const parent = planned(bench, { devices: [deviceId(1), deviceId(2)], policy: { soak: "2m" } });
  bench.store.devices.save(phone(2, { availability: "offline" }));
  const shown = planCampaign({ parent: parent.id, dryRun: true, policy: { atRiskMax: 3 } }, author, bench.io);
  expect(shown).toMatchObject({
    ok: true,
    result: {
      kept: false,
      plan: { parent: parent.hash, selection: { devices: [deviceId(1), deviceId(2)] }, policy: { soak: 120_000, atRiskMax: 3 } },
      difference: {
        parent: parent.hash,
        added: [],
        gone: [{ device: deviceId(2), is: { code: "offline" } }],
        settings: [{ path: "policy.atRiskMax", was: "10", is: "3" }],
      },
    },
  });
  const other = planCampaign({ parent: parent.id, dryRun: true, devices: [deviceId(3)] }, author, bench.io);
  expect(other).toMatchObject({ ok: true, result: { difference: { added: [{ device: deviceId(3) }] } } });
  expect(planCampaign({ parent: "c-ffffffffff" as CampaignId }, author, bench.io)).toMatchObject({ ok: false, code: "notFound" });
});

test("planCampaign(): what waits in the campaign it is made from is free for it; what is under way there is not", () => {
  const bench = kit();
  const { id } = started(bench);
  move(bench, id, 1, toCommanded("token-01"));
  const outcome = planCampaign({ parent: id, dryRun: true }, author, bench.io);
  expect(outcome).toMatchObject({ ok: true, result: { plan: { heldBack: [{ device: deviceId(1), code: "inOtherCampaign" }] } } });
});

test("planCampaign(): who is named and can be in no plan is answered for: unknown, not adopted, retired", () => {
  const bench = kit();
  bench.store.devices.save(phone(4, { adopted: false }));
  bench.store.devices.save(phone(5, { retiredAtMs: bench.clock.nowMs() }));
  const plan = (...numbers: number[]) =>
    planCampaign({ release: "ucs-6.4.8", devices: numbers.map(deviceId), dryRun: true }, author, bench.io);
  expect(plan(1, 4)).toMatchObject({ ok: false, code: "notFound", message: expect.stringContaining("is not adopted") });
  expect(plan(1, 5)).toMatchObject({ ok: false, code: "notFound", message: expect.stringContaining("is retired") });
  expect(plan(1, 9, 4)).toMatchObject({ ok: false, message: expect.stringContaining(`there is no device "${deviceId(9)}", and 1 more`) });
  expect(plan(1)).toMatchObject({ ok: true });
});
