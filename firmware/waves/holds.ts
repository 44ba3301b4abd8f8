/**
 * What keeps an untouched task waiting now, in words, with who ends it. Pure.
 */

import type { DeviceId } from "../../protocols/core/ids.ts";
import { type Ms, showDuration } from "../../protocols/core/time.ts";
import { conflictsWith, type DomainIndex } from "./domains.ts";
import { type Kill, killHold, killsOf } from "./kill.ts";
import { legAt } from "./legs.ts";
import type { WavePolicy } from "./policy.ts";
import type { PlannedTask } from "./shape.ts";
import type { Hold } from "./task-state.ts";

import type { WindowView } from "./window.ts";

export interface HoldInput {
  readonly planned: PlannedTask;
  /** Index of the leg that would start. */
  readonly leg: number;
  readonly policy: WavePolicy;
  /** The site's calendar. */
  readonly window: WindowView;
  readonly domains: DomainIndex;
  readonly atRisk: readonly DeviceId[];
  /** Wherever the kill switch is on. */
  readonly kills: readonly Kill[];
  /** Why the campaign starts nothing now; absent while it runs. */
  readonly stopped?: string;
  readonly nowMs: Ms;
}

/** Every reason, so that a person sees all of them and not one after the other. */
export function holdsFor(input: HoldInput): readonly Hold[] {
  const holds: Hold[] = killsOf(input.kills, input.planned).map(killHold);
  if (input.stopped !== undefined) holds.push({ code: "paused", why: input.stopped, endedBy: "a person who resumes the campaign" });
  const window = windowHold(input);
  if (window !== undefined) holds.push(window);
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

/** A task starts only if its update and the way back both end inside the window. */
function windowHold({ window, nowMs, planned, leg }: HoldInput): Hold | undefined {
  const now = window.at(nowMs);
  if ("opensAtMs" in now) return { code: "window", why: "the window is closed", untilMs: now.opensAtMs, endedBy: "the window opening" };
  const { edge, durationMs } = legAt(planned, leg);
  const needMs = durationMs.p99 + edge.revertMs;
  if (window.fits(nowMs, needMs)) return undefined;
  const next = window.at(now.openUntilMs + 1);
  return {
    code: "window",
    why: `the update and its way back need ${showDuration(needMs)}, the window closes before`,
    ...("opensAtMs" in next ? { untilMs: next.opensAtMs } : {}),
    endedBy: "the next window",
  };
}
