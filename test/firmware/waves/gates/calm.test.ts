import { expect, test } from "vitest";
import { calm } from "../../../../firmware/waves/gates/calm.ts";
import type { SiteIncident, SiteNow } from "../../../../firmware/waves/gates/gate.ts";
import { deviceOf, NOW } from "../builders.ts";
import { CALM, FAILED, gateInput, LOST, REFUSED, SKIPPED, UPDATED } from "./builders.ts";

const judge = (site: Partial<SiteNow>, failuresAllowed = 0) =>
  calm.judge(gateInput([UPDATED, UPDATED], { site: { ...CALM, ...site }, failuresAllowed }));
const incident = (changes: Partial<SiteIncident> = {}): SiteIncident => ({
  id: 7,
  title: "Access switch down",
  sinceMs: NOW - 60_000,
  about: "site",
  touches: [],
  ...changes,
});

test("calm: a quiet site passes", () => {
  expect(judge({})).toMatchObject({ verdict: "pass", failures: 0 });
});

test("calm: an incident of the site spoils what devices show, whenever it began", () => {
  for (const sinceMs of [NOW - 60_000, CALM.waveSinceMs - 1]) {
    expect(judge({ incidents: [incident({ sinceMs })] })).toMatchObject({
      verdict: "inconclusive",
      why: "an incident is open at the site: Access switch down",
      failures: 1,
    });
  }
});

test.each(["device", "build"] as const)("calm: an incident about a %s of the wave that began since then fails it", (about) => {
  const verdict = judge({ incidents: [incident({ about, touches: [deviceOf(0)] })] });
  expect(verdict).toMatchObject({ verdict: "fail", failures: 1 });
  expect(verdict.evidence[1]).toEqual({ device: deviceOf(0), what: "incident 7: Access switch down", verdict: "fail" });
});

test("calm: as many of them as the wave tolerates do not fail it; what was there before is in the baseline", () => {
  expect(judge({ incidents: [incident({ about: "device", touches: [deviceOf(0)] })] }, 1).verdict).toBe("pass");
  expect(judge({ incidents: [incident({ about: "device", touches: [deviceOf(0)], sinceMs: CALM.waveSinceMs - 1 })] }).verdict).toBe("pass");
});

test.each([FAILED, LOST, SKIPPED, REFUSED])(
  "calm: the incident of a device that is $at says nothing new: that is counted, or accepted",
  (state) => {
    const both = incident({ about: "device", touches: [deviceOf(0), deviceOf(1)] });
    const judgeOf = (touches: SiteIncident["touches"]) =>
      calm.judge(gateInput([state, UPDATED], { site: { ...CALM, incidents: [{ ...both, touches }] } }));
    expect(judgeOf([deviceOf(0)])).toMatchObject({ verdict: "pass", failures: 0 });
    expect(judgeOf([deviceOf(0), deviceOf(1)])).toMatchObject({ verdict: "fail", failures: 1 });
  },
);

test("calm: an uplink over its cap is not calm", () => {
  expect(judge({ uplink: { used: 2_000_000, cap: 2_000_000 } }).verdict).toBe("pass");
  expect(judge({ uplink: { used: 2_400_001, cap: 2_000_000 } })).toMatchObject({ verdict: "inconclusive", failures: 1 });
});

test("calm: I10 a site nobody could look at, or a load that is no number, does not pass", () => {
  const { site: _, ...blind } = gateInput([UPDATED]);
  expect(calm.judge(blind).verdict).toBe("inconclusive");
  expect(judge({ uplink: { used: Number.NaN, cap: 1 } }).verdict).toBe("inconclusive");
});
