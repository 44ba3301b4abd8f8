/**
 * A campaign's way from plan to end. `stepCampaign` is the only code that changes its state, and it is pure.
 *
 * A pause ends by a resume; a pause caused by a gate only by a resume that names the gate. A halt is for good: the fleet
 * then moves on only with a new plan and a new approval. Devices that are mid-flash are watched to their end in any state.
 *
 * Going back is a campaign of its own. While it runs, the one it undoes is `rollingBack`, and sends nothing itself.
 */
import { unreachable } from "../../protocols/core/fault.ts";
import type { Ms } from "../../protocols/core/time.ts";
import {
  type CampaignEvent,
  type CampaignState,
  type CampaignStep,
  type CampaignTerms,
  causeWords,
  type FailedGate,
  type HaltCause,
  haltCauseOf,
  isFinalCampaign,
  type PauseCause,
} from "./campaign-state.ts";

/** The only place a campaign changes state. Pure: the caller supplies `nowMs` and stores the answer. */
export function stepCampaign(state: CampaignState, event: CampaignEvent, terms: CampaignTerms, nowMs: Ms): CampaignStep {
  const ignore = (reason: string): CampaignStep => ({ ignored: event, reason });
  if (event.kind === "halted" && state.at === "halted") return already(event, `already halted by ${state.cause.by}`);
  if (event.kind === "closed") return afterClose(state, event, nowMs);
  if (event.kind === "rollbackStarted") return afterRollbackStart(state, event, nowMs);
  if (event.kind === "rollbackEnded") return afterRollback(state, event, nowMs);
  if (isFinalCampaign(state)) return ignore(endWords(state));
  switch (event.kind) {
    case "approvalAsked":
      return state.at === "planned" ? { next: { at: "awaitingApproval", approvals: [] } } : ignore("approval was asked for already");
    case "approved":
      return afterApproval(state, event, terms, nowMs);
    case "started":
      return afterStart(state, event, terms, nowMs);
    case "gateHeld":
      return afterGate(state, event, nowMs);
    case "paused":
      if (state.at === "paused") return already(event, `already paused: ${causeWords(state.cause)}`);
      if (state.at !== "running") return ignore("nothing is running");
      return { next: pausedFrom(state, personCause(event), nowMs) };
    case "resumed":
      return afterResume(state, event);
    case "halted": {
      const wave = "wave" in state ? { wave: state.wave } : {};
      return { next: { at: "halted", atMs: nowMs, cause: { by: event.by, why: event.why, ...gateOf(state) }, ...wave } };
    }
    case "waveFinished":
      return afterWave(state, event, terms);
    case "allDone":
      return afterAll(state, event, nowMs);
    case "timePassed":
      return hasStarted(state) || nowMs < terms.validUntilMs ? ignore("still valid") : { next: { at: "expired", atMs: nowMs } };
    case "superseded":
      return afterSuccessor(state, event, nowMs);
    default:
      return unreachable(event);
  }
}

const already = (event: CampaignEvent, reason: string): CampaignStep => ({ ignored: event, reason, already: true });

type Started = CampaignState & { at: "running" | "paused" };

function hasStarted(state: CampaignState): state is Started {
  return state.at === "running" || state.at === "paused";
}

function afterApproval(state: CampaignState, event: CampaignEvent & { kind: "approved" }, terms: CampaignTerms, nowMs: Ms): CampaignStep {
  const ignore = (reason: string): CampaignStep => ({ ignored: event, reason });
  if (event.planHash !== terms.planHash) return ignore("the approval names another plan");
  if (state.at !== "planned" && state.at !== "awaitingApproval") return already(event, "already approved");
  if (nowMs >= terms.validUntilMs) return { next: { at: "expired", atMs: nowMs } };
  if (event.person === terms.notApprovedBy) return ignore(`${event.person} made the plan: another person must approve it`);
  const approvals = state.at === "awaitingApproval" ? state.approvals : [];
  if (approvals.some(({ person }) => person === event.person)) return already(event, `already approved by ${event.person}`);
  if (approvals.some(({ keyId }) => keyId === event.keyId))
    return ignore("this key has approved already: another person needs another key");
  const all = [...approvals, { person: event.person, keyId: event.keyId, atMs: nowMs }];
  return { next: { at: all.length >= terms.approvalsNeeded ? "armed" : "awaitingApproval", approvals: all } };
}

function afterStart(state: CampaignState, event: CampaignEvent & { kind: "started" }, terms: CampaignTerms, nowMs: Ms): CampaignStep {
  if (state.at === "running") return already(event, `already started by ${state.startedBy}`);
  if (state.at === "paused") return already(event, `already started, and paused: ${causeWords(state.cause)}`);
  if (nowMs >= terms.validUntilMs) return { next: { at: "expired", atMs: nowMs } };
  if (state.at !== "armed") {
    const have = state.at === "awaitingApproval" ? state.approvals.length : 0;
    return { ignored: event, reason: `waits for approval: ${have} of ${terms.approvalsNeeded}` };
  }
  return { next: { at: "running", approvals: state.approvals, wave: 1, startedBy: event.by } };
}

function afterSuccessor(state: CampaignState, event: CampaignEvent & { kind: "superseded" }, nowMs: Ms): CampaignStep {
  if (!hasStarted(state) || event.stay === 0) return { next: { at: "superseded", atMs: nowMs, by: event.by } };
  if (state.supersededBy !== undefined) return already(event, `already superseded by ${state.supersededBy}`);
  return { next: { ...state, supersededBy: event.by } };
}

function personCause({ by, why }: CampaignEvent & { kind: "paused" }): PauseCause {
  return { kind: "person", by, ...(why === undefined || why === "" ? {} : { why }) };
}

const NO_WAVES = "it is superseded: its waves are judged no more";

/** A gate beats a person's pause as the cause: the resume must then name the gate. */
function afterGate(state: CampaignState, event: CampaignEvent & { kind: "gateHeld" }, nowMs: Ms): CampaignStep {
  if (!hasStarted(state)) return { ignored: event, reason: "nothing is running" };
  if (state.supersededBy !== undefined) return { ignored: event, reason: NO_WAVES };
  if (event.wave !== state.wave) return { ignored: event, reason: `wave ${event.wave} is not the one under way` };
  if (state.at === "paused" && state.cause.kind === "gate") return { ignored: event, reason: `already held: ${causeWords(state.cause)}` };
  const { wave, gate, evidence, lateFailures } = event;
  const cause: PauseCause = { kind: "gate", wave, gate, evidence, ...(lateFailures === undefined ? {} : { lateFailures }) };
  return { next: pausedFrom(state, cause, state.at === "paused" ? state.sinceMs : nowMs) };
}

function pausedFrom(state: Started, cause: PauseCause, sinceMs: Ms): CampaignState {
  return { ...startedOf(state), at: "paused", cause, sinceMs };
}

function afterResume(state: CampaignState, event: CampaignEvent & { kind: "resumed" }): CampaignStep {
  if (state.at === "running") return already(event, "it is running already");
  if (state.at !== "paused") return { ignored: event, reason: "it has not started" };
  const { cause } = state;
  if (cause.kind === "gate" && event.gateNamed !== cause.gate) {
    return { ignored: event, reason: `the resume must name the gate "${cause.gate}" that holds wave ${cause.wave}` };
  }
  const lateFailures = (cause.kind === "gate" ? cause.lateFailures : undefined) ?? state.lateFailures;
  return { next: { ...startedOf(state), at: "running", ...(lateFailures === undefined ? {} : { lateFailures }) } };
}

/** What stays while it runs and pauses. */
function startedOf({ approvals, wave, startedBy, supersededBy, lateFailures }: Started) {
  return {
    ...{ approvals, wave, startedBy },
    ...(supersededBy === undefined ? {} : { supersededBy }),
    ...(lateFailures === undefined ? {} : { lateFailures }),
  };
}

/** A wave may finish while a person's pause lasts (its devices were under way); the next one then waits for the resume. */
function afterWave(state: CampaignState, event: CampaignEvent & { kind: "waveFinished" }, terms: CampaignTerms): CampaignStep {
  if (!hasStarted(state)) return { ignored: event, reason: "nothing is running" };
  if (state.supersededBy !== undefined) return { ignored: event, reason: NO_WAVES };
  if (event.wave !== state.wave) return { ignored: event, reason: `wave ${event.wave} is not the one under way` };
  if (state.at === "paused" && state.cause.kind === "gate") return { ignored: event, reason: causeWords(state.cause) };
  if (event.wave >= terms.waves) return { ignored: event, reason: "it was the last wave" };
  return { next: { ...state, wave: state.wave + 1 } };
}

function afterAll(state: CampaignState, event: CampaignEvent & { kind: "allDone" }, nowMs: Ms): CampaignStep {
  if (!hasStarted(state)) return { ignored: event, reason: "nothing is running" };
  if (state.supersededBy !== undefined) return { next: { at: "superseded", atMs: nowMs, by: state.supersededBy } };
  if (state.at === "paused" && state.cause.kind === "gate") return { ignored: event, reason: causeWords(state.cause) };
  const { failed, lost, refused } = event.counts;
  return { next: { at: failed + lost + refused === 0 ? "completed" : "completedWithFailures", atMs: nowMs, counts: event.counts } };
}

function gateOf(state: CampaignState): { readonly gate?: FailedGate } {
  if (state.at !== "paused" || state.cause.kind !== "gate") return {};
  const { wave, gate, evidence } = state.cause;
  return { gate: { wave, gate, evidence } };
}

function haltOf(state: CampaignState): { readonly cause?: HaltCause } {
  const cause = haltCauseOf(state);
  return cause === undefined ? {} : { cause };
}

/** I12: a halted campaign is closed by a person who says why, or rolled back by an approved plan; nothing else moves it. */
function afterClose(state: CampaignState, event: CampaignEvent & { kind: "closed" }, nowMs: Ms): CampaignStep {
  if (state.at === "closed") return already(event, `already closed by ${state.by}: ${state.why}`);
  if (state.at === "halted") return { next: { at: "closed", atMs: nowMs, by: event.by, why: event.why, cause: state.cause } };
  return { ignored: event, reason: isFinalCampaign(state) ? endWords(state) : "only a halted campaign is closed: halt it first" };
}

function afterRollbackStart(state: CampaignState, event: CampaignEvent & { kind: "rollbackStarted" }, nowMs: Ms): CampaignStep {
  if (state.at === "rollingBack")
    return state.rollback === event.rollback ? already(event, endWords(state)) : { ignored: event, reason: endWords(state) };
  if (!isFinalCampaign(state)) return { ignored: event, reason: "it has not ended: halt it first" };
  if (state.at === "expired") return { ignored: event, reason: "it never started" };
  return { next: { at: "rollingBack", sinceMs: nowMs, rollback: event.rollback, ...haltOf(state) } };
}

function afterRollback(state: CampaignState, event: CampaignEvent & { kind: "rollbackEnded" }, nowMs: Ms): CampaignStep {
  const { rollback, clean, why } = event;
  if (state.at !== "rollingBack" || state.rollback !== rollback) return { ignored: event, reason: `${rollback} does not take it back` };
  if (clean) return { next: { at: "rolledBack", atMs: nowMs, rollback, ...haltOf(state) } };
  return { next: { at: "closed", atMs: nowMs, by: rollback, why, ...haltOf(state) } };
}

function endWords(state: CampaignState): string {
  switch (state.at) {
    case "halted":
      return `halted by ${state.cause.by}: it moves on only with a new plan and a new approval`;
    case "superseded":
      return `superseded by ${state.by}`;
    case "expired":
      return "expired: make a new plan";
    case "rollingBack":
      return `its devices go back with campaign ${state.rollback}`;
    case "rolledBack":
      return `rolled back by campaign ${state.rollback}`;
    case "closed":
      return `closed by ${state.by}: ${state.why}`;
    default:
      return "it has ended";
  }
}
