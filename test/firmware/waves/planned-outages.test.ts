/** Domains that may be down further than their rule allows, because who approves the plan says so. */
import { expect, test } from "vitest";
import { conflictsWith, type DomainIndex, domainsOf, indexDomains } from "../../../firmware/waves/domains.ts";
import { outagesIn, strayOutage } from "../../../firmware/waves/outages.ts";
import type { Candidate } from "../../../firmware/waves/shape.ts";
import { candidate, deviceOf, policy } from "./builders.ts";

const MEMBERS = [0, 1, 2, 3, 4].map(deviceOf);
const DESK = { kind: "group", name: "x", members: MEMBERS, minUp: 4 } as const;
const placed = (count: number, place: Omit<Candidate["place"], "duties">): Candidate[] =>
  Array.from({ length: count }, (_, number) => candidate(number, { place: { ...place, duties: [] } }));
const floorDown = (candidates: readonly Candidate[]): DomainIndex =>
  indexDomains({ domains: domainsOf(candidates, policy({ plannedOutages: [{ domain: "floor:3" }] })), units: [] });

test.each<[string, string, number, number, number | undefined]>([
  ["a group is down as a whole", "group:x", 0, 0, 4],
  ["a group keeps what the outage says", "group:x", 3, 3, 4],
  ["an outage that keeps more than the rule changes nothing", "group:x", 5, 4, undefined],
  ["an outage of another group changes nothing", "group:y", 0, 4, undefined],
])("domainsOf(): I1 in a planned outage %s", (_, domain, keeps, minUp, usualMinUp) => {
  const domains = domainsOf(placed(5, {}), policy({ plannedOutages: [{ domain, keeps }] }), [DESK]);
  expect(domains).toMatchObject([{ id: "group:x", minUp }]);
  expect(domains[0]?.usualMinUp).toBe(usualMinUp);
  expect(outagesIn({ domains })).toEqual(usualMinUp === undefined ? [] : [{ domain, devices: 5, keeps, usually: 4 }]);
});

test("conflictsWith(): in a planned outage all of a floor may go at once", () => {
  expect(conflictsWith([0, 1, 2].map(deviceOf), deviceOf(3), floorDown(placed(4, { floor: "3" })))).toBeUndefined();
});

test("conflictsWith(): I2 its rooms still go one by one", () => {
  expect(conflictsWith([deviceOf(0)], deviceOf(1), floorDown(placed(4, { floor: "3", room: "Matterhorn" })))).toBe("room:Matterhorn");
});

test.each(["room:Matterhorn", "zone:north", "port:1", "switch:x", "subnet:10.0.0.0/24", "floor:", "Desk"])(
  "policy: I2, I3 there is no planned outage of %s",
  (domain) => {
    expect(() => policy({ plannedOutages: [{ domain }] })).toThrow(/expected .*floor:NAME/);
  },
);

test("strayOutage(): names what the site has, the first ten of many, or that there is nothing", () => {
  const terms = policy({ plannedOutages: [{ domain: "floor:3" }] });
  const words = (count: number) =>
    strayOutage({ policy: terms, domains: Array.from({ length: count }, (_, at) => ({ ...FLOOR, id: `floor:${at + 10}` })) });
  expect(words(0)).toMatch(/no "floor:3".*it has no floors, groups or reception$/);
  expect(words(2)).toMatch(/it has floor:10, floor:11$/);
  expect(words(12)).toMatch(/floor:19, and 2 more$/);
});
const FLOOR = { kind: "floor", members: MEMBERS, minUp: 2 } as const;
