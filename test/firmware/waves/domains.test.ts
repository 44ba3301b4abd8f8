import fc from "fast-check";
import { expect, test } from "vitest";
import { conflictsWith, type DomainIndex, domainsOf, indexDomains, neverLets } from "../../../firmware/waves/domains.ts";
import type { WavePolicy } from "../../../firmware/waves/policy.ts";
import type { Candidate, FailureDomain, SiteGroup, Unit } from "../../../firmware/waves/shape.ts";
import { unitsOf } from "../../../firmware/waves/units.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { candidate, deviceOf, policy } from "./builders.ts";

type Place = Omit<Candidate["place"], "duties">;

const placed = (count: number, place: Place, from = 0): Candidate[] =>
  Array.from({ length: count }, (_, i) => candidate(from + i, { place: { ...place, duties: [] } }));
const rules = (changes: Record<string, unknown> = {}): WavePolicy => policy(changes);
const minUpOf = (candidates: readonly Candidate[], changes: Record<string, unknown> = {}): number | undefined =>
  domainsOf(candidates, rules(changes))[0]?.minUp;
const indexOf = (domains: readonly FailureDomain[], units: readonly Unit[] = []): DomainIndex => indexDomains({ domains, units });
const siteOf = (
  candidates: readonly Candidate[],
  groups: readonly SiteGroup[] = [],
  changes: Record<string, unknown> = {},
): DomainIndex => {
  const units = unitsOf(candidates, groups);
  return indexOf(domainsOf(candidates, rules(changes), groups, units), units);
};
const ids = (domains: readonly FailureDomain[]): string[] => domains.map(({ id }) => id);

test.each([
  [1, 0],
  [2, 1],
  [5, 4],
])("domainsOf(): a room of %i keeps %i, all but one", (members, minUp) => {
  expect(minUpOf(placed(members, { room: "Matterhorn" }))).toBe(minUp);
});

test.each([
  [1, 0],
  [2, 1],
  [10, 5],
])("domainsOf(): a floor of %i keeps %i, half", (members, minUp) => {
  expect(minUpOf(placed(members, { floor: "3" }))).toBe(minUp);
});

test.each([
  ["one where nothing is said", {}, 4, 1],
  ["as many as said for all zones", { zoneKeeps: 3 }, 4, 3],
  ["as many as said for this zone", { zoneKeeps: 3, zones: [{ name: "north", keeps: 2 }] }, 4, 2],
  ["as said for all where another zone is named", { zoneKeeps: 3, zones: [{ name: "south", keeps: 2 }] }, 4, 3],
  ["all but one where it is too small", { zoneKeeps: 3 }, 2, 1],
  ["nobody where it has one device", { zoneKeeps: 3 }, 1, 0],
])("domainsOf(): I3 an emergency zone keeps %s", (_, options, members, minUp) => {
  expect(minUpOf(placed(members, { zone: "north" }), options)).toBe(minUp);
});

test("domainsOf(): a room and a floor of one name are two domains", () => {
  expect(ids(domainsOf(placed(2, { room: "3", floor: "3" }), rules()))).toEqual(["floor:3", "room:3"]);
});

test("domainsOf(): a place that is not known or empty makes no domain", () => {
  expect(domainsOf([...placed(2, {}), ...placed(2, { room: "", floor: "", zone: "" }, 2)], rules())).toEqual([]);
});

test.each(["switch", "generic-snmp"] as const)("domainsOf(): network gear (%s) serves nobody in the room and is not counted", (family) => {
  const gear = candidate(9, { family, place: { room: "Matterhorn", duties: [] } });
  expect(domainsOf([...placed(2, { room: "Matterhorn" }), gear], rules())).toMatchObject([
    { members: [deviceOf(0), deviceOf(1)], minUp: 1 },
  ]);
});

const aPlace: fc.Arbitrary<Place> = fc.record(
  { room: fc.constantFrom("a", "b", "c"), floor: fc.constantFrom("1", "2"), zone: fc.constantFrom("north", "south") },
  { requiredKeys: [] },
);
const site = fc
  .array(aPlace, { maxLength: 24 })
  .map((places) => places.map((place, number) => candidate(number, { place: { ...place, duties: [] } })));

test("domainsOf(): the order of the inventory changes nothing", () => {
  const shuffledSite = site.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
  fc.assert(
    fc.property(shuffledSite, ([all, shuffled]) => {
      expect(domainsOf(shuffled, rules())).toEqual(domainsOf(all, rules()));
    }),
    { numRuns: 200 },
  );
});

test("conflictsWith(): I1, I2 and I3 hold whatever is taken down and comes back in whatever order, while it is asked each time", () => {
  const walk = fc.array(fc.record({ pick: fc.nat(23), back: fc.boolean() }), { maxLength: 60 });
  fc.assert(
    fc.property(site, fc.integer({ min: 1, max: 3 }), walk, (all, zoneKeeps, steps) => {
      const domains = domainsOf(all, rules({ zoneKeeps }));
      const index = indexOf(domains);
      const down = new Set<DeviceId>();
      for (const { pick, back } of steps) {
        const device = all[pick % Math.max(1, all.length)]?.device;
        if (device === undefined) return;
        if (back) down.delete(device);
        else if (conflictsWith([...down], device, index) === undefined) down.add(device);
        for (const { kind, members, minUp } of domains) {
          const away = members.filter((member) => down.has(member)).length;
          expect(members.length - away).toBeGreaterThanOrEqual(minUp);
          if (kind === "room") expect(away).toBeLessThanOrEqual(1);
        }
      }
    }),
    { numRuns: 400 },
  );
});

test("conflictsWith(): while nothing is down every device may go, so that no domain blocks its members for ever", () => {
  fc.assert(
    fc.property(site, fc.integer({ min: 1, max: 30 }), (all, zoneKeeps) => {
      const index = siteOf(all, [], { zoneKeeps });
      expect(all.map(({ device }) => conflictsWith([], device, index)).filter((id) => id !== undefined)).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test("conflictsWith(): rooms are named before zones, and zones before floors", () => {
  const domains = domainsOf(placed(2, { room: "a", zone: "north", floor: "1" }), rules());
  const without = (gone: string[]): FailureDomain[] => domains.filter(({ kind }) => !gone.includes(kind));
  const named = [[], ["room"], ["room", "zone"]].map((gone) => conflictsWith([deviceOf(0)], deviceOf(1), indexOf(without(gone))));
  expect(named).toEqual(["room:a", "zone:north", "floor:1"]);
});

test("conflictsWith(): I2 never two of one room, even where a plan asks for fewer to stay up", () => {
  const lax: FailureDomain = { id: "room:a", kind: "room", members: [deviceOf(0), deviceOf(1), deviceOf(2)], minUp: 0 };
  expect(conflictsWith([deviceOf(0)], deviceOf(1), indexOf([lax]))).toBe("room:a");
});

test("conflictsWith(): a device that is at risk already does not stand in its own way", () => {
  const index = siteOf(placed(3, { room: "a" }));
  expect(conflictsWith([deviceOf(0), deviceOf(0)], deviceOf(0), index)).toBeUndefined();
});

test("conflictsWith(): a device of no domain, or one that waits for devices of others, is free", () => {
  const index = siteOf([...placed(2, { room: "a" }), ...placed(2, { room: "b" }, 2)]);
  expect(conflictsWith([deviceOf(2)], deviceOf(0), index)).toBeUndefined();
  expect(conflictsWith([deviceOf(0)], deviceOf(9), index)).toBeUndefined();
});

test("conflictsWith(): a device counted twice at risk counts once", () => {
  const index = siteOf(placed(4, { floor: "1" }));
  expect(conflictsWith([deviceOf(1), deviceOf(1)], deviceOf(0), index)).toBeUndefined();
  expect(conflictsWith([deviceOf(1), deviceOf(2)], deviceOf(0), index)).toBe("floor:1");
});

const devices = (...numbers: readonly number[]): DeviceId[] => numbers.map(deviceOf);
const group = (kind: SiteGroup["kind"], numbers: readonly number[], changes: Partial<SiteGroup> = {}): SiteGroup => ({
  ...{ kind, name: "x", members: devices(...numbers) },
  ...changes,
});
const dutiful = (count: number): Candidate[] => placed(count, {}).map((one) => ({ ...one, place: { duties: ["reception"] } }));

test.each([
  [1, 0],
  [2, 1],
  [3, 2],
  [4, 2],
  [7, 5],
])("domainsOf(): a reception of %i keeps %i: two away at most, and never more than half", (count, minUp) => {
  expect(domainsOf(dutiful(count), rules())).toEqual([
    { id: "reception", kind: "reception", members: devices(...Array(count).keys()), minUp },
  ]);
});

test.each<[string, SiteGroup["kind"], Partial<SiteGroup>, number]>([
  ["a hunt group keeps half", "huntGroup", {}, 3],
  ["a hunt group keeps what is stated", "huntGroup", { minUp: 1 }, 1],
  ["a group keeps what is stated", "group", { minUp: 4 }, 4],
  ["a port keeps all but one: its devices may hang on one another", "port", {}, 4],
  ["a switch that is a device limits nothing but its own absence", "switch", { parent: deviceOf(9) }, 0],
])("domainsOf(): %s", (_, kind, changes, minUp) => {
  const found = domainsOf(placed(5, {}), rules(), [group(kind, [0, 1, 2, 3, 4], changes)]);
  expect(found).toMatchObject([{ id: `${kind}:x`, kind, minUp }]);
});

test("domainsOf(): only devices of the site count in a group, network gear never, and an empty one is none", () => {
  const gear = candidate(7, { family: "switch" });
  const found = domainsOf([...placed(2, {}), gear], rules(), [group("huntGroup", [0, 7, 42]), group("port", [42, 43])]);
  expect(found).toEqual([{ id: "huntGroup:x", kind: "huntGroup", members: devices(0), minUp: 0 }]);
});

test("domainsOf(): a switch and a subnet are domains where a budget or a device makes them one", () => {
  const all = placed(6, {}).map((one) => ({ ...one, subnet: "10.20.3.0/24" }));
  const below = [group("switch", [0, 1, 2, 3])];
  expect(domainsOf(all, rules(), below)).toEqual([]);
  expect(domainsOf(all, rules({ switchAtRiskMax: 1, subnetAtRiskMax: 2 }), below)).toMatchObject([
    { id: "subnet:10.20.3.0/24", minUp: 4 },
    { id: "switch:x", minUp: 3 },
  ]);
  expect(domainsOf(all, rules({ switchAtRiskMax: 9 }), below)).toMatchObject([{ id: "switch:x", minUp: 0 }]);
});

test("conflictsWith(): I7 no more at once below one switch or in one subnet than its budget says", () => {
  const all = placed(5, {}).map((one) => ({ ...one, subnet: "s" }));
  const index = siteOf(all, [group("switch", [0, 1])], { switchAtRiskMax: 1, subnetAtRiskMax: 2 });
  expect(conflictsWith(devices(0), deviceOf(1), index)).toBe("switch:x");
  expect(conflictsWith(devices(0), deviceOf(2), index)).toBeUndefined();
  expect(conflictsWith(devices(0, 2), deviceOf(3), index)).toBe("subnet:s");
});

test("conflictsWith(): a parent never together with what hangs on it, either way round", () => {
  const index = siteOf(placed(4, {}), [group("switch", [0, 1], { parent: deviceOf(3) })]);
  expect(conflictsWith(devices(0), deviceOf(3), index)).toBe("switch:x");
  expect(conflictsWith(devices(3), deviceOf(1), index)).toBe("switch:x");
  expect(conflictsWith(devices(3), deviceOf(2), index)).toBeUndefined();
  expect(conflictsWith(devices(0), deviceOf(1), index)).toBeUndefined();
});

test("conflictsWith(): a parent coupled with what hangs on it goes with it, and with nobody else's", () => {
  const groups = [group("switch", [0, 1], { parent: deviceOf(3) }), group("coupled", [0, 3])];
  const index = siteOf(placed(4, {}), groups);
  expect(conflictsWith([], deviceOf(3), index)).toBeUndefined();
  expect(conflictsWith(devices(0), deviceOf(3), index)).toBeUndefined();
  expect(conflictsWith(devices(1), deviceOf(3), index)).toBe("switch:x");
  expect(conflictsWith(devices(1), deviceOf(0), index)).toBe("switch:x");
});

test("conflictsWith(): I2 a coupled set goes as one, and no other device of the room with it", () => {
  const all = placed(3, { room: "a" });
  const index = siteOf(all, [group("coupled", [0, 1])]);
  expect(index.unitOf(deviceOf(1))).toEqual(devices(0, 1));
  expect(index.of(deviceOf(0))[0]?.domain.minUp).toBe(1);
  expect(conflictsWith([], deviceOf(0), index)).toBeUndefined();
  expect(conflictsWith(devices(1), deviceOf(0), index)).toBeUndefined();
  expect(conflictsWith(devices(0), deviceOf(2), index)).toBe("room:a");
  expect(conflictsWith(devices(2), deviceOf(0), index)).toBe("room:a");
});

test("conflictsWith(): what goes along counts where it stands, in other domains than the device's own too", () => {
  const all = [...placed(1, { room: "a" }), ...placed(4, { zone: "north" }, 1)];
  const index = siteOf(all, [group("coupled", [0, 1])], { zoneKeeps: 3 });
  expect(conflictsWith(devices(2), deviceOf(0), index)).toBe("zone:north");
});

test("neverLets(): a group that keeps all of its members up is named for each of them, and for what is coupled with one", () => {
  const index = siteOf(placed(5, {}), [group("group", [0, 1], { minUp: 2 }), group("coupled", [1, 2])]);
  expect(devices(0, 1, 2, 3).map((device) => neverLets(device, index)?.id)).toEqual(["group:x", "group:x", "group:x", undefined]);
});

test("indexDomains(): how many of a domain may be away, and how many of them one unit takes, wherever its members stand", () => {
  const all = [...placed(6, { room: "a", floor: "1" }), ...placed(2, { floor: "2" }, 6)];
  const index = siteOf(all, [group("coupled", [0, 1, 6])]);
  const told = (number: number) => index.takesOf(deviceOf(number)).map(({ domain, mayBeAway, takes }) => [domain.id, mayBeAway, takes]);
  expect(told(0)).toEqual([
    ["room:a", 1, 1],
    ["floor:1", 3, 2],
    ["floor:2", 1, 1],
  ]);
  expect(told(6)).toEqual(told(0));
  expect(told(2)).toEqual([
    ["room:a", 1, 1],
    ["floor:1", 3, 1],
  ]);
});

const groupKinds = fc.constantFrom("huntGroup", "port", "switch", "coupled", "group");
const someGroups = fc
  .array(fc.tuple(groupKinds, fc.uniqueArray(fc.nat(23), { minLength: 2, maxLength: 5 }), fc.option(fc.nat(23))), { maxLength: 6 })
  .map((all) =>
    all.map(([kind, members, parent], at) =>
      group(kind, members, { name: `g${at}`, ...(kind === "switch" && parent !== null ? { parent: deviceOf(parent + 100) } : {}) }),
    ),
  );

test("conflictsWith(): with groups and coupled sets too, every domain keeps what it keeps, whatever goes down and comes back", () => {
  const walk = fc.array(fc.record({ pick: fc.nat(23), back: fc.boolean() }), { maxLength: 60 });
  fc.assert(
    fc.property(site, someGroups, walk, (all, groups, steps) => {
      const units = unitsOf(all, groups);
      const domains = domainsOf(all, rules({ switchAtRiskMax: 2 }), groups, units);
      const index = indexOf(domains, units);
      const down = new Set<DeviceId>();
      for (const { pick, back } of steps) {
        const device = all[pick % Math.max(1, all.length)]?.device;
        if (device === undefined) return;
        if (back) down.delete(device);
        else if (conflictsWith([...down], device, index) === undefined) down.add(device);
        const away = new Set([...down].flatMap((one) => index.unitOf(one)));
        for (const { kind, members, minUp } of domains) {
          expect(members.filter((member) => !away.has(member)).length).toBeGreaterThanOrEqual(minUp);
          const unitsAway = new Set(members.filter((member) => away.has(member)).map((member) => index.unitOf(member)[0]));
          if (kind === "room" || kind === "port") expect(unitsAway.size).toBeLessThanOrEqual(1);
        }
      }
    }),
    { numRuns: 300 },
  );
});
