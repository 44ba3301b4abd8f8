/**
 * Who joined the site after a plan was made and would be in one made now (I24): nobody is slipped into a plan that is approved.
 * Pure.
 */
import { chainsOver } from "../chain.ts";
import { eligibilityOf } from "../eligibility.ts";
import type { Release } from "../release.ts";
import { stepsOver } from "../step.ts";
import { isSelected } from "./plan-input.ts";
import type { Candidate, Plan } from "./shape.ts";

/** Every device the plan answers for: those that go, go along, or are held back. */
export function namedBy({ tasks, heldBack }: Pick<Plan, "tasks" | "heldBack">): ReadonlySet<string> {
  return new Set([...tasks.flatMap(({ device, along = [] }) => [device, ...along]), ...heldBack.map(({ device }) => device)]);
}

/** @param releases  all at hand: a stepping stone may lead there */
export function joinedSince(plan: Plan, candidates: readonly Candidate[], releases: readonly Release[]): readonly Candidate[] {
  const named = namedBy(plan);
  const fresh = candidates.filter((candidate) => !named.has(candidate.device) && isSelected(candidate, plan.selection, plan.release));
  if (fresh.length === 0) return [];
  const asked = { chains: chainsOver(releases), choose: stepsOver(), walksChains: true, busyElsewhere: false };
  return fresh.filter((candidate) => eligibilityOf(candidate, plan.release, asked).ok);
}
