/**
 * What keeps an untouched task waiting now, in words, with who ends it. Pure.
 */

import type { DeviceId } from "../../protocols/core/ids.ts";
import { conflictsWith } from "./domains.ts";
import { type Kill, killHold, killsOf } from "./kill.ts";
import type { Hold } from "./task-state.ts";
import { type TimeHoldInput, timeHolds } from "./time-holds.ts";

export interface HoldInput extends TimeHoldInput {
  readonly atRisk: readonly DeviceId[];
  /** Wherever the kill switch is on. */
  readonly kills: readonly Kill[];
  /** Why the campaign starts nothing now; absent while it runs. */
  readonly stopped?: string;
  /** Why nothing of the plan starts as the catalogue stands; absent where it is fresh. */
  readonly stale?: { readonly why: string; readonly endedBy: string };
}

/** Every reason, so that a person sees all of them and not one after the other. */
export function holdsFor(input: HoldInput): readonly Hold[] {
  const holds: Hold[] = killsOf(input.kills, input.planned).map(killHold);
  if (input.stopped !== undefined) holds.push({ code: "paused", why: input.stopped, endedBy: "a person who resumes the campaign" });
  if (input.stale !== undefined) holds.push({ code: "catalogue", ...input.stale });
  return [...holds, ...timeHolds(input), ...othersHolds(input)];
}

const FOR_OTHERS: readonly Hold["code"][] = ["budget", "domain"];

/** It waits for others: which of them stands in the way, and whether budget or domain says so, changes with every device that moves. */
export const isForOthers = ({ code }: Pick<Hold, "code">): boolean => FOR_OTHERS.includes(code);

/** What of the devices at risk keeps it waiting. */
export function othersHolds(input: Pick<HoldInput, "atRisk" | "policy" | "planned" | "domains">): readonly Hold[] {
  const holds: Hold[] = [];
  const { atRisk, policy, planned } = input;
  const others = atRisk.filter((device) => device !== planned.device);
  if (others.length >= policy.atRiskMax) {
    holds.push({
      code: "budget",
      why: `${policy.atRiskMax} devices are at risk, the limit`,
      endedBy: "one of them seen healthy or written off",
    });
  }
  // Only tasks that touched nothing ask, so it is another task that left the device unproven.
  if (others.length < atRisk.length) {
    holds.push({
      code: "domain",
      why: "another campaign has the device in hand, or left it unproven",
      endedBy: "that campaign, or a person who writes the device off there",
    });
  }
  const domain = conflictsWith(others, planned.device, input.domains);
  if (domain !== undefined)
    holds.push({
      code: "domain",
      why: `${domain} must keep its others up`,
      endedBy: "the device at risk there seen healthy or written off",
    });
  return holds;
}
