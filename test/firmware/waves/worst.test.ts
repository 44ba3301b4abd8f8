import fc from "fast-check";
import { expect, test } from "vitest";
import { indexDomains } from "../../../firmware/waves/domains.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { PlanInput } from "../../../firmware/waves/plan-input.ts";
import type { Candidate, Forecast, Outage, SiteGroup } from "../../../firmware/waves/shape.ts";
import { boundOf, downsOver } from "../../../firmware/waves/worst.ts";
import { MINUTE } from "../../../protocols/core/time.ts";
import { candidate, deviceOf, planInput, policy } from "./builders.ts";

const many = (count: number, place: (i: number) => Omit<Candidate["place"], "duties"> = () => ({})): Candidate[] =>
  Array.from({ length: count }, (_, i) => candidate(i, { place: { ...place(i), duties: [] } }));
const forecast = (all: readonly Candidate[], changes: Partial<PlanInput> = {}): Forecast => makePlan(planInput(all, changes)).forecast;
const group = (kind: SiteGroup["kind"], numbers: readonly number[], changes: Partial<SiteGroup> = {}): SiteGroup => ({
  ...{ kind, name: "x", members: numbers.map(deviceOf) },
  ...changes,
});

test("worst: phones without a place: as many as the budget lets go, or as the largest wave has", () => {
  expect(forecast(many(40), { policy: policy({ atRiskMax: 4 }) }).worst).toMatchObject({
    bound: { devices: 4, phones: 4, rooms: 0, darkRooms: 0 },
    laid: { devices: 4, phones: 4, rooms: 0, darkRooms: 0 },
  });
  expect(forecast(many(6), { policy: policy({ atRiskMax: 100 }) }).worst.bound.devices).toBe(3);
});

test("worst: one device of each room, and a room with a single device is dark meanwhile", () => {
  const shared = forecast(many(20, (i) => ({ room: `r${i % 4}` })));
  expect(shared.worst).toEqual({
    bound: { devices: 4, phones: 4, rooms: 4, darkRooms: 0 },
    laid: { devices: 4, phones: 4, rooms: 4, darkRooms: 0 },
  });
  expect(shared).toMatchObject({ darkRoomP50Ms: 0, darkRoomP90Ms: 0 });
  const alone = forecast(many(5, (i) => ({ room: `r${i}` })));
  expect(alone.worst.laid).toEqual({ devices: 3, phones: 3, rooms: 3, darkRooms: 3 });
  expect(alone).toMatchObject({ darkRoomP50Ms: 5 * MINUTE, darkRoomP90Ms: 8 * MINUTE });
});

test("worst: an emergency zone lets no more away than it keeps, whatever the budget", () => {
  const worst = forecast(
    many(12, () => ({ zone: "north" })),
    { policy: policy({ atRiskMax: 100, zoneKeeps: 10 }) },
  ).worst;
  expect(worst.bound.phones).toBe(2);
});

test("worst: what a wave may lose is still away in the next ones, under one budget", () => {
  const zone = (i: number) => ({ zone: i < 20 ? "north" : "south" });
  const limits = { atRiskMax: 100, zoneKeeps: 19, failuresAllowed: 3 };
  // One of each zone, and three that the wave before may have lost; the canary may lose none.
  expect(forecast(many(40, zone), { policy: policy(limits) }).worst.bound.phones).toBe(2 + 6);
  expect(forecast(many(40, zone), { policy: policy({ ...limits, atRiskMax: 3 }) }).worst.bound.phones).toBe(3);
});

test("worst: a codec takes its panels along, and their room is dark where nothing else stands in it", () => {
  const all = [candidate(0, { place: { room: "a", duties: [] } }), candidate(1, { model: "TC10", place: { room: "a", duties: [] } })];
  const told = forecast(all, { groups: [group("coupled", [0, 1])] });
  expect(told.worst.laid).toEqual({ devices: 2, phones: 1, rooms: 1, darkRooms: 1 });
  expect(told.darkRoomP50Ms).toBe(5 * MINUTE);
});

test("worst: PoE: what a device powers is down with it", () => {
  const told = forecast(
    many(8, (i) => (i === 1 ? { room: "a" } : {})),
    { groups: [group("switch", [1, 2, 3], { parent: deviceOf(0) })] },
  );
  expect(told.parents).toEqual({ devices: 1, takeAlong: 3 });
  expect(told.worst.bound.devices).toBeGreaterThanOrEqual(4);
  expect(told.worst.laid).toMatchObject({ rooms: 1, darkRooms: 1 });
  // The room is without its phone while that is updated, and again while its switch is.
  expect(told.darkRoomP50Ms).toBe(10 * MINUTE);
});

const place = fc.record(
  { room: fc.constantFrom("a", "b", "c"), floor: fc.constantFrom("1", "2"), zone: fc.constant("n") },
  { requiredKeys: [] },
);
const site = fc
  .array(place, { minLength: 1, maxLength: 40 })
  .map((all) => all.map((one, i) => ({ ...candidate(i, { place: { ...one, duties: [] } }), subnet: `s${i % 3}` })));
const groups = fc
  .array(
    fc.tuple(
      fc.constantFrom<SiteGroup["kind"]>("coupled", "port", "switch"),
      fc.uniqueArray(fc.nat(39), { minLength: 2, maxLength: 4 }),
      fc.nat(39),
    ),
    { maxLength: 5 },
  )
  .map((all) =>
    all.map(([kind, members, parent], at) =>
      group(
        kind,
        members.filter((one) => one !== parent),
        { name: `g${at}`, ...(kind === "switch" ? { parent: deviceOf(parent) } : {}) },
      ),
    ),
  );
const limits = fc.record({
  ...{ atRiskMax: fc.integer({ min: 1, max: 12 }), failuresAllowed: fc.nat(3) },
  ...{ zoneKeeps: fc.integer({ min: 1, max: 40 }), subnetAtRiskMax: fc.integer({ min: 1, max: 5 }) },
});
const KEYS = ["devices", "phones", "rooms", "darkRooms"] as const satisfies readonly (keyof Outage)[];

test("worst: what is laid out is never more than the bound, and a larger budget never bounds less", () => {
  fc.assert(
    fc.property(site, groups, limits, (all, some, given) => {
      const plan = makePlan(planInput(all, { groups: some, policy: policy(given) }));
      const { bound, laid } = plan.forecast.worst;
      const index = indexDomains(plan);
      const wider = boundOf({ ...plan, index, atRiskMax: given.atRiskMax + 5 }, downsOver(index));
      for (const key of KEYS) {
        expect(laid[key]).toBeLessThanOrEqual(bound[key]);
        expect(bound[key]).toBeLessThanOrEqual(wider[key]);
      }
    }),
    { numRuns: 120 },
  );
});
