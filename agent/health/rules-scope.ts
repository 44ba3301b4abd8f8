/** Which devices a rule judges, and when. */
import type { FamilyId } from "../../protocols/core/device.ts";
import type { Rule, When } from "./rules-schema.ts";

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
