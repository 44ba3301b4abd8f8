import { expect, test } from "vitest";
import { makePlan, planHash } from "../../../firmware/waves/plan.ts";
import { type Calendar, calendarSchema, policySchema } from "../../../firmware/waves/policy.ts";
import type { Candidate, Plan } from "../../../firmware/waves/shape.ts";
import { candidate, planInput } from "./builders.ts";

const { registeredLines: _lines, ...unread } = candidate(5);
const SITE: readonly Candidate[] = [
  candidate(1, { place: { room: "Matterhorn", floor: "1", zone: "north", duties: [] } }),
  candidate(2, { place: { room: "Säntis", floor: "1", duties: ["vip"] } }),
  candidate(3, { availability: "offline" }),
  candidate(4, { name: 'zh "p" 4\n' }),
  unread,
];
const plan: Plan = makePlan(planInput(SITE));

test("Plan: what is stored as JSON and read again is the same plan with the same hash", () => {
  const again = JSON.parse(JSON.stringify(plan)) as Plan;
  expect(again).toEqual(plan);
  expect(planHash(again)).toBe(planHash(plan));
});

test("Plan: its policy and calendar are what their own schemas take in", () => {
  expect(policySchema.parse(plan.policy)).toEqual(plan.policy);
  expect(calendarSchema.parse(plan.calendar)).toEqual<Calendar>(plan.calendar);
});

test("Plan: every domain a task names is one of the plan, and counts the device among its members", () => {
  for (const { device, domains } of plan.tasks) {
    for (const name of domains) expect(plan.domains.find(({ id }) => id === name)?.members).toContain(device);
  }
});
