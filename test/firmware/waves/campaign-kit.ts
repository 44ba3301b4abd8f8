/** Every state of a campaign and every event that can happen to it. */
import { stepCampaign } from "../../../firmware/waves/campaign.ts";
import type { CampaignEvent, CampaignState, CampaignStep, CampaignTerms } from "../../../firmware/waves/campaign-state.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import { DAY } from "../../../protocols/core/time.ts";
import { NOW, sha } from "./builders.ts";

export const HASH = sha("a");
export const TERMS: CampaignTerms = { planHash: HASH, waves: 3, approvalsNeeded: 2, notApprovedBy: "author", validUntilMs: NOW + DAY };
export const COUNTS = { succeeded: 9, failed: 0, lost: 0, refused: 0, skipped: 1 };

export const doe = { person: "doe", keyId: "key-doe", atMs: NOW };
export const roe = { person: "roe", keyId: "key-roe", atMs: NOW };
export const approvals = [doe, roe];
export const running: CampaignState = { at: "running", approvals, wave: 2, startedBy: "doe" };
export const pausedByPerson: CampaignState = { ...running, at: "paused", cause: { kind: "person", by: "roe" }, sinceMs: NOW };
export const gateCause = { kind: "gate", wave: 2, gate: "failureCount", evidence: "2 of 5 failed" } as const;
export const pausedByGate: CampaignState = { ...running, at: "paused", cause: gateCause, sinceMs: NOW };
export const NEXT = "c-next0001" as CampaignId;
/** Superseded, with devices under way. */
export const leaving: CampaignState = { ...running, supersededBy: NEXT };
export const leavingPaused: CampaignState = { ...pausedByGate, supersededBy: NEXT };
export const awaiting: CampaignState = { at: "awaitingApproval", approvals: [doe] };
export const armed: CampaignState = { at: "armed", approvals };
export const BACK = "c-back0001" as CampaignId;
export const halted = { at: "halted", atMs: NOW, cause: { by: "roe", why: "smoke" }, wave: 2 } as const satisfies CampaignState;

export const FINAL: readonly CampaignState[] = [
  { at: "completed", atMs: NOW, counts: COUNTS },
  { at: "completedWithFailures", atMs: NOW, counts: COUNTS },
  halted,
  { at: "expired", atMs: NOW },
  { at: "superseded", atMs: NOW, by: NEXT },
  { at: "rollingBack", sinceMs: NOW, rollback: BACK, cause: halted.cause },
  { at: "rolledBack", atMs: NOW, rollback: BACK },
  { at: "closed", atMs: NOW, by: "roe", why: "left as it is", cause: halted.cause },
];
export const OPEN: readonly CampaignState[] = [
  { at: "planned" },
  awaiting,
  armed,
  running,
  pausedByPerson,
  pausedByGate,
  leaving,
  leavingPaused,
];
export const STATES = [...OPEN, ...FINAL];

export const approval = (person: string, keyId = `key-${person}`, planHash = HASH): CampaignEvent => ({
  kind: "approved",
  person,
  keyId,
  planHash,
});
export const held: CampaignEvent = { kind: "gateHeld", wave: 2, gate: "health", evidence: "1 of 5 is worse" };

export const WAYS_BACK: readonly CampaignEvent[] = [
  { kind: "rollbackStarted", by: "doe", rollback: BACK },
  { kind: "rollbackStarted", by: "doe", rollback: "c-other001" as CampaignId },
  { kind: "rollbackEnded", rollback: BACK, clean: true, why: "all are back" },
  { kind: "rollbackEnded", rollback: BACK, clean: false, why: "1 of 3 is not back" },
  { kind: "rollbackEnded", rollback: "c-other001" as CampaignId, clean: true, why: "all are back" },
];

export const EVENTS: readonly CampaignEvent[] = [
  { kind: "approvalAsked" },
  approval("doe"),
  approval("roe"),
  approval("author"),
  approval("poe", "key-doe"),
  approval("poe", "key-poe", sha("b")),
  { kind: "started", by: "doe" },
  held,
  { ...held, wave: 1 },
  { kind: "paused", by: "roe" },
  { kind: "resumed", by: "roe" },
  { kind: "resumed", by: "roe", gateNamed: "failureCount" },
  { kind: "resumed", by: "roe", gateNamed: "health" },
  { kind: "halted", by: "roe", why: "smoke" },
  { kind: "waveFinished", wave: 1 },
  { kind: "waveFinished", wave: 2 },
  { kind: "waveFinished", wave: 3 },
  { kind: "allDone", counts: COUNTS },
  { kind: "allDone", counts: { ...COUNTS, lost: 1 } },
  { kind: "timePassed" },
  { kind: "superseded", by: NEXT, stay: 0 },
  { kind: "superseded", by: NEXT, stay: 2 },
  { kind: "closed", by: "roe", why: "left as it is" },
  ...WAYS_BACK,
];

export const take = (state: CampaignState, event: CampaignEvent, nowMs = NOW): CampaignStep => stepCampaign(state, event, TERMS, nowMs);
export const next = (state: CampaignState, event: CampaignEvent, nowMs = NOW): CampaignState => {
  const step = take(state, event, nowMs);
  return "next" in step ? step.next : state;
};
export const reasonOf = (step: CampaignStep): string => ("reason" in step ? step.reason : `no reason: ${step.next.at}`);
export const pairs = STATES.flatMap((state) => EVENTS.map((event) => ({ state, event })));
