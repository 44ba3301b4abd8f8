/**
 * What a look tells of a device whose task has ended: is one that succeeded still what it was found to be, and is one that was lost,
 * or ended unwell, well again? Pure. Silence is no answer: whoever is away is looked after by the health of the site.
 */
import { MINUTE, type Ms, SECOND } from "../../protocols/core/time.ts";
import { sameVersion, type Version } from "../../protocols/core/version.ts";
import type { Look } from "../../protocols/families/family.ts";
import { checkFault, lackOf } from "./check.ts";
import { legAt, versionOn } from "./legs.ts";
import { hasRestarted } from "./restarted.ts";
import type { PlannedTask } from "./shape.ts";
import type { Baseline, Signs, TimedLook } from "./situation.ts";
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

export interface Ended {
  readonly planned: PlannedTask;
  /** The one it ended at. */
  readonly leg: number;
  /** Of its last attempt, as what was seen of it. */
  readonly baseline?: Baseline | undefined;
  readonly signs: Signs;
}

/** What it shows was so at that moment or later. */
type AskedLook = Look & Pick<TimedLook, "askedMs">;

/** One that restarts over and over is up for a moment each time: up for less counts for nothing. Guessed. */
export const STEADY_MS: Ms = 5 * MINUTE;

/**
 * Is it well again: up for a while, on a version of its way, or as it was before its last attempt, with its lines and parts?
 * `undefined` where it is not, and where it may still flash what it has.
 */
export function returnOf(look: AskedLook, ended: Ended): (TaskEvent & { kind: "foundWell" }) | undefined {
  const { planned, leg } = ended;
  const { mac } = look.facts;
  if (mac !== undefined && mac !== planned.mac) return undefined;
  if (look.uptimeSeconds !== undefined && look.uptimeSeconds * SECOND < STEADY_MS) return undefined;
  const onItsWay = planned.legs.findIndex((_, index) => index >= leg && checkFault(look, { ...ended, leg: index }) === undefined);
  if (onItsWay >= 0) return { kind: "foundWell", version: legAt(planned, onItsWay).to };
  const before = asBefore(look, ended);
  return before === undefined ? undefined : { kind: "foundWell", version: before };
}

/** The version it ran before, where it does again, lacks nothing, and nothing of the attempt can still come. */
function asBefore(look: AskedLook, ended: Ended): Version | undefined {
  const leg = legAt(ended.planned, ended.leg);
  const before = ended.baseline?.version ?? leg.from;
  const running = versionOn(look, leg);
  if (running === undefined || !sameVersion(running, before) || mayStillObey(look, ended.signs)) return undefined;
  return lackOf(look, ended, before) === undefined ? before : undefined;
}

/** Somebody uses it, so what it was told may follow; or it has the whole image and has not started anew since. */
function mayStillObey(look: AskedLook, { imageDeliveredAtMs }: Signs): boolean {
  if (look.inUse.state !== "idle") return true;
  return imageDeliveredAtMs !== undefined && look.uptimeSeconds !== undefined && !hasRestarted(look, imageDeliveredAtMs);
}

/** Whoever says nothing is looked at this often: it may be repaired, or away for weeks. */
export const SILENT_AGAIN_MS: Ms = 15 * MINUTE;
/** One that was heard of since is looked at once more at the earliest after this: what is not well yet may come up. Guessed. */
export const HEARD_AGAIN_MS: Ms = 2 * MINUTE;

/** When it was looked at last, and when anything last had an answer from it or heard it ask. */
export interface Known {
  readonly lookedMs?: Ms | undefined;
  readonly seenMs?: Ms | undefined;
}

/** Is it time to look at one that was lost, or ended unwell? */
export function isDue({ lookedMs, seenMs }: Known, nowMs: Ms): boolean {
  // A clock that was set back makes no look lie ahead.
  if (lookedMs === undefined || lookedMs > nowMs) return true;
  const wasHeard = seenMs !== undefined && seenMs > lookedMs;
  return nowMs - lookedMs >= (wasHeard ? HEARD_AGAIN_MS : SILENT_AGAIN_MS);
}
