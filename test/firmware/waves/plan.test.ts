import fc from "fast-check";
import { expect, test } from "vitest";
import { failuresAllowed, isSelected, makePlan, type PlanInput, planHash, type Selection } from "../../../firmware/waves/plan.ts";
import type { Candidate, Duty, Plan } from "../../../firmware/waves/shape.ts";
import { taskIdOf } from "../../../protocols/core/ids.ts";
import { HOUR, MINUTE } from "../../../protocols/core/time.ts";
import { CAMPAIGN, candidate, deviceOf, NOW, PARTS, planInput, policy, release, sha } from "./builders.ts";

const many = (count: number): Candidate[] => Array.from({ length: count }, (_, number) => candidate(number));
const { running: _running, ...unread } = candidate(3);

const aCandidate = (number: number): fc.Arbitrary<Candidate> =>
  fc
    .record({
      model: fc.constantFrom("VVX 250", "VVX 450", "VVX 601"),
      running: fc.constantFrom("6.4.6.2494", "6.4.8.1190", "6.5.0.1", "5.0.0.1"),
      availability: fc.constantFrom("online", "suspect", "offline", "unknown"),
      managedBy: fc.constantFrom("none", "none", "none", "lens"),
      place: fc
        .record(
          { room: fc.constantFrom("a", "b", "c", "d"), floor: fc.constantFrom("1", "2"), zone: fc.constant("north") },
          { requiredKeys: [] },
        )
        .chain((place) => fc.subarray<Duty>(["vip", "emergency"]).map((duties) => ({ ...place, duties }))),
    })
    .map((changes) => candidate(number, { ...changes, partNumber: changes.model === "VVX 250" ? PARTS["VVX 250"] : PARTS["VVX 450"] }));
const site = fc.nat(30).chain((count) => fc.tuple(...Array.from({ length: count }, (_, number) => aCandidate(number))));

test("planHash(): the same input gives the same plan and the same hash", () => {
  const [once, again] = [makePlan(planInput(many(20))), makePlan(planInput(many(20)))];
  expect(again).toEqual(once);
  expect(planHash(again)).toBe(planHash(once));
});

test("makePlan(): the order in which the inventory lists devices changes nothing", () => {
  const shuffledSite = site.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
  fc.assert(
    fc.property(shuffledSite, fc.integer(), ([all, shuffled], seed) => {
      expect(planHash(makePlan(planInput(shuffled, { seed })))).toBe(planHash(makePlan(planInput(all, { seed }))));
    }),
    { numRuns: 40 },
  );
});

test("makePlan(): I25 every device that is meant is in just one wave or held back, never both, and the rest is in neither", () => {
  fc.assert(
    fc.property(site, (all) => {
      const input = planInput(all);
      const plan = makePlan(input);
      const planned = plan.tasks.map(({ device }) => device);
      const answered = [...planned, ...plan.heldBack.map(({ device }) => device)].toSorted();
      expect(answered).toEqual(
        all
          .filter((one) => isSelected(one, {}, input.release))
          .map(({ device }) => device)
          .toSorted(),
      );
      expect(plan.waves.flatMap(({ tasks }) => tasks)).toEqual(plan.tasks.map(({ id }) => id));
      expect(plan.waves.map(({ index }) => index)).toEqual(plan.waves.map((_, at) => at + 1));
    }),
    { numRuns: 60 },
  );
});

test("makePlan(): I14 nothing goes to a lower version, and nothing that is managed elsewhere or away is planned", () => {
  fc.assert(
    fc.property(site, (all) => {
      const byId = new Map(all.map((one) => [one.device, one]));
      for (const { device, legs } of makePlan(planInput(all)).tasks) {
        expect(legs.map(({ from }) => from)).toEqual(["6.4.6.2494"]);
        expect(byId.get(device)).toMatchObject({ managedBy: "none", availability: expect.stringMatching(/^(online|suspect)$/) });
      }
    }),
    { numRuns: 60 },
  );
});

test("makePlan(): devices with a duty are never among the first while another could go", () => {
  const all = [candidate(0, { place: { duties: ["vip"] } }), candidate(1), candidate(2, { place: { duties: ["emergency"] } })];
  expect(makePlan(planInput(all)).waves.map(({ tasks }) => tasks)).toEqual([
    [taskIdOf(CAMPAIGN, deviceOf(1))],
    expect.arrayContaining([taskIdOf(CAMPAIGN, deviceOf(0)), taskIdOf(CAMPAIGN, deviceOf(2))]),
  ]);
});

test.each<[string, Partial<PlanInput>]>([
  ["seed", { seed: 8 }],
  ["policy", { policy: policy({ soak: "1h" }) }],
  ["reason", { policy: policy({ reason: "CVE" }) }],
  ["calendar", { calendar: { zone: "UTC", windows: [{ days: ["mon"], from: "01:00", to: "05:00" }], blackout: [] } }],
  ["release", { release: release({ notes: "other" }) }],
  ["catalogue", { catalogueVersion: 4 }],
  ["author", { author: { person: "r.roe", keyId: "key-roe" } }],
  ["moment", { nowMs: NOW + 1 }],
  ["selection", { selection: { devices: [deviceOf(1)] } }],
  ["images on site", { staged: new Set([sha("b")]) }],
])("planHash(): another %s is another plan", (_, changes) => {
  expect(planHash(makePlan(planInput(many(20), changes)))).not.toBe(planHash(makePlan(planInput(many(20)))));
});

test("makePlan(): a moment between two milliseconds gives whole numbers, so that the plan has a hash", () => {
  const plan = makePlan(planInput(many(3), { nowMs: NOW + 0.4 }));
  expect(plan.createdAtMs).toBe(NOW);
  expect(planHash(plan)).toMatch(/^[0-9a-f]{64}$/);
});

test("makePlan(): a site without any fitting device gives a plan without waves, with reasons", () => {
  const plan = makePlan(planInput([candidate(1, { running: "6.4.8.1190" }), candidate(2, { availability: "offline" }), unread]));
  expect(plan).toMatchObject({ tasks: [], waves: [], forecast: { devices: 0, finishP50AtMs: NOW } });
  expect(plan.heldBack.map(({ code }) => code)).toEqual(["alreadyCurrent", "offline", "unknownVersion"]);
});

test("makePlan(): a device another campaign has in hand is held back", () => {
  const plan = makePlan(planInput(many(2), { busyElsewhere: new Set([deviceOf(1)]) }));
  expect(plan.heldBack).toMatchObject([{ device: deviceOf(1), code: "inOtherCampaign" }]);
});

test("makePlan(): failure domains count the room's other devices too, meant or not", () => {
  const room = { room: "Matterhorn", duties: [] };
  const all = [
    candidate(1, { place: room }),
    candidate(2, { place: room }),
    candidate(3, { place: room, family: "video-os", model: "Studio X30" }),
  ];
  const plan = makePlan(planInput(all, { selection: { devices: [deviceOf(1)] } }));
  expect(plan.domains).toEqual([{ id: "room:Matterhorn", kind: "room", members: [deviceOf(1), deviceOf(2), deviceOf(3)], minUp: 2 }]);
  expect(plan.tasks).toMatchObject([{ device: deviceOf(1), domains: ["room:Matterhorn"] }]);
});

test("makePlan(): I13 a task names the file and the step of its own hardware and version", () => {
  const plan = makePlan(planInput([candidate(1, { model: "VVX 250", partNumber: PARTS["VVX 250"] })]));
  expect(plan.tasks).toMatchObject([
    {
      id: taskIdOf(CAMPAIGN, deviceOf(1)),
      legs: [
        {
          ...{ release: "ucs-6.4.8", kind: "combined", from: "6.4.6.2494", to: "6.4.8.1190" },
          ...{ edge: release().edges[0], image: sha("a"), imageBytes: 90_000_000 },
        },
      ],
      registeredLines: 1,
    },
  ]);
});

test("makePlan(): a stepping stone is a leg where chains are asked for, and holds the device back where not", () => {
  const stone = release({ id: "ucs-6.1.0", version: "6.1.0.10", edges: [{ ...release().edges[0], fromMin: "5.9.0", fromMax: "6.0.9" }] });
  const target = release({ edges: [{ ...release().edges[0], fromMin: "6.1.0", fromMax: "6.4.7.9999" }] });
  const all = [candidate(1, { running: "6.0.2.5", updater: "6.0.2.5" }), candidate(2)];
  const made = { release: target, releases: [stone, target] };
  expect(makePlan(planInput(all, made)).heldBack).toMatchObject([{ device: deviceOf(1), code: "steppingStone" }]);
  const { tasks, heldBack, forecast } = makePlan(planInput(all, { ...made, chains: true }));
  expect(heldBack).toEqual([]);
  const legs = new Map(tasks.map((task) => [task.device, task.legs.map((leg) => [leg.release, leg.from, leg.to])]));
  expect(legs.get(deviceOf(1))).toEqual([
    ["ucs-6.1.0", "6.0.2.5", "6.1.0.10"],
    ["ucs-6.4.8", "6.1.0.10", "6.4.8.1190"],
  ]);
  expect(legs.get(deviceOf(2))).toEqual([["ucs-6.4.8", "6.4.6.2494", "6.4.8.1190"]]);
  // Both legs come over the network, and take their time one after the other.
  expect(forecast).toMatchObject({ lanBytes: 300_000_000, wanBytes: 100_000_000 });
  expect(Math.max(...forecast.waves.map(({ p50Ms }) => p50Ms))).toBe(25 * MINUTE);
});

test("makePlan(): each wave carries the soak and the failures its policy allows, the canary none", () => {
  const plan = makePlan(planInput(many(10), { policy: policy({ failuresAllowed: 2, soak: "1h" }) }));
  expect(plan.waves.map((wave) => [wave.failuresAllowed, wave.soakMs])).toEqual([
    [0, HOUR],
    [2, HOUR],
    [2, HOUR],
  ]);
});

const told: Candidate = candidate(1, { place: { room: "a", floor: "1", duties: [] } });
const { model: _model, ...nameless } = told;

test.each<[string, Candidate, Selection, boolean]>([
  ["nothing narrowed", told, {}, true],
  ["its model", told, { models: ["VVX 450"] }, true],
  ["another model", told, { models: ["VVX 250"] }, false],
  ["its floor", told, { floors: ["1"] }, true],
  ["another floor", told, { floors: ["2"] }, false],
  ["its room", told, { rooms: ["a", "b"] }, true],
  ["another room", told, { rooms: ["b"] }, false],
  ["its room on another floor", told, { rooms: ["a"], floors: ["2"] }, false],
  ["an empty list", told, { devices: [] }, false],
  ["its own name", told, { devices: [deviceOf(1)] }, true],
  ["another device's name", told, { devices: [deviceOf(2)] }, false],
  ["its name, on another floor", told, { devices: [deviceOf(1)], floors: ["2"] }, false],
  ["nothing narrowed, for a device of another family", { ...told, family: "video-os" }, {}, false],
  ["nothing narrowed, for a model the release is not for", { ...told, model: "VVX 601" }, {}, false],
  ["nothing narrowed, for a device of unknown model", nameless, {}, false],
  ["its name, for a device the release is not for", { ...told, family: "video-os" }, { devices: [deviceOf(1)] }, true],
])("isSelected(): %s", (_, one, selection, selected) => {
  expect(isSelected(one, selection, release())).toBe(selected);
});

test("makePlan(): a named device the release is not for is held back, not left out silently", () => {
  const plan: Plan = makePlan(planInput([candidate(1, { model: "VVX 601" })], { selection: { devices: [deviceOf(1)] } }));
  expect(plan.heldBack).toMatchObject([{ device: deviceOf(1), code: "otherModel", why: "release 6.4.8.1190 is not for VVX 601" }]);
});

test.each([
  [1, 50, 5, 0],
  [1, 1, 5, 0],
  [2, 5, 0, 0],
  [2, 29, 1, 1],
  [3, 30, 0, 0],
  [3, 49, 0, 0],
  [3, 50, 0, 1],
  [3, 200, 1, 4],
  [3, 200, 10, 10],
])("failuresAllowed(): wave %i of %i devices under a policy of %i tolerates %i", (index, devices, said, allowed) => {
  expect(failuresAllowed(index, devices, policy({ failuresAllowed: said }))).toBe(allowed);
});
