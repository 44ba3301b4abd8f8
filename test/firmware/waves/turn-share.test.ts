import fc from "fast-check";
import { expect, test } from "vitest";
import type { TaskRow } from "../../../firmware/waves/ports.ts";
import { mayLook, shareOf } from "../../../firmware/waves/turn-share.ts";

const rowsOf = (ats: readonly string[]): TaskRow[] => ats.map((at, index) => ({ id: `t-${index}`, state: { at } }) as unknown as TaskRow);
const ats = fc.array(fc.constantFrom("planned", "staged", "held", "deferred", "commanded", "soaking", "failedRetryable"), {
  maxLength: 60,
});

test("shareOf(): whoever cannot wait is asked at every turn, and everybody within as many turns as there are shares", () => {
  fc.assert(
    fc.property(ats, fc.integer({ min: 1, max: 20 }), fc.nat(100), (drawn, most, first) => {
      const rows = rowsOf(drawn);
      const patient = rows.filter(({ state }) => ["planned", "staged", "held"].includes(state.at));
      const asked = new Set<TaskRow>();
      let from = first;
      for (let turn = 0; turn < Math.ceil(patient.length / most); turn++) {
        const share = shareOf(rows, from, most);
        from = share.from;
        expect(share.tasks.filter((row) => !patient.includes(row))).toEqual(rows.filter((row) => !patient.includes(row)));
        expect(share.tasks.filter((row) => patient.includes(row)).length).toBe(Math.min(most, patient.length));
        for (const row of share.tasks) asked.add(row);
      }
      for (const row of patient) expect(asked).toContain(row);
    }),
  );
});

test("mayLook(): as many as there is room for, and a few beside them", () => {
  expect(mayLook({ looking: 19, atRisk: 50, atRiskMax: 50 })).toBe(true);
  expect(mayLook({ looking: 20, atRisk: 50, atRiskMax: 50 })).toBe(false);
  expect(mayLook({ looking: 20, atRisk: 70, atRiskMax: 50 })).toBe(false);
  expect(mayLook({ looking: 29, atRisk: 40, atRiskMax: 50 })).toBe(true);
});
