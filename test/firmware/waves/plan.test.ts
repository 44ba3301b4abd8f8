import fc from "fast-check";
import { expect, test } from "vitest";
import { failuresAllowed, makePlan, planHash } from "../../../firmware/waves/plan.ts";
import { isSelected, type PlanInput } from "../../../firmware/waves/plan-input.ts";
import type { Candidate, Duty, Plan, SiteGroup } from "../../../firmware/waves/shape.ts";
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

const someGroups = fc
  .array(
    fc.tuple(
      fc.constantFrom<SiteGroup["kind"]>("coupled", "huntGroup", "port", "group"),
      fc.uniqueArray(fc.nat(29), { minLength: 2, maxLength: 4 }),
    ),
    {
      maxLength: 5,
    },
  )
  .map((all) =>
    all.map(
      ([kind, members], at): SiteGroup => ({
        kind,
        name: `g${at}`,
        members: members.map(deviceOf),
        ...(kind === "group" ? { minUp: at + 1 } : {}),
      }),
    ),
  );
const someLimits = fc.record({
  ...{ rings: fc.constantFrom([], ["lab"]), atRiskMax: fc.integer({ min: 1, max: 5 }), zoneKeeps: fc.integer({ min: 1, max: 3 }) },
  spares: fc.constantFrom([], [{ model: "VVX 250", count: 0 }], [{ model: "VVX 450", count: 2 }]),
});

test("makePlan(): I25 with units, groups and limits too, every device that is meant is a task, goes along with one, or is held back", () => {
  fc.assert(
    fc.property(site, someGroups, someLimits, fc.constantFrom("in_place", "one_way"), (all, groups, limits, reversibility) => {
      const input = planInput(all, {
        ...{ groups, policy: policy(limits), release: release({ edges: [{ ...release().edges[0], reversibility }] }) },
      });
      const plan = makePlan(input);
      const along = new Set(plan.tasks.flatMap((task) => task.along ?? []));
      const answers = [...plan.tasks.map(({ device }) => device), ...along, ...plan.heldBack.map(({ device }) => device)];
      expect(new Set(answers).size).toBe(answers.length);
      const meant = all.filter((one) => isSelected(one, {}, input.release)).map(({ device }) => device);
      for (const device of meant) expect(answers).toContain(device);
      // Nobody comes along who does not hang together with a device that is meant.
      const units = new Map(plan.units.flatMap((unit) => unit.map((member) => [member, unit] as const)));
      for (const device of along) expect(units.get(device)?.some((member) => meant.includes(member))).toBe(true);
      const shuffled = makePlan({ ...input, candidates: all.toReversed(), groups: groups.toReversed() });
      expect(planHash(shuffled)).toBe(planHash(plan));
    }),
    { numRuns: 80 },
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
  expect(Math.max(...forecast.waves.map(({ p50Ms }) => p50Ms))).toBeGreaterThanOrEqual(25 * MINUTE);
});

test("makePlan(): what is proven of a model and way never becomes less from wave to wave, whatever the site and its limits", () => {
  fc.assert(
    fc.property(site, someLimits, (all, limits) => {
      const proven = new Map<string, number>();
      for (const { proof } of makePlan(planInput(all, { policy: policy(limits) })).waves) {
        for (const { model, to, fromMin, clean, ruledOutPerMille } of proof) {
          const key = JSON.stringify([model, to, fromMin]);
          expect(ruledOutPerMille).toBeLessThanOrEqual(proven.get(key) ?? 1_000);
          expect(clean).toBeGreaterThan(0);
          proven.set(key, ruledOutPerMille);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("makePlan(): each wave carries the soak and the failures its policy allows, the canary none", () => {
  const plan = makePlan(planInput(many(10), { policy: policy({ failuresAllowed: 2, soak: "1h" }) }));
  expect(plan.waves.map((wave) => [wave.failuresAllowed, wave.soakMs])).toEqual([
    [0, HOUR],
    [2, HOUR],
    [2, HOUR],
  ]);
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
