import { expect, test } from "vitest";
import { fallOf } from "../../../firmware/waves/late.ts";
import { makePlan } from "../../../firmware/waves/plan.ts";
import type { PlannedTask } from "../../../firmware/waves/shape.ts";
import type { Look } from "../../../protocols/families/family.ts";
import { candidate, macOf, planInput } from "./builders.ts";

const PLAN = makePlan(planInput([candidate(1)]));
const planned = PLAN.tasks[0] as PlannedTask;
const look = (application: string | undefined, registered = 1, mac = macOf(1)): Look => ({
  facts: { mac, ...(application === undefined ? {} : { running: { application } }) },
  inUse: { state: "idle" },
  lines: { registered, configured: 1 },
  faults: [],
});
const judge = (seen: Look) => fallOf(seen, { planned, duringWave: 2 });

test("fallOf(): nothing against a device on the new version with its lines", () => {
  expect(judge(look("6.4.8.1190"))).toBeUndefined();
});

test("fallOf(): silence, and another device at its address, say nothing about it", () => {
  expect(judge(look(undefined))).toBeUndefined();
  expect(judge(look("6.4.6.2494", 1, macOf(9)))).toBeUndefined();
});

test.each([
  ["6.4.6.2494", 1, { cause: "fellBackLater", seenHealthy: true }],
  ["6.4.7.1000", 1, { cause: "fellBackLater", seenHealthy: false }],
  ["6.4.8.1190", 0, { cause: "healthWorse", seenHealthy: false }],
] as const)("fallOf(): %s with %i lines has fallen", (application, lines, expected) => {
  expect(judge(look(application, lines))).toMatchObject({ kind: "foundFallen", lastLeg: 0, duringWave: 2, ...expected });
});
