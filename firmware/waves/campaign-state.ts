/**
 * Where a campaign stands, what can happen to it, and what each state allows.
 */
import type { CampaignId, Sha256 } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { GateId } from "./gates/ids.ts";

export interface Approval {
  readonly person: string;
  readonly keyId: string;
  readonly atMs: Ms;
}

export type PauseCause =
  | { readonly kind: "person"; readonly by: string; readonly why?: string }
  | {
      readonly kind: "gate";
      readonly wave: number;
      readonly gate: GateId;
      readonly evidence: string;
      /** Of stragglers after the last wave: so many failures are accepted with the resume. */
      readonly lateFailures?: number;
    };

/** How many tasks ended how; together with the unfinished ones they always add up to the plan (I25). */
export interface CampaignCounts {
  readonly succeeded: number;
  readonly failed: number;
  readonly lost: number;
  readonly refused: number;
  readonly skipped: number;
}

/**
 * `supersededBy`: another campaign has taken over whatever waits; what was commanded before stays until it has ended, and no wave
 * of it is judged any more.
 */
export type CampaignState =
  | { readonly at: "planned" }
  | { readonly at: "awaitingApproval"; readonly approvals: readonly Approval[] }
  | { readonly at: "armed"; readonly approvals: readonly Approval[] }
  | {
      readonly at: "running";
      readonly approvals: readonly Approval[];
      readonly wave: number;
      readonly startedBy: string;
      readonly supersededBy?: CampaignId;
      /** So many failures of stragglers after the last wave a person has accepted; absent where none. */
      readonly lateFailures?: number;
    }
  | {
      readonly at: "paused";
      readonly approvals: readonly Approval[];
      readonly wave: number;
      readonly startedBy: string;
      readonly cause: PauseCause;
      readonly sinceMs: Ms;
      readonly supersededBy?: CampaignId;
      readonly lateFailures?: number;
    }
  | { readonly at: "completed"; readonly atMs: Ms; readonly counts: CampaignCounts }
  | { readonly at: "completedWithFailures"; readonly atMs: Ms; readonly counts: CampaignCounts }
  /** `wave` is the one that was under way; absent where none had started. */
  | { readonly at: "halted"; readonly atMs: Ms; readonly cause: HaltCause; readonly wave?: number }
  | { readonly at: "expired"; readonly atMs: Ms }
  | { readonly at: "superseded"; readonly atMs: Ms; readonly by: CampaignId }
  /** `cause`: of the halt before it, where there was one. */
  | { readonly at: "rollingBack"; readonly sinceMs: Ms; readonly rollback: CampaignId; readonly cause?: HaltCause }
  /** All that could go back are back. */
  | { readonly at: "rolledBack"; readonly atMs: Ms; readonly rollback: CampaignId; readonly cause?: HaltCause }
  /** By a person, or by a rollback that did not bring all of them back. */
  | { readonly at: "closed"; readonly atMs: Ms; readonly by: string; readonly why: string; readonly cause?: HaltCause };

export interface HaltCause {
  readonly by: string;
  readonly why: string;
  /** The gate that held it then: a rollback names it. */
  readonly gate?: FailedGate;
}

export interface FailedGate {
  readonly wave: number;
  readonly gate: GateId;
  readonly evidence: string;
}

export type CampaignEvent =
  | { readonly kind: "approvalAsked" }
  | { readonly kind: "approved"; readonly person: string; readonly keyId: string; readonly planHash: Sha256 }
  | { readonly kind: "started"; readonly by: string }
  | { readonly kind: "gateHeld"; readonly wave: number; readonly gate: GateId; readonly evidence: string; readonly lateFailures?: number }
  | { readonly kind: "paused"; readonly by: string; readonly why?: string }
  | { readonly kind: "resumed"; readonly by: string; readonly gateNamed?: GateId }
  | { readonly kind: "halted"; readonly by: string; readonly why: string }
  | { readonly kind: "waveFinished"; readonly wave: number }
  | { readonly kind: "allDone"; readonly counts: CampaignCounts }
  | { readonly kind: "timePassed" }
  /** The campaign `by`, made from this one's plan, has started. `stay`: devices that were commanded here and have not ended. */
  | { readonly kind: "superseded"; readonly by: CampaignId; readonly stay: number }
  /** The campaign that takes its devices back was started. */
  | { readonly kind: "rollbackStarted"; readonly by: string; readonly rollback: CampaignId }
  /** It has ended, and so has each of its devices. `clean`: all of them are back. */
  | { readonly kind: "rollbackEnded"; readonly rollback: CampaignId; readonly clean: boolean; readonly why: string }
  | { readonly kind: "closed"; readonly by: string; readonly why: string };

/** What is fixed for a campaign's whole life. */
export interface CampaignTerms {
  readonly planHash: Sha256;
  readonly waves: number;
  /** Different persons with different keys. */
  readonly approvalsNeeded: 1 | 2;
  /** Who made the plan, where policy wants somebody else to approve it. */
  readonly notApprovedBy?: string;
  /** A plan that has not started by then must be made anew. */
  readonly validUntilMs: Ms;
}

/** An ignored event comes with words for the one who sent it; `already`: what it asks for is so. */
export type CampaignStep =
  | { readonly next: CampaignState }
  | { readonly ignored: CampaignEvent; readonly reason: string; readonly already?: true };

/** It starts nothing any more. What it did may still be taken back, by a campaign of its own. */
export function isFinalCampaign(state: CampaignState): boolean {
  switch (state.at) {
    case "completed":
    case "completedWithFailures":
    case "halted":
    case "expired":
    case "superseded":
    case "rollingBack":
    case "rolledBack":
    case "closed":
      return true;
    default:
      return false;
  }
}

/** For good, with devices maybe under way: nothing is offered to them any more, and they are watched to their end. */
export function isStopped({ at }: CampaignState): boolean {
  return at === "halted" || at === "rollingBack" || at === "rolledBack" || at === "closed";
}

/** Why it was halted; of what came after a halt too. */
export function haltCauseOf(state: CampaignState): HaltCause | undefined {
  switch (state.at) {
    case "halted":
    case "rollingBack":
    case "rolledBack":
    case "closed":
      return state.cause;
    default:
      return undefined;
  }
}

/** `by anna: fire drill`; the reason only where she gave one. */
export function causeWords(cause: PauseCause): string {
  if (cause.kind === "gate") return `gate "${cause.gate}" holds wave ${cause.wave}: ${cause.evidence}`;
  return cause.why === undefined ? `by ${cause.by}` : `by ${cause.by}: ${cause.why}`;
}

/** The same as a whole: `paused by anna: fire drill`. */
export const pauseWords = (cause: PauseCause): string => (cause.kind === "gate" ? causeWords(cause) : `paused ${causeWords(cause)}`);

/** Why a campaign starts nobody for now or for good, where a person or another plan has ended that. */
export function stopWords(state: CampaignState): string | undefined {
  switch (state.at) {
    case "paused":
      return pauseWords(state.cause);
    case "halted":
      return `halted by ${state.cause.by}: ${state.cause.why}`;
    case "superseded":
      return `superseded by ${state.by}`;
    case "closed":
      return `closed by ${state.by}: ${state.why}`;
    default:
      return undefined;
  }
}

/** May new commands be sent? Only while running (I8, I9). */
export function mayCommand(state: CampaignState): boolean {
  return state.at === "running";
}

/** By which campaign it is superseded, while what it has commanded has not ended. */
export function successorOf(state: CampaignState): CampaignId | undefined {
  return state.at === "running" || state.at === "paused" ? state.supersededBy : undefined;
}
