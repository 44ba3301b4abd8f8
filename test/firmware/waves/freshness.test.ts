import { expect, test } from "vitest";
import { catalogueHold, type ReleaseStanding, staleness } from "../../../firmware/waves/freshness.ts";
import { NOW } from "./builders.ts";
import { FRESH } from "./gates/builders.ts";

const with_ = (changes: object): ReleaseStanding => ({ ...FRESH, ...changes }) as ReleaseStanding;

test("staleness(): nothing is wrong with a release in a valid catalogue, up to its last moment", () => {
  expect(staleness(FRESH, NOW)).toBeUndefined();
  expect(staleness(with_({ expiresAtMs: NOW + 1 }), NOW)).toBeUndefined();
  expect(staleness(with_({ expiresAtMs: NOW }), NOW)).toMatchObject({ final: false });
});

test("catalogueHold(): I15 an expired, older or withdrawn catalogue starts nothing, and says who ends it", () => {
  expect(catalogueHold([FRESH], NOW)).toBeUndefined();
  expect(catalogueHold([FRESH, with_({ expiresAtMs: NOW })], NOW)).toMatchObject({
    endedBy: "a newer catalogue: groundswell firmware sync",
  });
  for (const stale of [
    with_({ at: "revoked" }),
    with_({ at: "otherImages" }),
    with_({ newestVersion: 9 }),
    { release: "x", at: "gone" } as const,
  ])
    expect(catalogueHold([with_({ expiresAtMs: NOW }), stale], NOW)).toMatchObject({ endedBy: "a new plan" });
});

test("catalogueHold(): I10 nothing known is a hold", () => {
  expect(catalogueHold([], NOW)).toMatchObject({ endedBy: "a catalogue that can be read" });
});
