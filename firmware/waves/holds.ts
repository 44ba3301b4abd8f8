/**
 * What keeps an untouched task waiting now, in words, with who ends it. Pure.
 */

import { type CompanyHolds, type CompanyInput, holdsOfCompany } from "./company.ts";
import { type Kill, killHold, killsOf } from "./kill.ts";
import type { Hold } from "./task-state.ts";
import { type TimeHoldInput, timeHolds } from "./time-holds.ts";

export interface HoldInput extends TimeHoldInput, Pick<CompanyInput, "atRisk" | "company" | "goesBack"> {
  /** Wherever the kill switch is on. */
  readonly kills: readonly Kill[];
  /** Why the campaign starts nothing now; absent while it runs. */
  readonly stopped?: string;
  /** Why nothing of the plan starts as the catalogue stands; absent where it is fresh. */
  readonly stale?: { readonly why: string; readonly endedBy: string };
}

/** Every reason, so that a person sees all of them and not one after the other. */
export const holdsFor = (input: HoldInput): readonly Hold[] => everyHold(input).holds;

/** The same, with the failure domain that has a part in them. */
export function everyHold(input: HoldInput): CompanyHolds {
  const holds: Hold[] = killsOf(input.kills, input.planned).map(killHold);
  if (input.stopped !== undefined) holds.push({ code: "paused", why: input.stopped, endedBy: "a person who resumes the campaign" });
  if (input.stale !== undefined) holds.push({ code: "catalogue", ...input.stale });
  const company = holdsOfCompany(input);
  return { ...company, holds: [...holds, ...timeHolds(input), ...company.holds] };
}

const FOR_OTHERS: readonly Hold["code"][] = ["budget", "domain", "down"];

/** It waits for others: which of them stands in the way, and whether budget or domain says so, changes with every device that moves. */
export const isForOthers = ({ code }: Pick<Hold, "code">): boolean => FOR_OTHERS.includes(code);
