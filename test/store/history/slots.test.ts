import fc from "fast-check";
import { expect, test } from "vitest";
import { packSlots, unpackSlots } from "../../../store/history/slots.ts";
import { slotOf } from "../../../store/history/summary.ts";
import { NAMES, timeline } from "./arbitrary.ts";

test("unpackSlots(): gives back exactly what was packed", () => {
  fc.assert(
    fc.property(fc.array(timeline, { maxLength: 30 }), (lengths) => {
      const slots = lengths.map((readings) => slotOf(readings, NAMES));
      expect(unpackSlots(packSlots(slots))).toEqual(slots);
    }),
    { numRuns: 300 },
  );
});

test("packSlots(): a day of a phone that never changes costs next to nothing", () => {
  const reading = { registeredLines: 2, configuredLines: 2, inCall: 0, cpuRatio: 0.07, memoryRatio: 0.41 };
  const slot = slotOf([reading, reading], NAMES);
  expect(packSlots(Array(288).fill(slot)).length).toBeLessThan(30);
});

test("unpackSlots(): absent stays absent: no slot, no name, no answer", () => {
  const slots = [undefined, slotOf([undefined, undefined], NAMES), slotOf([{}], NAMES), slotOf([{ mos: 0 }, undefined], NAMES)];
  const back = unpackSlots(packSlots(slots));
  expect(back[0]).toBeUndefined();
  expect(back.slice(1).map((slot) => [slot?.asked, slot?.answered, slot?.values.size])).toEqual([
    [2, 0, 0],
    [1, 1, 0],
    [2, 1, 1],
  ]);
});

test("unpackSlots(): cut off anywhere it throws", () => {
  const packed = packSlots([slotOf([{ mos: 4.2, rxPackets: 1_000_000 }, { mos: 3.1 }, { mos: 4 }], NAMES)]);
  for (let length = 0; length < packed.length; length++) expect(() => unpackSlots(packed.subarray(0, length))).toThrow("cut off");
});
