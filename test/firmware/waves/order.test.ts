import fc from "fast-check";
import { expect, test } from "vitest";
import { type Ordered, orderForWaves, type Ready, shapeWaves } from "../../../firmware/waves/order.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { Candidate, Duty, PlannedTask } from "../../../firmware/waves/shape.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { candidate, MODELS, PARTS, planInput } from "./builders.ts";

const TASK = makePlan(planInput([candidate(0)])).tasks[0] as PlannedTask;

type Changes = { room?: string; floor?: string; duties?: readonly Duty[]; model?: (typeof MODELS)[number]; away?: boolean };

function ready(number: number, { room, floor, duties = [], model = "VVX 450", away = false }: Changes = {}, roomSize?: number): Ready {
  const place = { ...(room === undefined ? {} : { room }), ...(floor === undefined ? {} : { floor }), duties };
  const one: Candidate = candidate(number, { model, partNumber: PARTS[model], place, availability: away ? "suspect" : "online" });
  const task = { ...TASK, device: one.device, name: one.name, model, partNumber: PARTS[model] };
  return { task, candidate: one, ...(roomSize === undefined ? {} : { roomSize }) };
}
const order = (all: readonly Ready[], canaryCount = 1, seed = 7): Ordered => orderForWaves(all, canaryCount, seededRandom(seed));
const flat = ({ canary, first, rest, last }: Ordered): Ready[] => [...canary, ...first, ...rest, ...last];
const many = (count: number, changes: (i: number) => Changes = () => ({})): Ready[] =>
  Array.from({ length: count }, (_, i) => ready(i, changes(i)));
const isDutiful = ({ candidate: { place } }: Ready): boolean => place.duties.length > 0;
const sizesOf = (all: readonly Ready[], canaryCount = 1): number[] => shapeWaves(order(all, canaryCount)).map((wave) => wave.length);

const changes: fc.Arbitrary<Changes> = fc.record(
  {
    room: fc.constantFrom("", "a", "b", "c", "d"),
    floor: fc.constantFrom("1", "2"),
    duties: fc.subarray<Duty>(["vip", "reception", "emergency"]),
    model: fc.constantFrom(...MODELS),
    away: fc.boolean(),
  },
  { requiredKeys: [] },
);
const site = fc.array(changes, { maxLength: 60 }).map((all) => all.map((one, number) => ready(number, one)));

test("orderForWaves(): every device is in just one stage", () => {
  fc.assert(
    fc.property(site, fc.integer({ min: 1, max: 8 }), fc.integer(), (all, canaryCount, seed) => {
      const ordered = flat(order(all, canaryCount, seed));
      expect(ordered).toHaveLength(all.length);
      expect(new Set(ordered)).toEqual(new Set(all));
    }),
    { numRuns: 80 },
  );
});

test("shapeWaves(): every device is in just one wave, in the order of the stages, and no wave is empty", () => {
  fc.assert(
    fc.property(site, fc.integer({ min: 1, max: 8 }), (all, canaryCount) => {
      const ordered = order(all, canaryCount);
      const waves = shapeWaves(ordered);
      expect(waves.flat()).toEqual(flat(ordered));
      expect(waves.every((wave) => wave.length > 0)).toBe(true);
    }),
    { numRuns: 80 },
  );
});

test("shapeWaves(): devices with a duty are in waves of their own after all others, unless every device has one", () => {
  fc.assert(
    fc.property(site, (all) => {
      if (all.every(isDutiful)) return;
      const kinds = shapeWaves(order(all)).map((wave) => new Set(wave.map(isDutiful)));
      expect(kinds.every((kind) => kind.size === 1)).toBe(true);
      const firstDutiful = kinds.findIndex((kind) => kind.has(true));
      if (firstDutiful >= 0) expect(kinds.slice(firstDutiful).every((kind) => kind.has(true))).toBe(true);
    }),
    { numRuns: 80 },
  );
});

test.each([
  [1, [1]],
  [2, [1, 1]],
  [5, [1, 3, 1]],
  [26, [1, 5, 15, 5]],
  [100, [1, 5, 15, 45, 34]],
])("shapeWaves(): %i devices go in waves of %j", (count, sizes) => {
  expect(sizesOf(many(count))).toEqual(sizes);
});

test("shapeWaves(): a wave that was not full does not make the next one larger", () => {
  const all = many(500, (i) => (i < 67 ? {} : { duties: ["emergency"] }));
  expect(sizesOf(all)).toEqual([1, 5, 15, 45, 1, 135, 298]);
});

test("shapeWaves(): after one ordinary device the devices with a duty begin with √n, at most five", () => {
  expect(sizesOf(many(30, (i) => (i === 0 ? {} : { duties: ["vip"] })))).toEqual([1, 5, 15, 9]);
});

test("shapeWaves(): where every device has a duty, one of them still goes first", () => {
  expect(sizesOf(many(26, () => ({ duties: ["vip"] })))).toEqual([1, 5, 15, 5]);
});

test("shapeWaves(): from the third on, no wave is more than three times the largest before it", () => {
  fc.assert(
    fc.property(fc.nat(300), fc.nat(300), fc.integer({ min: 1, max: 50 }), (ordinary, dutiful, canaryCount) => {
      const all = many(ordinary + dutiful, (i) => (i < ordinary ? {} : { duties: ["vip"] }));
      const sizes = sizesOf(all, canaryCount);
      for (let at = 2; at < sizes.length; at++) expect(sizes[at]).toBeLessThanOrEqual(3 * Math.max(...sizes.slice(0, at)));
      expect(sizes[1] ?? 0).toBeLessThanOrEqual(5);
    }),
    { numRuns: 15 },
  );
});

test("orderForWaves(): as many canaries as asked for, and fewer where fewer have no duty", () => {
  expect(order(many(10), 3).canary).toHaveLength(3);
  expect(order([...many(2), ready(8, { duties: ["vip"] })], 3).canary.some(isDutiful)).toBe(false);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])("orderForWaves(): the canary is online, whatever the chance (seed %i)", (seed) => {
  const all = many(12, (i) => ({ away: i !== 5 }));
  expect(order(all, 1, seed).canary).toEqual([all[5]]);
});

test.each([1, 2, 3, 4])("orderForWaves(): the canary is one with a room for itself, then one of no known room (seed %i)", (seed) => {
  const shared = [1, 2, 3, 4].map((number) => ready(number, { room: "a" }, 4));
  const [alone, homeless] = [ready(5, { room: "b" }, 1), ready(6)];
  expect(order([...shared, homeless, alone], 1, seed).canary).toEqual([alone]);
  expect(order([...shared, homeless], 1, seed).canary).toEqual([homeless]);
});

test.each([1, 2, 3, 4])("orderForWaves(): the canary is of the model most devices have (seed %i)", (seed) => {
  const all = many(9, (i) => ({ model: i < 3 ? "VVX 250" : "VVX 450" }));
  expect(order(all, 1, seed).canary[0]?.task.model).toBe("VVX 450");
});

test.each([1, 2, 3, 4])("orderForWaves(): two canaries are not of one room while there is another (seed %i)", (seed) => {
  const all = [1, 2, 3].map((number) => ready(number, { room: number < 3 ? "a" : "b" }, number < 3 ? 2 : 1));
  expect(new Set(order(all, 2, seed).canary.map((one) => one.candidate.place.room)).size).toBe(2);
});

test.each([1, 2, 3, 4])("orderForWaves(): canaries whose room is given as empty are not taken for neighbours (seed %i)", (seed) => {
  const all = [ready(1, { room: "" }, 1), ready(2, { room: "" }, 1), ready(3, { room: "a" }, 3)];
  expect(order(all, 2, seed).canary.map((one) => one.candidate.place.room)).toEqual(["", ""]);
});

test.each([1, 2, 3, 4])("orderForWaves(): the second wave shares no room, and mixes hardware and floors (seed %i)", (seed) => {
  const all = many(40, (i) => ({
    room: `r${i % 20}`,
    floor: `${i % 4}`,
    model: i % 10 === 0 ? "VVX 250" : "VVX 450",
  }));
  const places = order(all, 1, seed).first;
  expect(new Set(places.map((one) => one.candidate.place.room)).size).toBe(5);
  expect(new Set(places.map((one) => one.task.partNumber)).size).toBe(2);
  expect(new Set(places.map((one) => one.candidate.place.floor)).size).toBe(4);
});

test("orderForWaves(): devices of one room are as far apart as there are rooms, but for those picked before", () => {
  const rooms = fc.integer({ min: 8, max: 16 });
  fc.assert(
    fc.property(rooms, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), fc.integer(), (count, members, floors, seed) => {
      const all = many(count * members, (i) => ({ room: `r${i % count}`, floor: `${(i % count) % floors}` }));
      const { canary, first, rest } = order(all, 1, seed);
      const lastAt = new Map<string | undefined, number>();
      for (const [at, one] of rest.entries()) {
        const { room } = one.candidate.place;
        const apart = at - (lastAt.get(room) ?? Number.NEGATIVE_INFINITY);
        expect(apart).toBeGreaterThanOrEqual(count - canary.length - first.length);
        lastAt.set(room, at);
      }
    }),
    { numRuns: 60 },
  );
});

test("orderForWaves(): the same seed gives the same order, and another seed another", () => {
  const all = many(30);
  expect(order(all)).toEqual(order(all));
  expect(flat(order(all, 1, 8))).not.toEqual(flat(order(all, 1, 7)));
});

test("orderForWaves(): no device at all gives no stage and no wave", () => {
  expect(order([])).toEqual({ canary: [], first: [], rest: [], last: [] });
  expect(shapeWaves(order([]))).toEqual([]);
});
