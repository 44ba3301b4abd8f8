import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DEFAULT_RATES, devicesWith, MISBEHAVIOUR_NAMES, MISBEHAVIOURS, parseRates } from "../../../agent/rehearsal/misbehaviours.ts";

test("parseRates(): shares and percent", () => {
  expect(parseRates("neverReturns=2%, inUse=0.1,garbage = 100 %")).toEqual([
    { name: "neverReturns", share: 0.02 },
    { name: "inUse", share: 0.1 },
    { name: "garbage", share: 1 },
  ]);
});

test.each([
  ["sings=2%", 'no misbehaviour "sings": there are acceptsAndIgnores'],
  ["neverReturns", "needs a rate"],
  ["neverReturns=0", "needs a rate"],
  ["neverReturns=101%", "needs a rate"],
  ["neverReturns=1.5", "needs a rate"],
  ["neverReturns=-1", "needs a rate"],
  ["neverReturns=1=2", "needs a rate"],
  ["neverReturns=1%,neverReturns=2%", "named twice"],
  ["", 'no misbehaviour ""'],
])("parseRates(): %s is refused, and it says why", (text, why) => {
  expect(parseRates(text)).toEqual({ wrong: expect.stringContaining(why) });
});

test("parseRates(): what the usual rates are can be said", () => {
  expect(parseRates(DEFAULT_RATES.map(({ name, share }) => `${name}=${share}`).join(","))).toEqual(DEFAULT_RATES);
  expect(MISBEHAVIOUR_NAMES).toContain("inUse");
});

test("misbehaviours: docs/rehearsal.md names each with its usual rate", () => {
  const page = readFileSync(new URL("../../../docs/rehearsal.md", import.meta.url), "utf8");
  for (const name of MISBEHAVIOUR_NAMES) {
    const rate = DEFAULT_RATES.find((one) => one.name === name);
    expect(page).toContain(`| \`${name}\` | ${MISBEHAVIOURS[name]} | ${rate === undefined ? "–" : `${Math.round(rate.share * 100)} %`} |`);
  }
});

test("devicesWith(): at least one, never more than there are", () => {
  fc.assert(
    fc.property(fc.double({ min: 0.001, max: 1, noNaN: true }), fc.integer({ min: 1, max: 10_000 }), (share, of) => {
      const count = devicesWith(share, of);
      expect(count).toBeGreaterThanOrEqual(1);
      expect(count).toBeLessThanOrEqual(of);
      expect(Math.abs(count - share * of)).toBeLessThanOrEqual(1);
    }),
  );
});
