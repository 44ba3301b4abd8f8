import fc from "fast-check";
import { expect, test } from "vitest";
import { type Company, companyHolds, type DownDevice, NO_COMPANY } from "../../../firmware/waves/company.ts";
import { indexDomains } from "../../../firmware/waves/domains.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { Candidate, DomainKind } from "../../../firmware/waves/shape.ts";
import type { DeviceId, TaskId } from "../../../protocols/core/ids.ts";
import { isoOf, MINUTE } from "../../../protocols/core/time.ts";
import { candidate, deviceOf, NOW, planInput, policy } from "./builders.ts";

type Place = Candidate["place"];

/** So many phones with the same place, and what speaks against the first of them. */
function site(count: number, place: Partial<Place>, more: Parameters<typeof planInput>[1] = {}) {
  const plan = makePlan(
    planInput(
      Array.from({ length: count }, (_, at) => candidate(at + 1, { place: { duties: [], ...place } })),
      more,
    ),
  );
  const domains = indexDomains(plan);
  return (company: Partial<Company>, atRisk: readonly DeviceId[] = [], number = 1) => {
    const device = deviceOf(number);
    const id = plan.tasks.find((task) => task.device === device)?.id ?? (`c-0/${device}` as TaskId);
    return companyHolds({
      planned: { id, device },
      policy: policy({ atRiskMax: 9 }),
      domains,
      atRisk,
      company: { ...NO_COMPANY, ...company },
    });
  };
}
const down = (...numbers: readonly number[]): DownDevice[] =>
  numbers.map((number) => ({ device: deviceOf(number), sinceMs: NOW - number * MINUTE }));
const OTHER = "c-zzzz0000/d-x" as TaskId;
const slot = (number: number, ...domains: readonly string[]) => ({ device: deviceOf(number), task: OTHER, domains });

test("companyHolds(): nobody else, no reason", () => expect(site(2, { room: "Matterhorn" })({})).toEqual([]));

test("companyHolds(): I2 a phone that was put up in the room after this plan, and is in the hands of another campaign, holds the room", () => {
  const holds = site(2, { room: "Matterhorn" });
  expect(holds({ slots: [slot(9, "room:Matterhorn")] }, [deviceOf(9)])).toMatchObject([
    { code: "domain", why: "room:Matterhorn must keep its others up" },
  ]);
  expect(holds({ slots: [slot(9, "room:Eiger", "floor:1")] }, [deviceOf(9)])).toEqual([]);
  // Counts of a plan's own members are not met by one that is none of them.
  expect(site(4, { floor: "1" })({ slots: [slot(9, "floor:1")] }, [deviceOf(9)])).toEqual([]);
});

test("companyHolds(): a device between two attempts of another campaign is that one's; its own task is no other", () => {
  const holds = site(2, {});
  expect(holds({ begun: [{ device: deviceOf(1), task: OTHER }] })).toMatchObject([
    { code: "domain", endedBy: expect.stringContaining("that campaign") },
  ]);
  expect(holds({ begun: [{ device: deviceOf(2), task: OTHER }] })).toEqual([]);
});

test("companyHolds(): I3 what is down by itself counts as down, and the hold says how many, since when, and who ends it", () => {
  const holds = site(4, { zone: "Stairwell" }, { policy: policy({ zoneKeeps: 3 }) });
  expect(holds({})).toEqual([]);
  expect(holds({ down: down(4) })).toEqual([
    {
      code: "down",
      why: `2 of 4 in zone:Stairwell would be up, and 3 must be: 1 is down by itself since ${isoOf(NOW - 4 * MINUTE)}`,
      endedBy: "what is down there being back, or a person who skips the device, or plans anew once what is down is retired",
    },
  ]);
  expect(holds({ down: down(2, 3) })).toMatchObject([
    { why: expect.stringContaining(`2 are down by themselves, the first since ${isoOf(NOW - 3 * MINUTE)}`) },
  ]);
});

test("companyHolds(): who is down itself takes nothing from its domain, nor does one that we took down, twice", () => {
  const holds = site(4, { zone: "Stairwell" }, { policy: policy({ zoneKeeps: 2 }) });
  expect(holds({ down: down(1) })).toEqual([]);
  expect(holds({ down: down(2) }, [deviceOf(2)])).toEqual([]);
  expect(holds({ down: down(3) }, [deviceOf(2)])).toHaveLength(1);
});

test("companyHolds(): a room goes on one by one while one of its others is up, and no further", () => {
  expect(site(3, { room: "Matterhorn" })({ down: down(2) })).toEqual([]);
  expect(site(3, { room: "Matterhorn" })({ down: down(2, 3) })).toHaveLength(1);
  // One that stands alone takes nobody's place.
  expect(site(1, { room: "Matterhorn" })({ down: down(1) })).toEqual([]);
});

test("companyHolds(): what an update may take down of a subnet or a switch is not used up by dead devices", () => {
  const phones = [1, 2, 3].map((number) => candidate(number, { subnet: "10.0.0.0/24" }));
  const plan = makePlan(planInput(phones, { policy: policy({ subnetAtRiskMax: 1 }) }));
  const input = { policy: policy(), domains: indexDomains(plan), atRisk: [] };
  const planned = plan.tasks[0] ?? { id: OTHER, device: deviceOf(1) };
  expect(plan.domains.map(({ kind }) => kind)).toContain("subnet" satisfies DomainKind);
  expect(companyHolds({ ...input, planned, company: { ...NO_COMPANY, down: down(1, 2, 3) } })).toEqual([]);
});

test("companyHolds(): I1 no zone, floor or group that is let go has fewer up than it must, whatever is down", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 6 }),
      fc.uniqueArray(fc.integer({ min: 1, max: 6 })),
      fc.uniqueArray(fc.integer({ min: 2, max: 6 })),
      (count, keeps, dead, ours) => {
        const plan = makePlan(
          planInput(
            Array.from({ length: count }, (_, at) => candidate(at + 1, { place: { duties: [], zone: "Z", floor: "1" } })),
            { policy: policy({ zones: [{ name: "Z", keeps }] }) },
          ),
        );
        const here = (all: readonly number[]) => all.filter((number) => number <= count);
        const atRisk = here(ours).map(deviceOf);
        const company = { ...NO_COMPANY, down: down(...here(dead)) };
        const planned = { id: OTHER, device: deviceOf(1) };
        const holds = companyHolds({ planned, policy: policy({ atRiskMax: 9 }), domains: indexDomains(plan), atRisk, company });
        if (holds.length > 0) return;
        const away = new Set([1, ...here(dead), ...here(ours)]);
        for (const { kind, members, minUp } of plan.domains)
          if (kind === "zone" || kind === "floor") {
            const up = members.length - away.size;
            // Where all that is missing is the device itself, it was let go by the plan.
            expect(up >= minUp || (away.size === 1 && members.length === 1)).toBe(true);
          }
      },
    ),
  );
});
