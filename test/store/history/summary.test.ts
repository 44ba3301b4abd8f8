import fc from "fast-check";
import { expect, test } from "vitest";
import { READING_NAMES, type Reading, type ReadingName } from "../../../protocols/core/reading.ts";
import { gridOf, isCounter, joinSlots, onGrid, type Slot, slotOf } from "../../../store/history/summary.ts";
import { NAMES, timeline } from "./arbitrary.ts";

/** Said another way on purpose: whole arrays, big integers, no steps. */
function naive(readings: readonly (Reading | undefined)[], name: ReadingName) {
  const grid = gridOf(name);
  const max = isCounter(name) ? 2 ** 45 : 2 ** 36;
  const all = readings
    .flatMap((reading) => (reading?.[name] === undefined ? [] : [Math.round(reading[name] * grid)]))
    .filter((units) => units <= max && units >= (isCounter(name) ? 0 : -max))
    .map((units) => BigInt(units));
  if (all.length === 0) return undefined;
  const last = Number(all.at(-1));
  if (isCounter(name)) {
    const steps = all.slice(1).map((to, i) => [all[i] as bigint, to] as const);
    const rise = steps.reduce((sum, [from, to]) => sum + (to < from ? to : to - from), 0n);
    return {
      kind: "counter",
      count: all.length,
      first: Number(all[0]),
      last,
      rise: Number(rise),
      resets: steps.filter(([from, to]) => to < from).length,
    };
  }
  const sorted = all.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  return {
    kind: "gauge",
    count: all.length,
    min: Number(sorted[0]),
    max: Number(sorted.at(-1)),
    sum: Number(all.reduce((a, b) => a + b, 0n)),
    last,
  };
}

function expectNaive(slot: Slot | undefined, readings: readonly (Reading | undefined)[]): void {
  expect(slot?.asked ?? 0).toBe(readings.length);
  expect(slot?.answered ?? 0).toBe(readings.filter((reading) => reading !== undefined).length);
  for (const name of READING_NAMES) expect([name, slot?.values.get(NAMES.numberOf(name))]).toEqual([name, naive(readings, name)]);
}

test("slotOf(): exactly what a naive computation gives", () => {
  fc.assert(
    fc.property(timeline, (readings) => expectNaive(slotOf(readings, NAMES), readings)),
    { numRuns: 500 },
  );
});

test("joinSlots(): a summary of summaries is the summary of all readings, however they are cut", () => {
  fc.assert(
    fc.property(fc.array(fc.array(timeline, { maxLength: 4 }), { maxLength: 4 }), (cut) => {
      const steps = cut.map((part) => joinSlots(part.map((readings) => slotOf(readings, NAMES))));
      expectNaive(joinSlots(steps), cut.flat(2));
    }),
    { numRuns: 500 },
  );
});

test("joinSlots(): a counter that began anew loses nothing over the edge of two slots", () => {
  const slots = [
    slotOf([{ uptimeSeconds: 100 }, { uptimeSeconds: 220 }], NAMES),
    slotOf([{ uptimeSeconds: 30 }, { uptimeSeconds: 150 }], NAMES),
  ];
  expect(joinSlots(slots)?.values.get(NAMES.numberOf("uptimeSeconds"))).toEqual({
    kind: "counter",
    count: 4,
    first: 100,
    last: 150,
    rise: 270,
    resets: 1,
  });
});

test("joinSlots(): a counter that pretends to begin anew all day long stays a safe number", () => {
  const wild = Array.from({ length: 2_000 }, (_, i) => ({ rxPackets: i % 2 === 0 ? 2 ** 45 : 2 ** 44 }));
  const rise = slotOf(wild, NAMES)?.values.get(NAMES.numberOf("rxPackets"));
  expect(rise).toMatchObject({ rise: 2 ** 48, resets: 1_000 });
});

test.each([
  ["mos", 4.27, 42_700],
  ["responseSeconds", 0.012_345, 123],
  ["inCall", -0, 0],
  ["uptimeSeconds", 120.4, 120],
  ["mos", 1e300, undefined],
  ["rxPackets", -1, undefined],
] as const)("onGrid(): %s %d is %s", (name, value, units) => {
  expect(onGrid(name, value)).toBe(units);
});
