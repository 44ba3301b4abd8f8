/**
 * What to do for one task now. Pure: the drive performs the answer, and every answer is safe to give twice.
 */

import { type Fault, showFault } from "../../protocols/core/fault.ts";
import { isoOf, MINUTE, type Ms } from "../../protocols/core/time.ts";
import { sameVersion } from "../../protocols/core/version.ts";
import type { Look } from "../../protocols/families/family.ts";
import { unfitWords } from "./fit.ts";
import { isForOthers } from "./holds.ts";
import { isBehind, legAt, versionOn } from "./legs.ts";
import { COMMAND_LOOK_MS, freshLook, type Move, NOTHING, ownLook, step, WATCH_EVERY_MS } from "./move.ts";
import { waitsUntilMs } from "./naps.ts";
import { hasRestarted } from "./restarted.ts";
import type { Situation, TimedLook } from "./situation.ts";
import { attemptsSpent, type Hold, type TaskState } from "./task-state.ts";
import { whileSoaking, whileVerifying } from "./watched.ts";

/** How long an unreachable device is left alone before the next look. */
const OFFLINE_AGAIN_MS: Ms = 2 * MINUTE;
/** The same of an armed device, which may be away for weeks; what the inventory sees of it is noticed at once. */
const ARMED_AGAIN_MS: Ms = 15 * MINUTE;

/** What still speaks against the command once the slot is taken; its own start has come by then. */
const HOLDS_RESERVED: ReadonlySet<Hold["code"]> = new Set(["killed", "paused", "catalogue", "window", "quietHours", "meeting"]);

/** The next move for a task in this state. */
export function nextMove(state: TaskState, now: Situation): Move {
  switch (state.at) {
    case "planned":
      if (now.imageStaged) return step({ kind: "imageStaged" });
      return NOTHING;
    case "staged":
      return beforeTouch(state, now);
    case "held":
      return stillHeld(state, now) ? NOTHING : beforeTouch(state, now);
    case "deferred":
      return now.nowMs < waitsUntilMs(state) ? NOTHING : beforeTouch(state, now);
    case "armed":
      return whileArmed(state, now);
    case "failedRetryable":
      return now.nowMs < waitsUntilMs(state) ? NOTHING : beforeTouch(state, now);
    case "reserved":
      return whileReserved(state, now);
    case "commanded":
    case "applying":
    case "rebooting":
    case "unknown":
      return whileAway(state, now);
    case "verifying":
      return whileVerifying(state, now);
    case "soaking":
      return whileSoaking(state, now);
    default:
      return NOTHING;
  }
}

/**
 * What of a device's holds is worth a row when it changes: that it waits for others, and not for which of them at the moment. Those
 * under way end by themselves, what is down may not.
 */
function kindsOf(holds: readonly Hold[]): string {
  const kinds = holds.map((hold) => {
    if (!isForOthers(hold)) return `${hold.code}:${hold.why}`;
    return hold.code === "down" ? "down" : "others";
  });
  return [...new Set(kinds)].toSorted().join("|");
}

function stillHeld(state: TaskState & { at: "held" }, now: Situation): boolean {
  if (now.nowMs < waitsUntilMs(state)) return true;
  return now.holds.length > 0 && kindsOf(now.holds) === kindsOf(state.reasons);
}

function beforeTouch(state: TaskState, now: Situation): Move {
  if (now.holds.length > 0) return step({ kind: "holdsFound", reasons: now.holds });
  const look = freshLook(now, COMMAND_LOOK_MS);
  if (look === undefined || (state.at === "deferred" && look.atMs < state.nextLookMs)) return { do: "look" };
  const move = afterFirstLook(look, now);
  if (move !== "current") return move;
  return attemptsSpent(state) === 0 ? step({ kind: "foundCurrent" }) : (toLastLeg(now) ?? { do: "reserve" });
}

/** Its wave does not wait for it. What holds it now holds it as before: it is looked at only where it could begin. */
function whileArmed(state: TaskState & { at: "armed" }, now: Situation): Move {
  if (now.nowMs >= state.deadlineMs)
    return step({ kind: "stayedAway", why: `it did not come back until ${isoOf(state.deadlineMs)}: ${state.why}` });
  if (now.holds.length > 0) return NOTHING;
  const look = freshLook(now, ARMED_AGAIN_MS);
  if (look === undefined || (now.seenMs !== undefined && now.seenMs > look.atMs)) return { do: "look" };
  if (versionOn(look, legAt(now.planned, now.leg)) === undefined) return NOTHING;
  if (freshLook(now, COMMAND_LOOK_MS) === undefined)
    return look.inUse.state !== "idle" && now.nowMs < look.atMs + now.policy.lookAgain ? NOTHING : { do: "look" };
  const move = afterFirstLook(look, now);
  // Its wave does not wait for its user either.
  if (move !== "current") return move.do === "step" && move.event.kind === "foundBusy" ? NOTHING : move;
  return attemptsSpent(state) === 0 ? step({ kind: "foundCurrent" }) : (toLastLeg(now) ?? { do: "reserve" });
}

/** Reads the look before the command. Everything that is not clearly idle, ours and on the planned path does not pass. */
function afterFirstLook(look: Look, now: Situation): Move | "current" {
  const { planned } = now;
  const running = versionOn(look, legAt(now.planned, now.leg));
  if (running === undefined) {
    const why = look.faults[0] === undefined ? "it does not say what it runs" : showFault(look.faults[0]);
    if (now.policy.offline === "arm") return step({ kind: "foundOffline", why });
    const endedBy = "the device answering again, or a person who skips it";
    const hold: Hold = { code: "offline", why, untilMs: now.nowMs + OFFLINE_AGAIN_MS, endedBy };
    return step({ kind: "holdsFound", reasons: [hold] });
  }
  if (look.facts.mac !== undefined && look.facts.mac !== planned.mac) {
    return step({ kind: "foundUnfit", why: `another device (${look.facts.mac}) answers at its address` });
  }
  const ahead = planned.legs.findLastIndex((leg) => isBehind(look, leg));
  if (ahead === planned.legs.length - 1) return "current";
  if (ahead >= now.leg) return step({ kind: "foundAhead", leg: ahead + 1 });
  const unfit = unfitWords(look, running, now);
  if (unfit !== undefined) return step({ kind: "foundUnfit", why: unfit });
  if (look.inUse.state !== "idle") {
    const chance = now.nextOpeningMs === undefined ? {} : { nextOpeningMs: now.nextOpeningMs };
    return step({ kind: "foundBusy", inUse: look.inUse, ...chance });
  }
  return { do: "reserve" };
}

/** The slot is taken, nothing is sent: everything that must be true before the slot must be true before the command too. */
function whileReserved(state: TaskState & { at: "reserved" }, now: Situation): Move {
  // Budget and failure domains count this device itself by now.
  const holds = now.holds.filter(({ code }) => HOLDS_RESERVED.has(code));
  if (holds.length > 0) return step({ kind: "holdsFound", reasons: holds });
  const look = freshLook(now, COMMAND_LOOK_MS);
  if (look === undefined) return { do: "look" };
  const move = afterFirstLook(look, now);
  if (move !== "current") return move.do === "reserve" ? { do: "command" } : move;
  if (state.attempt.number === 1) return step({ kind: "foundCurrent" });
  return toLastLeg(now) ?? step({ kind: "answered", version: legAt(now.planned, now.leg).to, verifyMs: now.pace.verifyMs });
}

/** Late, but after a command of ours: it takes a slot for its last leg, and is watched like any other. */
function toLastLeg({ planned, leg }: Situation): Move | undefined {
  const last = planned.legs.length - 1;
  return leg < last ? step({ kind: "foundAhead", leg: last }) : undefined;
}

type Away = TaskState & { at: "commanded" | "applying" | "rebooting" | "unknown" };

function whileAway(state: Away, now: Situation): Move {
  const { signs, pace } = now;
  if (state.at !== "rebooting" && signs.imageDeliveredAtMs !== undefined) return step({ kind: "wentDown", rebootMs: rebootMs(now) });
  if (state.at === "commanded" && signs.imageStartedAtMs !== undefined) {
    return step({ kind: "imageRequested", applyMs: pace.applyMs });
  }
  const over = now.nowMs >= state.deadlineMs;
  const watches = state.at === "rebooting" || state.at === "unknown" || pace.watchMs !== undefined;
  if (!over && !watches) return NOTHING;
  const look = ownLook(now, over ? COMMAND_LOOK_MS : (pace.watchMs ?? WATCH_EVERY_MS));
  if (look === undefined) return { do: "look" };
  return afterAwayLook(state, look, { ...now, over });
}

/** How long it may be silent before it is written down as lost. */
const rebootMs = ({ pace, policy }: Situation): Ms =>
  pace.watchMs === undefined ? policy.lostAfter : Math.max(policy.lostAfter, pace.applyMs);

function afterAwayLook(state: Away, look: TimedLook, now: Situation & { over: boolean }): Move {
  const { policy, pace, signs } = now;
  const { from, to } = legAt(now.planned, now.leg);
  const running = versionOn(look, legAt(now.planned, now.leg));
  // The intent is on disk before anything is sent: whoever was only reserved was told nothing, silent or not.
  const isUntold = state.at === "unknown" && state.was === "reserved" && signs.imageStartedAtMs === undefined;
  if (running === undefined) {
    if (isUntold) return step({ kind: "neverCommanded" });
    if (state.at === "rebooting") return now.over ? step({ kind: "silent", lastSign: lastSign(now) }) : NOTHING;
    // Of a device that is watched, silence after it began to fetch is how its update looks.
    const wentDown = now.over || state.at === "unknown" || (state.at === "applying" && pace.watchMs !== undefined);
    return wentDown ? step({ kind: "wentDown", rebootMs: rebootMs(now) }) : NOTHING;
  }
  if (sameVersion(running, to)) return step({ kind: "answered", version: running, verifyMs: pace.verifyMs });
  const before = now.baseline?.version ?? from;
  if (!sameVersion(running, before)) {
    return step({
      kind: "failed",
      cause: "otherVersion",
      fault: { kind: "mismatch", wanted: to, found: running },
      seenHealthy: false,
      retry: false,
    });
  }
  if (isUntold) return step({ kind: "neverCommanded" });
  const delivered = signs.imageDeliveredAtMs;
  // Where it does not tell its uptime, its time decides: a device that has the image is not told to fetch it again.
  const isOverdue = now.over && look.uptimeSeconds === undefined && !waitsWithImage(look, now);
  if (delivered !== undefined && (hasRestarted(look, delivered) || isOverdue)) {
    const reason = `nothing was flashed: it has the whole image and still runs ${running}`;
    const fault: Fault = { kind: "refused", via: "provisioning", reason };
    return step({ kind: "failed", cause: "imageRefused", fault, seenHealthy: true, retry: false });
  }
  if (look.inUse.state !== "idle") {
    if (now.over && delivered === undefined && waitedLong(now)) {
      // What it was told is taken back with its offer: from now on it is waited for like one that was in use at its first look.
      const fault: Fault = { kind: "stalled", waitedFor: `the device to become idle (${look.inUse.reason})` };
      return step({ kind: "failed", cause: "busyTooLong", fault, seenHealthy: true, retry: true });
    }
    // One that has the whole image goes down when its user is done: from then on it may be away as long like any other.
    const reactMs = state.at === "rebooting" ? policy.lostAfter : pace.reactMs;
    return now.over ? step({ kind: "waitsForUser", inUse: look.inUse, reactMs }) : NOTHING;
  }
  if (!now.over) return NOTHING;
  const fault: Fault = { kind: "stalled", waitedFor: delivered === undefined ? waitedFor(state) : "the device to restart with the image" };
  return step({ kind: "failed", cause: "neverReacted", fault, seenHealthy: true, retry: true });
}

/** Its user has kept it from obeying for as long as one is waited for at a time; nobody else could ever end that wait. */
const waitedLong = ({ baseline, nowMs, policy }: Situation): boolean => baseline !== undefined && nowMs >= baseline.atMs + policy.deferral;

/** It flashes when its user is done. */
const waitsWithImage = ({ inUse }: Look, now: Situation): boolean =>
  inUse.state === "busy" || (inUse.state === "unknown" && !waitedLong(now));

const waitedFor = ({ at }: Away): string => (at === "applying" ? "the end of the image transfer" : "the device to fetch the image");

function lastSign(now: Situation): string {
  if (now.signs.imageDeliveredAtMs !== undefined) return "took the whole image, then went silent";
  if (now.signs.imageStartedAtMs !== undefined) return "began to fetch the image, then went silent";
  return "went silent after the command";
}
