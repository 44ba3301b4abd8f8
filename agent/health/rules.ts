/**
 * The rules there are. What counts as wrong is data (`rules-schema.ts`); `judge.ts` says which rule holds for a device,
 * `trend.ts` which holds over days.
 */
import { NETWORK_RULES } from "./rules-network.ts";
import { REACH_RULES } from "./rules-reach.ts";
import { type Rule, type RuleInput, ruleSchema } from "./rules-schema.ts";
import { SERVICE_RULES } from "./rules-service.ts";
import { TREND_RULES } from "./trend-rules.ts";

export type { CauseClass, Rule, RuleInput, Severity, WhenOf } from "./rules-schema.ts";

/** The starting set, in the order it is judged and shown: whether it is there decides what else can be said of it. */
export const STARTING_INPUT: readonly RuleInput[] = [...REACH_RULES, ...SERVICE_RULES, ...NETWORK_RULES, ...TREND_RULES];
export const RULES: readonly Rule[] = STARTING_INPUT.map((rule) => ruleSchema.parse(rule));
