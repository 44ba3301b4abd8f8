import fc from "fast-check";
import { expect, test } from "vitest";
import { quantile, totalsOf } from "../../../firmware/waves/report-devices.ts";
import { APPLYING, CURRENT, FAILED, LOST, REFUSED, SKIPPED, SOAKING, UPDATED } from "./gates/builders.ts";

const STATES = [
  APPLYING,
  CURRENT,
  FAILED,
  LOST,
  REFUSED,
  SKIPPED,
  SOAKING,
  UPDATED,
  { at: "planned" },
  { at: "replaced", by: "c-2", leg: 0 },
];

test("totalsOf(): I25 whatever the devices became, the parts make the planned number", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...STATES), { maxLength: 60 }), (states) => {
      const { planned, updated, alreadyCurrent, ...parts } = totalsOf(states as Parameters<typeof totalsOf>[0]);
      expect(planned).toBe(states.length);
      expect(Object.values(parts).reduce((sum, one) => sum + one, 0)).toBe(planned);
      expect(updated + alreadyCurrent).toBe(parts.succeeded);
      expect(parts.unfinished).toBe(states.filter((state) => state === APPLYING || state === SOAKING || state.at === "planned").length);
    }),
  );
});

test("totalsOf(): one that a rollback took back is told as that", () => {
  const back = { at: "reverted", rollback: "c-2", leg: 0 } as never;
  expect(totalsOf([back, UPDATED])).toMatchObject({ planned: 2, broughtBack: 1, otherwise: 0, updated: 1 });
});

test("totalsOf(): one that another plan took over ended otherwise", () => {
  expect(totalsOf([{ at: "replaced", by: "c-2", leg: 0 } as never, UPDATED])).toMatchObject({ planned: 2, otherwise: 1, updated: 1 });
});

test("quantile(): so large a share does not pass it; of nothing there is none", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 1, maxLength: 50 }), fc.constantFrom(0.5, 0.9), (values, share) => {
      const value = quantile(values, share) ?? Number.NaN;
      expect(values).toContain(value);
      expect(values.filter((one) => one <= value).length).toBeGreaterThanOrEqual(share * values.length);
      expect(values.filter((one) => one < value).length).toBeLessThan(share * values.length);
    }),
  );
  expect(quantile([], 0.5)).toBeUndefined();
});
