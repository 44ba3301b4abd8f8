import { expect, test } from "vitest";
import { type CampaignState, isFinalCampaign, isStopped, mayCommand } from "../../../firmware/waves/campaign-state.ts";
import type { CampaignId } from "../../../protocols/core/ids.ts";
import { NOW } from "./builders.ts";

const COUNTS = { succeeded: 1, failed: 0, lost: 0, refused: 0, skipped: 0 };
const rollback = "c-back0001" as CampaignId;
const started = { approvals: [], wave: 1, startedBy: "doe" } as const;

/** What each state allows: is it final, is it stopped, may it command? */
const ALLOWS: readonly (readonly [CampaignState, boolean, boolean, boolean])[] = [
  [{ at: "planned" }, false, false, false],
  [{ at: "awaitingApproval", approvals: [] }, false, false, false],
  [{ at: "armed", approvals: [] }, false, false, false],
  [{ at: "running", ...started }, false, false, true],
  [{ at: "paused", ...started, cause: { kind: "person", by: "doe" }, sinceMs: NOW }, false, false, false],
  [{ at: "running", ...started, supersededBy: rollback }, false, false, true],
  [{ at: "completed", atMs: NOW, counts: COUNTS }, true, false, false],
  [{ at: "completedWithFailures", atMs: NOW, counts: COUNTS }, true, false, false],
  [{ at: "halted", atMs: NOW, cause: { by: "doe", why: "enough" } }, true, true, false],
  [{ at: "expired", atMs: NOW }, true, false, false],
  [{ at: "superseded", atMs: NOW, by: "c-next0001" as CampaignId }, true, false, false],
  [{ at: "rollingBack", sinceMs: NOW, rollback }, true, true, false],
  [{ at: "rolledBack", atMs: NOW, rollback }, true, true, false],
  [{ at: "closed", atMs: NOW, by: "doe", why: "left" }, true, true, false],
];

test.each(ALLOWS)("a campaign that is %j: final, stopped, commanding", (state, isFinal, stopped, commands) => {
  expect([isFinalCampaign(state), isStopped(state), mayCommand(state)]).toEqual([isFinal, stopped, commands]);
});
