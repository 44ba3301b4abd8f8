/**
 * One wave's way. `stepWave` is the only code that changes a wave's state, and it is pure; the verdicts come from the gates.
 */
import { unreachable } from "../../protocols/core/fault.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { Accepted, GateJudgement, Unclear, Verdict } from "./gates/gate.ts";
import type { GateId } from "./gates/ids.ts";
import type { PlannedWave } from "./shape.ts";

export type WaveState =
  | { readonly at: "pending" }
  /** Devices are being updated. `accepted`: what persons took responsibility for. */
  | { readonly at: "active"; readonly sinceMs: Ms; readonly accepted: readonly Accepted[] }
  /** Every device has ended or soaks. `prolonged`: how often the soak was lengthened for lack of evidence. */
  | { readonly at: "soaking"; readonly untilMs: Ms; readonly prolonged: number; readonly accepted: readonly Accepted[] }
  | { readonly at: "passed"; readonly atMs: Ms }
  | {
      readonly at: "held";
      readonly gate: GateId;
      readonly why: string;
      /** Devices that spoke against it at this gate. */
      readonly failures: number;
      readonly sinceMs: Ms;
      /** Where it goes on after a resume. */
      readonly was: Resting;
      readonly accepted: readonly Accepted[];
    }
  | { readonly at: "failed"; readonly why: string; readonly atMs: Ms };

/** What a held wave remembers: a soak keeps its end. */
export type Resting = { readonly at: "active" } | { readonly at: "soaking"; readonly untilMs: Ms; readonly prolonged: number };

export type WaveEvent =
  | { readonly kind: "started"; readonly previousPassed: boolean }
  /** Every device of the wave has ended or soaks; `updated` of them run the new version through us. */
  | { readonly kind: "landed"; readonly updated: number }
  /** A device that soaked is under way again (after a restart of the agent it is looked at anew). */
  | { readonly kind: "tookOff" }
  | {
      readonly kind: "judged";
      readonly verdict: Verdict;
      readonly gate: GateId;
      readonly why: string;
      readonly failures: number;
      /** What an inconclusive verdict leads to, where it is not the usual. */
      readonly unclear?: Unclear;
      /** What every gate said: kept as the proof. */
      readonly judgements?: readonly GateJudgement[];
    }
  /** `failures`: how many devices spoke against the wave at this gate when the person accepted it; one more holds it again. */
  | { readonly kind: "resumed"; readonly by: string; readonly gateNamed: GateId; readonly failures: number }
  /** The campaign was halted. */
  | { readonly kind: "ended"; readonly why: string };

export type WaveStep = { readonly next: WaveState } | { readonly ignored: WaveEvent; readonly reason: string };

/** An inconclusive end of the soak lengthens it this often; then a person is asked. Guessed: one more chance than needed. */
export const PROLONG_MAX = 2;

/** The only place a wave changes state. Pure: the caller supplies `nowMs` and stores the answer. */
export function stepWave(state: WaveState, event: WaveEvent, wave: PlannedWave, nowMs: Ms): WaveStep {
  const ignore = (reason: string): WaveStep => ({ ignored: event, reason });
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

function whileActive(state: WaveState & { at: "active" }, event: WaveEvent, wave: PlannedWave, nowMs: Ms): WaveStep {
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

function whileSoaking(state: WaveState & { at: "soaking" }, event: WaveEvent, wave: PlannedWave, nowMs: Ms): WaveStep {
  const resting: Resting = { at: "soaking", untilMs: state.untilMs, prolonged: state.prolonged };
  switch (event.kind) {
    case "tookOff":
      return { next: { at: "active", sinceMs: nowMs, accepted: state.accepted } };
    case "judged":
      if (event.verdict === "fail") return { next: heldBy(event, resting, state.accepted, nowMs) };
      if (nowMs < state.untilMs) return { ignored: event, reason: "the soak is not over" };
      if (event.verdict === "pass") return { next: { at: "passed", atMs: nowMs } };
      return { next: afterUnclear(state, event, wave, nowMs) ?? heldBy(event, resting, state.accepted, nowMs) };
    default:
      return { ignored: event, reason: event.kind === "resumed" ? "nothing is held" : "it soaks already" };
  }
}

/** A longer soak; `undefined` where a person is to be asked. */
function afterUnclear(
  state: WaveState & { at: "soaking" },
  { unclear }: WaveEvent & { kind: "judged" },
  { soakMs }: PlannedWave,
  nowMs: Ms,
): WaveState | undefined {
  switch (unclear?.do) {
    case "asks":
      return undefined;
    case "waits":
      return nowMs < unclear.untilMs ? { ...state, untilMs: Math.min(nowMs + soakMs, unclear.untilMs) } : undefined;
    default:
      return state.prolonged >= PROLONG_MAX ? undefined : { ...state, untilMs: nowMs + soakMs, prolonged: state.prolonged + 1 };
  }
}

function heldBy(event: WaveEvent & { kind: "judged" }, was: Resting, accepted: readonly Accepted[], nowMs: Ms): WaveState {
  return { at: "held", gate: event.gate, why: event.why, failures: event.failures, sinceMs: nowMs, was, accepted };
}

/** Back to where it was held, with what the person accepts. A soak that ended meanwhile is judged at once. */
function afterResume(state: WaveState & { at: "held" }, event: WaveEvent & { kind: "resumed" }, nowMs: Ms): WaveState {
  const accepted = [
    ...state.accepted.filter(({ gate }) => gate !== state.gate),
    { gate: state.gate, by: event.by, failures: event.failures, atMs: nowMs },
  ];
  return state.was.at === "active" ? { at: "active", sinceMs: nowMs, accepted } : { ...state.was, accepted };
}

/** The first wave that has not passed; 0 where all have. */
export function waveToPass(waves: readonly { readonly index: number; readonly state: WaveState }[]): number {
  return waves.find(({ state }) => state.at !== "passed")?.index ?? 0;
}

/** Since when each wave that is active has been so. */
export function startsOf(waves: readonly { readonly index: number; readonly state: WaveState }[]): ReadonlyMap<number, Ms> {
  return new Map(waves.flatMap(({ index, state }) => (state.at === "active" ? [[index, state.sinceMs] as const] : [])));
}
