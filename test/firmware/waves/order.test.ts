import fc from "fast-check";
import { expect, test } from "vitest";
import { type Ready, type ShapedWave, type ShapeRules, shapeWaves, stratumOf } from "../../../firmware/waves/order.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import { reversibilityOf } from "../../../firmware/waves/reversibility.ts";
import type { Candidate, Duty, Legs, PlannedTask } from "../../../firmware/waves/shape.ts";
import type { DeviceId } from "../../../protocols/core/ids.ts";
import { seededRandom } from "../../../protocols/core/random.ts";
import { candidate, deviceOf, MODELS, PARTS, planInput } from "./builders.ts";

const TASK = makePlan(planInput([candidate(0)])).tasks[0] as PlannedTask;
const ONE_WAY: Legs = [{ ...TASK.legs[0], edge: { ...TASK.legs[0].edge, reversibility: "one_way" } }];

interface Changes {
  readonly room?: string;
  readonly floor?: string;
  readonly ring?: string;
  readonly duties?: readonly Duty[];
  readonly model?: (typeof MODELS)[number];
  readonly away?: boolean;
  readonly oneWay?: boolean;
  readonly below?: readonly DeviceId[];
}

function ready(number: number, changes: Changes = {}, roomSize?: number): Ready {
  const { room, floor, ring, duties = [], model = "VVX 450", away = false, oneWay = false, below = [] } = changes;
  const where = {
    ...(room === undefined ? {} : { room }),
    ...(floor === undefined ? {} : { floor }),
    ...(ring === undefined ? {} : { ring }),
  };
  const one: Candidate = candidate(number, {
    ...{ model, partNumber: PARTS[model], place: { ...where, duties }, availability: away ? "suspect" : "online" },
  });
  const legs = oneWay ? ONE_WAY : TASK.legs;
  const task = { ...TASK, device: one.device, name: one.name, model, partNumber: PARTS[model], legs };
  return { task, candidate: one, also: [], below, ...(roomSize === undefined ? {} : { roomSize }) };
}

const RULES: ShapeRules = { canaryCount: 1, rings: [], spares: new Map(), fitting: (members) => members };
const shape = (all: readonly Ready[], rules: Partial<ShapeRules> = {}, seed = 7): ShapedWave[] =>
  shapeWaves(all, { ...RULES, ...rules }, seededRandom(seed));
const membersOf = (waves: readonly ShapedWave[]): (readonly Ready[])[] => waves.map(({ members }) => members);
const many = (count: number, changes: (i: number) => Changes = () => ({})): Ready[] =>
  Array.from({ length: count }, (_, i) => ready(i, changes(i)));
const isDutiful = ({ candidate: { place } }: Ready): boolean => place.duties.length > 0;
const sizesOf = (all: readonly Ready[], rules: Partial<ShapeRules> = {}): number[] =>
  shape(all, rules).map(({ members }) => members.length);
const waveOf = (waves: readonly ShapedWave[], number: number): number =>
  waves.findIndex(({ members }) => members.some(({ task }) => task.device === deviceOf(number)));

const changes: fc.Arbitrary<Changes> = fc.record(
  {
    room: fc.constantFrom("", "a", "b", "c", "d"),
    floor: fc.constantFrom("1", "2"),
    ring: fc.constantFrom("lab", "early", "elsewhere"),
    duties: fc.subarray<Duty>(["vip", "reception", "emergency"]),
    model: fc.constantFrom(...MODELS),
    away: fc.boolean(),
    oneWay: fc.boolean(),
  },
  { requiredKeys: [] },
);
const site = fc.array(changes, { maxLength: 60 }).map((all) => all.map((one, number) => ready(number, one)));
const someRules = fc.record({
  canaryCount: fc.integer({ min: 1, max: 8 }),
  rings: fc.constantFrom<readonly string[]>([], ["lab"], ["early", "lab"]),
  spares: fc.constantFrom<ShapeRules["spares"]>(new Map(), new Map([["VVX 450", 2]])),
  fitting: fc.constantFrom<ShapeRules["fitting"]>(
    (members) => members,
    (members) => members.slice(0, 3),
    (members) => members.slice(-1),
  ),
});

test("shapeWaves(): every device is in just one wave, and no wave is empty, whatever limits it", () => {
  fc.assert(
    fc.property(site, someRules, fc.integer(), (all, rules, seed) => {
      const waves = membersOf(shape(all, rules, seed));
      expect(waves.flat()).toHaveLength(all.length);
      expect(new Set(waves.flat())).toEqual(new Set(all));
      expect(waves.every((wave) => wave.length > 0)).toBe(true);
    }),
    { numRuns: 100 },
  );
});

test("shapeWaves(): rings go in their order, then who is in none of them, then devices with a duty, never two of them in one wave", () => {
  fc.assert(
    fc.property(site, someRules, (all, rules) => {
      const stage = (one: Ready): number => {
        const at = rules.rings.indexOf(one.candidate.place.ring ?? "");
        return isDutiful(one) ? 9 : at < 0 ? 8 : at;
      };
      const stages = membersOf(shape(all, rules)).map((wave) => new Set(wave.map(stage)));
      expect(stages.every(({ size }) => size === 1)).toBe(true);
      const order = stages.map(([only]) => only ?? 0);
      expect(order).toEqual(order.toSorted((a, b) => a - b));
    }),
    { numRuns: 100 },
  );
});

test.each([
  [1, [1]],
  [2, [1, 1]],
  [5, [1, 3, 1]],
  [26, [1, 5, 20]],
  [29, [1, 5, 23]],
  [100, [1, 5, 23, 69, 2]],
  [400, [1, 5, 23, 69, 207, 95]],
])(
  "shapeWaves(): %i devices of one model go in waves of %j: canary, √n, proof below ten in a hundred, then three times as many",
  (count, sizes) => {
    expect(sizesOf(many(count))).toEqual(sizes);
  },
);

test("shapeWaves(): each model has a canary of its own after the first, and grows by itself", () => {
  const waves = shape(many(60, (i) => ({ model: i < 20 ? "VVX 250" : "VVX 450" })));
  const counts = membersOf(waves).map((wave) => MODELS.map((model) => wave.filter(({ task }) => task.model === model).length));
  expect(counts).toEqual([
    [0, 1],
    [1, 5],
    [5, 23],
    [14, 11],
  ]);
  expect(waves.map(({ isCanary }) => isCanary)).toEqual([true, true, false, false]);
});

test("shapeWaves(): one model on two ways is two strata: the way is proven, not the model alone", () => {
  const all = [...many(10), ready(10, { oneWay: true }), ready(11, { oneWay: true })];
  expect(new Set(all.map(({ task }) => stratumOf(task))).size).toBe(1);
  const other = all.map((one, i) =>
    i < 10 ? one : { ...one, task: { ...one.task, legs: [{ ...TASK.legs[0], edge: { ...TASK.legs[0].edge, fromMin: "5.0.0" } }] as Legs } },
  );
  expect(shape(other).map(({ isCanary }) => isCanary)).toEqual([true, true, false]);
});

test("shapeWaves(): what has gone of a model and way only grows, and adds up to all of it", () => {
  fc.assert(
    fc.property(site, someRules, (all, rules) => {
      const gone = new Map<string, number>();
      for (const wave of shape(all, rules)) {
        for (const [key, count] of wave.gone) {
          const mine = wave.members.filter(({ task }) => stratumOf(task) === key).length;
          expect(count).toBe((gone.get(key) ?? 0) + mine);
          expect(mine).toBeGreaterThan(0);
          gone.set(key, count);
        }
      }
      expect([...gone.values()].reduce((sum, count) => sum + count, 0)).toBe(all.length);
    }),
    { numRuns: 80 },
  );
});

test("shapeWaves(): from the proof on, no wave of a model is more than three times its largest before", () => {
  fc.assert(
    fc.property(fc.nat(400), fc.nat(300), fc.integer({ min: 1, max: 50 }), (ordinary, dutiful, canaryCount) => {
      const all = many(ordinary + dutiful, (i) => (i < ordinary ? {} : { duties: ["vip"] }));
      const sizes = sizesOf(all, { canaryCount });
      for (let at = 3; at < sizes.length; at++) expect(sizes[at]).toBeLessThanOrEqual(Math.max(29, 3 * Math.max(...sizes.slice(0, at))));
      expect(sizes[1] ?? 0).toBeLessThanOrEqual(5);
    }),
    { numRuns: 15 },
  );
});

test("shapeWaves(): what limits a wave delays its devices to later ones, and it grows from what really went", () => {
  expect(sizesOf(many(60), { fitting: (members) => members.slice(0, 4) })).toEqual([1, ...Array(14).fill(4), 3]);
});

test("shapeWaves(): of steps that cannot be undone no wave has more than spares lie on the shelf, and others go on meanwhile", () => {
  const all = many(40, (i) => (i < 20 ? { oneWay: true } : { model: "VVX 250" }));
  const waves = membersOf(shape(all, { spares: new Map([["VVX 450", 3]]) }));
  expect(Math.max(...waves.map((wave) => wave.filter(({ task }) => reversibilityOf(task) === "one_way").length))).toBe(3);
  expect(waves.findLastIndex((wave) => wave.some(({ task }) => task.model === "VVX 250"))).toBeLessThan(waves.length - 1);
  expect(sizesOf(many(20), { spares: new Map([["VVX 450", 3]]) })).toEqual([1, 5, 14]);
});

test("shapeWaves(): a device others hang on goes in a wave after all of them, whatever its ring", () => {
  const hanging = [1, 2, 3].map(deviceOf);
  const all = many(12, (i) => (i === 0 ? { ring: "lab", below: hanging } : i === 3 ? { duties: ["vip"] } : {}));
  const waves = shape(all, { rings: ["lab"] });
  for (const child of [1, 2, 3]) expect(waveOf(waves, 0)).toBeGreaterThan(waveOf(waves, child));
});

test("shapeWaves(): devices that hang on one another in a ring still go", () => {
  const all = [ready(0, { below: [deviceOf(1)] }), ready(1, { below: [deviceOf(0)] })];
  expect(sizesOf(all)).toEqual([1, 1]);
});

test("shapeWaves(): as many canaries as asked for, none of them with a duty while another could go", () => {
  expect(sizesOf(many(10), { canaryCount: 3 })[0]).toBe(3);
  const [canaries = []] = membersOf(shape([...many(2), ready(8, { duties: ["vip"] })], { canaryCount: 3 }));
  expect(canaries.some(isDutiful)).toBe(false);
});

test("shapeWaves(): where every device has a duty, one of them still goes first", () => {
  expect(sizesOf(many(26, () => ({ duties: ["vip"] })))).toEqual([1, 5, 20]);
});

const canaryOf = (all: readonly Ready[], seed: number, canaryCount = 1): readonly Ready[] =>
  shape(all, { canaryCount }, seed)[0]?.members ?? [];

test.each([1, 2, 3, 4, 5, 6, 7, 8])("shapeWaves(): the canary is online, whatever the chance (seed %i)", (seed) => {
  const all = many(12, (i) => ({ away: i !== 5 }));
  expect(canaryOf(all, seed)).toEqual([all[5]]);
});

test.each([1, 2, 3, 4])("shapeWaves(): the canary is one with a room for itself, then one of no known room (seed %i)", (seed) => {
  const shared = [1, 2, 3, 4].map((number) => ready(number, { room: "a" }, 4));
  const [alone, homeless] = [ready(5, { room: "b" }, 1), ready(6)];
  expect(canaryOf([...shared, homeless, alone], seed)).toEqual([alone]);
  expect(canaryOf([...shared, homeless], seed)).toEqual([homeless]);
});

test.each([1, 2, 3, 4])("shapeWaves(): the canary is of the model most devices have (seed %i)", (seed) => {
  const all = many(9, (i) => ({ model: i < 3 ? "VVX 250" : "VVX 450" }));
  expect(canaryOf(all, seed)[0]?.task.model).toBe("VVX 450");
});

test.each([1, 2, 3, 4])("shapeWaves(): two canaries are not of one room while there is another (seed %i)", (seed) => {
  const all = [1, 2, 3].map((number) => ready(number, { room: number < 3 ? "a" : "b" }, number < 3 ? 2 : 1));
  expect(new Set(canaryOf(all, seed, 2).map((one) => one.candidate.place.room)).size).toBe(2);
});

test.each([1, 2, 3, 4])("shapeWaves(): canaries whose room is given as empty are not taken for neighbours (seed %i)", (seed) => {
  const all = [ready(1, { room: "" }, 1), ready(2, { room: "" }, 1), ready(3, { room: "a" }, 3)];
  expect(canaryOf(all, seed, 2).map((one) => one.candidate.place.room)).toEqual(["", ""]);
});

test.each([1, 2, 3, 4])("shapeWaves(): the second wave shares no room, and mixes hardware revisions and floors (seed %i)", (seed) => {
  const all = many(40, (i) => ({ room: `r${i % 20}`, floor: `${i % 4}` })).map((one, i) =>
    i % 10 === 0 ? { ...one, task: { ...one.task, partNumber: "3111-48840-025" } } : one,
  );
  const places = shape(all, {}, seed)[1]?.members ?? [];
  expect(new Set(places.map((one) => one.candidate.place.room)).size).toBe(5);
  expect(new Set(places.map((one) => one.task.partNumber)).size).toBe(2);
  expect(new Set(places.map((one) => one.candidate.place.floor)).size).toBe(4);
});

test.each([1, 2, 3, 4])("shapeWaves(): the second wave mixes revisions of one part number (seed %i)", (seed) => {
  const all = many(40).map((one, i) => ({ ...one, candidate: { ...one.candidate, revision: i % 10 === 0 ? "B" : "A" } }));
  expect(new Set(shape(all, {}, seed)[1]?.members.map(({ candidate: { revision } }) => revision)).size).toBe(2);
});

test("shapeWaves(): devices of one room are as far apart as there are rooms, but for those picked before", () => {
  const rooms = fc.integer({ min: 8, max: 16 });
  fc.assert(
    fc.property(rooms, fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 }), fc.integer(), (count, members, floors, seed) => {
      const all = many(count * members, (i) => ({ room: `r${i % count}`, floor: `${(i % count) % floors}` }));
      const [canary = [], first = [], ...rest] = membersOf(shape(all, {}, seed));
      const lastAt = new Map<string | undefined, number>();
      for (const [at, one] of rest.flat().entries()) {
        const { room } = one.candidate.place;
        const apart = at - (lastAt.get(room) ?? Number.NEGATIVE_INFINITY);
        expect(apart).toBeGreaterThanOrEqual(count - canary.length - first.length);
        lastAt.set(room, at);
      }
    }),
    { numRuns: 60 },
  );
});

test("shapeWaves(): the same seed gives the same waves, and another seed others", () => {
  const all = many(30);
  expect(shape(all)).toEqual(shape(all));
  expect(membersOf(shape(all, {}, 8))).not.toEqual(membersOf(shape(all, {}, 7)));
});

test("shapeWaves(): no device at all gives no wave", () => {
  expect(shape([])).toEqual([]);
});
