/**
 * Is a device that succeeded still what it was found to be? Pure. Silence is no answer: whoever is away is looked after by
 * the health of the site.
 */
import type { Look } from "../../protocols/families/family.ts";
import { checkFault } from "./check.ts";
import type { PlannedTask } from "./shape.ts";
import type { Baseline } from "./situation.ts";
import type { TaskEvent } from "./task-state.ts";

export interface Late {
  readonly planned: PlannedTask;
  /** Of its last attempt. */
  readonly baseline?: Baseline;
  /** The wave under way; 0 where none is. */
  readonly duringWave: number;
}

/** What a look tells against it; `undefined` where nothing does. */
export function fallOf(look: Look, { planned, baseline, duringWave }: Late): (TaskEvent & { kind: "foundFallen" }) | undefined {
  const { mac } = look.facts;
  if (mac !== undefined && mac !== planned.mac) return undefined;
  const lastLeg = planned.legs.length - 1;
  const found = checkFault(look, { planned, leg: lastLeg, ...(baseline === undefined ? {} : { baseline }) });
  if (found === undefined || found === "silent") return undefined;
  const { cause, fault, seenHealthy } = found;
  const leftIt = cause === "fellBack" || cause === "otherVersion";
  return { kind: "foundFallen", cause: leftIt ? "fellBackLater" : "healthWorse", fault, seenHealthy, lastLeg, duringWave };
}
