import fc from "fast-check";
import { expect, test } from "vitest";
import { conflictsWith, domainsOf, indexDomains } from "../../../firmware/waves/domains.ts";
import type { Candidate, FailureDomain } from "../../../firmware/waves/shape.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { candidate, deviceOf } from "./builders.ts";

type Place = Omit<Candidate["place"], "duties">;

const placed = (count: number, place: Place, from = 0): Candidate[] =>
  Array.from({ length: count }, (_, i) => candidate(from + i, { place: { ...place, duties: [] } }));
const minUpOf = (candidates: readonly Candidate[], options?: Parameters<typeof domainsOf>[1]): number | undefined =>
  domainsOf(candidates, options)[0]?.minUp;
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
  ["as many as said for this zone", { zoneKeeps: 3, zoneKeepsByName: { north: 2 } }, 4, 2],
  ["as said for all where another zone is named", { zoneKeeps: 3, zoneKeepsByName: { south: 2 } }, 4, 3],
  ["all but one where it is too small", { zoneKeeps: 3 }, 2, 1],
  ["nobody where it has one device", { zoneKeeps: 3 }, 1, 0],
])("domainsOf(): I3 an emergency zone keeps %s", (_, options, members, minUp) => {
  expect(minUpOf(placed(members, { zone: "north" }), options)).toBe(minUp);
});

test("domainsOf(): a zone with the name of an object's own parts keeps what is said for all", () => {
  expect(minUpOf(placed(4, { zone: "constructor" }), { zoneKeeps: 2, zoneKeepsByName: {} })).toBe(2);
});

test("domainsOf(): a room and a floor of one name are two domains", () => {
  expect(ids(domainsOf(placed(2, { room: "3", floor: "3" })))).toEqual(["floor:3", "room:3"]);
});

test("domainsOf(): a place that is not known or empty makes no domain", () => {
  expect(domainsOf([...placed(2, {}), ...placed(2, { room: "", floor: "", zone: "" }, 2)])).toEqual([]);
});

test.each(["switch", "generic-snmp"] as const)("domainsOf(): network gear (%s) serves nobody in the room and is not counted", (family) => {
  const gear = candidate(9, { family, place: { room: "Matterhorn", duties: [] } });
  expect(domainsOf([...placed(2, { room: "Matterhorn" }), gear])).toMatchObject([{ members: [deviceOf(0), deviceOf(1)], minUp: 1 }]);
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
      expect(domainsOf(shuffled)).toEqual(domainsOf(all));
    }),
    { numRuns: 200 },
  );
});

test("conflictsWith(): I1, I2 and I3 hold whatever is taken down and comes back in whatever order, while it is asked each time", () => {
  const walk = fc.array(fc.record({ pick: fc.nat(23), back: fc.boolean() }), { maxLength: 60 });
  fc.assert(
    fc.property(site, fc.nat(3), walk, (all, zoneKeeps, steps) => {
      const domains = domainsOf(all, { zoneKeeps });
      const index = indexDomains(domains);
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
    fc.property(site, fc.nat(30), (all, zoneKeeps) => {
      const index = indexDomains(domainsOf(all, { zoneKeeps }));
      expect(all.map(({ device }) => conflictsWith([], device, index)).filter((id) => id !== undefined)).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

test("conflictsWith(): rooms are named before zones, and zones before floors", () => {
  const domains = domainsOf(placed(2, { room: "a", zone: "north", floor: "1" }));
  const without = (gone: string[]): FailureDomain[] => domains.filter(({ kind }) => !gone.includes(kind));
  const named = [[], ["room"], ["room", "zone"]].map((gone) => conflictsWith([deviceOf(0)], deviceOf(1), without(gone)));
  expect(named).toEqual(["room:a", "zone:north", "floor:1"]);
});

test("conflictsWith(): I2 never two of one room, even where a plan asks for fewer to stay up", () => {
  const lax: FailureDomain = { id: "room:a", kind: "room", members: [deviceOf(0), deviceOf(1), deviceOf(2)], minUp: 0 };
  expect(conflictsWith([deviceOf(0)], deviceOf(1), [lax])).toBe("room:a");
});

test("conflictsWith(): a device that is at risk already does not stand in its own way", () => {
  const domains = domainsOf(placed(3, { room: "a" }));
  expect(conflictsWith([deviceOf(0), deviceOf(0)], deviceOf(0), domains)).toBeUndefined();
});

test("conflictsWith(): a device of no domain, or one that waits for devices of others, is free", () => {
  const domains = domainsOf([...placed(2, { room: "a" }), ...placed(2, { room: "b" }, 2)]);
  expect(conflictsWith([deviceOf(2)], deviceOf(0), domains)).toBeUndefined();
  expect(conflictsWith([deviceOf(0)], deviceOf(9), domains)).toBeUndefined();
});

test("conflictsWith(): a device counted twice at risk counts once", () => {
  const domains = domainsOf(placed(4, { floor: "1" }));
  expect(conflictsWith([deviceOf(1), deviceOf(1)], deviceOf(0), domains)).toBeUndefined();
  expect(conflictsWith([deviceOf(1), deviceOf(2)], deviceOf(0), domains)).toBe("floor:1");
});
