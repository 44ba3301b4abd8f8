import { expect, test } from "vitest";
import type { ReleaseStanding } from "../../../../firmware/waves/freshness.ts";
import { catalogueFresh } from "../../../../firmware/waves/gates/catalogue-fresh.ts";
import { NOW } from "../builders.ts";
import { FRESH, gateInput, UPDATED } from "./builders.ts";

const judge = (...catalogue: ReleaseStanding[]) => catalogueFresh.judge(gateInput([UPDATED], { catalogue }));

test("catalogueFresh: what its source states in a catalogue that is valid passes", () => {
  expect(judge(FRESH)).toMatchObject({ verdict: "pass", failures: 0 });
});

test.each([
  ["revoked", { ...FRESH, at: "revoked" } as ReleaseStanding, "is revoked by its publisher"],
  ["gone", { release: "ucs-6.4.8", at: "gone" } as const, "is in no catalogue any more"],
  ["of other images", { ...FRESH, at: "otherImages" } as ReleaseStanding, "has other images now"],
  [
    "I15 in an older catalogue than the newest seen",
    { ...FRESH, newestVersion: 4 } as ReleaseStanding,
    "stands in catalogue 3, and 4 was seen",
  ],
])("catalogueFresh: a release that is %s fails the wave", (_, standing, why) => {
  expect(judge(FRESH, standing)).toMatchObject({ verdict: "fail", failures: 1, why: expect.stringContaining(why) });
});

test("catalogueFresh: I15 an expired catalogue does not pass; a newer one may", () => {
  expect(judge({ ...FRESH, expiresAtMs: NOW } as ReleaseStanding)).toMatchObject({ verdict: "inconclusive", failures: 1 });
});

test("catalogueFresh: I10 what nobody read, or what is no number, does not pass", () => {
  expect(judge().verdict).toBe("inconclusive");
  expect(judge({ ...FRESH, expiresAtMs: Number.NaN } as ReleaseStanding).verdict).toBe("inconclusive");
  expect(judge({ ...FRESH, newestVersion: Number.NaN } as ReleaseStanding).verdict).toBe("fail");
});

test("catalogueFresh: every release of the plan is looked at, and the worst decides", () => {
  const expired = { ...FRESH, release: "stone", expiresAtMs: NOW - 1 } as ReleaseStanding;
  const verdict = judge(expired, { release: "ucs-6.4.8", at: "gone" });
  expect(verdict).toMatchObject({ verdict: "fail", failures: 2 });
  expect(verdict.evidence.map((line) => line.verdict)).toEqual(["inconclusive", "fail"]);
});
