import fc from "fast-check";
import { expect, test } from "vitest";
import { admit, type Ceilings, ceilingsOf, changed, createLoads, type Lane, type Load, subnetOf } from "../../../agent/health/lanes.ts";

const NOTHING: Load = { all: 0, silent: 0 };

interface One {
  readonly name: number;
  readonly lane: Lane;
  readonly subnet: string;
}

const fleet = fc.array(fc.record({ lane: fc.constantFrom<Lane>("prompt", "silent"), subnet: fc.constantFrom("a", "b", "c") }), {
  maxLength: 80,
});
const ceilings = fc.integer({ min: 1, max: 40 }).map(ceilingsOf);

/** The load of what is under way. */
function loadsOf(running: readonly One[]): { overall: Load; bySubnet: Map<string, Load> } {
  const bySubnet = new Map<string, Load>();
  let overall = NOTHING;
  for (const { lane, subnet } of running) {
    overall = changed(overall, lane, 1);
    bySubnet.set(subnet, changed(bySubnet.get(subnet), lane, 1));
  }
  return { overall, bySubnet };
}

function isWithin(running: readonly One[], most: Ceilings): boolean {
  const { overall, bySubnet } = loadsOf(running);
  const subnets = [...bySubnet.values()];
  return (
    overall.all <= most.overall &&
    overall.silent <= most.silent &&
    subnets.every(({ all, silent }) => all <= most.perSubnet && silent <= most.silentPerSubnet)
  );
}

test("admit(): never above a ceiling, nobody lost, everyone in order, and nobody waits who would fit", () => {
  fc.assert(
    fc.property(fleet, fleet, ceilings, (before, due, most) => {
      const named = due.map((one, name) => ({ ...one, name }));
      const running = admit(
        before.map((one, name) => ({ ...one, name })),
        loadsOf([]),
        most,
      ).now;
      const { now, later } = admit(named, loadsOf(running), most);
      expect(isWithin([...running, ...now], most)).toBe(true);
      expect([...now, ...later].map(({ name }) => name).sort((a, b) => a - b)).toEqual(named.map(({ name }) => name));
      for (const part of [now, later]) expect(part.map(({ name }) => name)).toEqual(part.map(({ name }) => name).sort((a, b) => a - b));
      for (const one of later) expect(isWithin([...running, ...now, one], most)).toBe(false);
    }),
  );
});

test("admit(): nobody starves: while asks end, everyone who is due has a turn, though others keep coming", () => {
  fc.assert(
    fc.property(
      fleet,
      ceilings,
      fc.infiniteStream(fc.record({ lane: fc.constantFrom<Lane>("prompt", "silent"), subnet: fc.constantFrom("a", "b", "c") })),
      (due, most, more) => {
        let waiting: readonly One[] = due.map((one, name) => ({ ...one, name }));
        let running: readonly One[] = [];
        const asked = new Set<number>();
        // In each turn all asks end; three new ones come.
        for (let turn = 0; turn < due.length && asked.size < due.length; turn++) {
          const { now, later } = admit(waiting, loadsOf([]), most);
          for (const { name } of now) if (name < due.length) asked.add(name);
          running = now;
          const [a, b, c] = [more.next().value, more.next().value, more.next().value];
          waiting = [...later, ...[a, b, c].map((one, i) => ({ ...one, name: 1_000 + turn * 3 + i }))];
        }
        expect(running.length).toBeLessThanOrEqual(most.overall);
        expect(asked.size).toBe(due.length);
      },
    ),
  );
});

test("admit(): however many silent devices wait, one that answers has a place while places are left for it", () => {
  const most = ceilingsOf(8);
  const silent = Array.from({ length: 1_000 }, (_, i): One => ({ name: i, lane: "silent", subnet: `s${i}` }));
  const first = admit(silent, loadsOf([]), most);
  expect(first.now).toHaveLength(2);
  const { now } = admit([...first.later, { name: 7_000, lane: "prompt" as const, subnet: "s1" }], loadsOf(first.now), most);
  expect(now.map(({ name }) => name)).toEqual([7_000]);
});

test("admit(): a full subnet holds back its own only", () => {
  const most = ceilingsOf(100);
  const one = (name: number, subnet: string): One => ({ name, lane: "prompt", subnet });
  const crowd = Array.from({ length: 60 }, (_, i) => one(i, "crowded"));
  const { now } = admit([...crowd, one(99, "other")], loadsOf([]), most);
  expect(now).toHaveLength(most.perSubnet + 1);
  expect(now.at(-1)?.name).toBe(99);
});

test("ceilingsOf(): a quarter of the places is for the silent, never none", () => {
  expect(ceilingsOf(128)).toEqual({ overall: 128, silent: 32, perSubnet: 24, silentPerSubnet: 8 });
  expect(ceilingsOf(1)).toEqual({ overall: 1, silent: 1, perSubnet: 1, silentPerSubnet: 1 });
});

test("subnetOf(): 256 addresses of IPv4, 64 bits of IPv6, and one name for those without an address", () => {
  expect(["10.2.3.4", "10.2.3.200", "10.2.4.4"].map(subnetOf)).toEqual(["10.2.3", "10.2.3", "10.2.4"]);
  expect(subnetOf("2001:db8:0:1::5")).toBe(subnetOf("2001:db8::1:0:0:0:99"));
  expect(subnetOf("2001:db8:0:1::5")).not.toBe(subnetOf("2001:db8:0:2::5"));
  expect(subnetOf("fe80::1%eth0")).toBe(subnetOf("fe80::2%eth0"));
  expect([subnetOf(undefined), subnetOf("")]).toEqual(["none", "none"]);
});

test("createLoads(): what began and ended leaves nothing, and what is under way is what a count of it says", () => {
  fc.assert(
    fc.property(fleet, fc.nat(), (all, cut) => {
      const loads = createLoads();
      for (const { lane, subnet } of all) loads.change(lane, subnet, 1);
      const at = all.length === 0 ? 0 : cut % all.length;
      for (const { lane, subnet } of all.slice(0, at)) loads.change(lane, subnet, -1);
      const left = loadsOf(all.slice(at).map((one, name) => ({ ...one, name })));
      expect(loads.overall).toEqual(left.overall);
      expect(new Map(loads.bySubnet)).toEqual(left.bySubnet);
    }),
  );
});
