/**
 * The rules there are. What counts as wrong is data (`rules-schema.ts`); `judge.ts` says which rule holds for a device,
 * `trend.ts` which holds over days.
 */
import type { FamilyId } from "../../protocols/core/device.ts";
import { NETWORK_RULES } from "./rules-network.ts";
import { REACH_RULES } from "./rules-reach.ts";
import { type Rule, type RuleInput, ruleSchema, type When } from "./rules-schema.ts";
import { SERVICE_RULES } from "./rules-service.ts";
import { TREND_RULES } from "./trend-rules.ts";

export type { CauseClass, Rule, RuleInput, Severity, WhenOf } from "./rules-schema.ts";

/** The starting set, in the order it is judged and shown: whether it is there decides what else can be said of it. */
export const STARTING_INPUT: readonly RuleInput[] = [...REACH_RULES, ...SERVICE_RULES, ...NETWORK_RULES, ...TREND_RULES];
export const RULES: readonly Rule[] = STARTING_INPUT.map((rule) => ruleSchema.parse(rule));

const OVER_TIME: Readonly<Record<When["kind"], boolean>> = {
  offline: false,
  flapping: false,
  reading: false,
  missing: false,
  fallen: false,
  fault: false,
  trend: true,
  oftener: true,
  changes: true,
};

/** Judged from history, every hour; others at each answer of a device. */
export function isOverTime(rule: Rule): boolean {
  return OVER_TIME[rule.when.kind];
}

/** Does it judge devices of this family? One whose family is not known yet is judged by what is for all. */
export function isFor(rule: Rule, family: FamilyId | undefined): boolean {
  return rule.families === "all" || (family !== undefined && rule.families.includes(family));
}
