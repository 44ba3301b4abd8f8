/**
 * Is a device well that should run what it was given? Pure.
 */
import { sameVersion, type Version } from "../../protocols/core/version.ts";
import type { Look } from "../../protocols/families/family.ts";
import { familyOf } from "../../protocols/families/index.ts";
import { legAt, versionOn } from "./legs.ts";
import { waitsFor } from "./parts-back.ts";
import type { Situation } from "./situation.ts";
import type { TaskEvent } from "./task-state.ts";

/** What is wrong with a device that should be well on the new version; `undefined` when nothing is. */
export function checkFault(
  look: Look,
  now: Pick<Situation, "planned" | "leg" | "baseline">,
): (TaskEvent & { kind: "failed" }) | "silent" | undefined {
  const { from, to } = legAt(now.planned, now.leg);
  const running = versionOn(look, legAt(now.planned, now.leg));
  if (running === undefined) return "silent";
  if (!sameVersion(running, to)) {
    const back = sameVersion(running, now.baseline?.version ?? from);
    return {
      kind: "failed",
      cause: back ? "fellBack" : "otherVersion",
      fault: { kind: "mismatch", wanted: to, found: running },
      seenHealthy: back,
      retry: false,
    };
  }
  return lackOf(look, now, to);
}

/** Which of its lines or parts is missing on a version that is as wanted; `undefined` where none is. */
export function lackOf(
  look: Look,
  { planned, leg, baseline }: Pick<Situation, "planned" | "leg" | "baseline">,
  wanted: Version,
): (TaskEvent & { kind: "failed" }) | undefined {
  const { from } = legAt(planned, leg);
  const recipe = familyOf(planned.family)?.update;
  // Its lines are told by its polls, not by a look.
  if (recipe?.offer === "updateServer") {
    const waitedFor = waitsFor(recipe, { from: baseline?.version ?? from, wanted, partsBefore: baseline?.parts ?? [] }, look);
    if (waitedFor === undefined) return undefined;
    return { kind: "failed", cause: "partsLost", fault: { kind: "stalled", waitedFor }, seenHealthy: false, retry: false };
  }
  const lines = baseline?.registeredLines ?? planned.registeredLines;
  if (lines !== undefined && lines > 0) {
    const found = look.lines?.registered;
    if (found === undefined || found < lines) {
      return {
        kind: "failed",
        cause: "registrationLost",
        seenHealthy: false,
        retry: false,
        fault: { kind: "mismatch", wanted: `${lines} registered lines`, found: found === undefined ? "none stated" : `${found}` },
      };
    }
  }
  return undefined;
}
