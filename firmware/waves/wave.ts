/**
 * One wave's way. `stepWave` is the only code that changes a wave's state, and it is pure; the verdicts come from the gates.
 */
import { unreachable } from "../../protocols/core/fault.ts";

/** What a held wave remembers: a soak keeps its end. */

/** An inconclusive end of the soak lengthens it this often; then a person is asked. Guessed: one more chance than needed. */
export const PROLONG_MAX = 2;

/** The only place a wave changes state. Pure: the caller supplies `nowMs` and stores the answer. */
export function stepWave(state           , event           , wave             , nowMs    )           {
  const ignore = (reason        )           => ({ ignored: event, reason });
  if (state.at === "passed" || state.at === "failed") return ignore(`the wave has ${state.at} already`);
  if (event.kind === "ended") return { next: { at: "failed", why: event.why, atMs: nowMs } };
  switch (state.at) {
    case "pending":
      if (event.kind !== "started") return ignore("the wave has not started");
      if (!event.previousPassed) return ignore("the wave before has not passed");
      return { next: { at: "active", sinceMs: nowMs, accepted: [] } };
    case "active":
      return whileActive(state, event, wave, nowMs);
    case "soaking":
      return whileSoaking(state, event, wave, nowMs);
    case "held":
      if (event.kind !== "resumed") return ignore(`held by gate "${state.gate}"`);
      if (event.gateNamed !== state.gate) return ignore(`held by gate "${state.gate}", not by "${event.gateNamed}"`);
      return { next: afterResume(state, event, nowMs) };
    default:
      return unreachable(state);
  }
}

function whileActive(state                              , event           , wave             , nowMs    )           {
  switch (event.kind) {
    case "landed":
      // Nobody was updated: there is nothing to watch.
      return {
        next: { at: "soaking", untilMs: event.updated === 0 ? nowMs : nowMs + wave.soakMs, prolonged: 0, accepted: state.accepted },
      };
    case "judged":
      return event.verdict === "fail"
        ? { next: heldBy(event, { at: "active" }, state.accepted, nowMs) }
        : { ignored: event, reason: "devices are still under way" };
    default:
      return { ignored: event, reason: event.kind === "started" ? "already started" : "nothing is held" };
  }
}

function whileSoaking(state                               , event           , wave             , nowMs    )           {
  const resting          = { at: "soaking", untilMs: state.untilMs, prolonged: state.prolonged };
  switch (event.kind) {
    case "tookOff":
      return { next: { at: "active", sinceMs: nowMs, accepted: state.accepted } };
    case "judged":
      if (event.verdict === "fail") return { next: heldBy(event, resting, state.accepted, nowMs) };
      if (nowMs < state.untilMs) return { ignored: event, reason: "the soak is not over" };
      if (event.verdict === "pass") return { next: { at: "passed", atMs: nowMs } };
      if (state.prolonged >= PROLONG_MAX) return { next: heldBy(event, resting, state.accepted, nowMs) };
      return { next: { ...state, untilMs: nowMs + wave.soakMs, prolonged: state.prolonged + 1 } };
    default:
      return { ignored: event, reason: event.kind === "resumed" ? "nothing is held" : "it soaks already" };
  }
}

function heldBy(event                                , was         , accepted                     , nowMs    )            {
  return { at: "held", gate: event.gate, why: event.why, failures: event.failures, sinceMs: nowMs, was, accepted };
}

/** Back to where it was held, with what the person accepts. A soak that ended meanwhile is judged at once. */
function afterResume(state                            , event                                 , nowMs    )            {
  const accepted = [
    ...state.accepted.filter(({ gate }) => gate !== state.gate),
    { gate: state.gate, by: event.by, failures: event.failures, atMs: nowMs },
  ];
  return state.was.at === "active" ? { at: "active", sinceMs: nowMs, accepted } : { ...state.was, accepted };
}

//# sourceURL=file:///work/main/firmware/waves/wave.ts