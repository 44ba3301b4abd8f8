/** A device that answers on the new version: until all of it is back, and until it has stayed well for its soak. Pure. */
import type { Ms } from "../../protocols/core/time.ts";
import { checkFault } from "./check.ts";
import { legAt } from "./legs.ts";
import { COMMAND_LOOK_MS, type Move, NOTHING, ownLook, step, WATCH_EVERY_MS } from "./move.ts";
import { mayPartsLeave } from "./parts-back.ts";
import { hasRestarted } from "./restarted.ts";
import type { Situation } from "./situation.ts";
import type { TaskEvent, TaskState } from "./task-state.ts";

export function whileVerifying(state: TaskState & { at: "verifying" }, now: Situation): Move {
  const over = now.nowMs >= state.deadlineMs;
  const look = ownLook(now, over ? COMMAND_LOOK_MS : WATCH_EVERY_MS);
  if (look === undefined) return { do: "look" };
  const fault = checkFault(look, now);
  if (fault === "silent") return over ? step({ kind: "silent", lastSign: "answered on the new version, then went silent" }) : NOTHING;
  if (fault === undefined) {
    if (!over && now.nowMs < settledMs(state, now) && mayPartsLeave(now.baseline?.parts ?? [], look.parts ?? [])) return NOTHING;
    return step({ kind: now.leg === now.planned.legs.length - 1 ? "checksPassed" : "legDone" });
  }
  if (fault.cause === "fellBack" || fault.cause === "otherVersion") return step(fault);
  return over ? step(fault) : NOTHING;
}

const settledMs = ({ deadlineMs }: TaskState & { at: "verifying" }, { pace: { verifyMs, settleMs = 0 } }: Situation): Ms =>
  deadlineMs - verifyMs + settleMs;

/** Checked anew, then soaked anew; after so many times it is what the release makes of it. Guessed. */
const RELAPSES_MAX = 3;

const UNSTEADY: TaskEvent & { kind: "failed" } = {
  ...{ kind: "failed", cause: "unsteady", seenHealthy: false, retry: false },
  fault: { kind: "stalled", waitedFor: "it to stay up for its soak: it restarts again and again" },
};

function relapse({ relapses = 0 }: TaskState & { at: "soaking" }, fault: TaskEvent & { kind: "failed" }, now: Situation): Move {
  if (relapses >= RELAPSES_MAX) return step(fault);
  return step({ kind: "answered", version: legAt(now.planned, now.leg).to, verifyMs: now.pace.verifyMs });
}

export function whileSoaking(state: TaskState & { at: "soaking" }, now: Situation): Move {
  const over = now.nowMs >= state.untilMs;
  const look = ownLook(now, over ? COMMAND_LOOK_MS : WATCH_EVERY_MS);
  // The soak ends on a look made after its last moment, never on an older good one.
  if (look === undefined || (over && look.atMs < state.untilMs)) return { do: "look" };
  const fault = checkFault(look, now);
  if (fault === "silent")
    return now.nowMs >= state.untilMs + now.policy.lostAfter ? step({ kind: "silent", lastSign: "went silent during the soak" }) : NOTHING;
  if (fault?.cause === "fellBack" || fault?.cause === "otherVersion") return step(fault);
  // One that has just restarted has no lines yet, and that is not the cause.
  const lapse = hasRestarted(look, state.untilMs - now.policy.soak) ? UNSTEADY : fault;
  if (lapse !== undefined) return relapse(state, lapse, now);
  return over ? step({ kind: "soakPassed" }) : NOTHING;
}
