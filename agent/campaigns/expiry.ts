/**
 * Plans that nobody started in time end by themselves: what they were made from is too old to act on.
 */
import { stepCampaign } from "../../firmware/waves/campaign.ts";
import type { CampaignState } from "../../firmware/waves/campaign-state.ts";
import { PLAN_VALID_MS } from "../../firmware/waves/policy.ts";
import type { DriveStore } from "../../firmware/waves/ports.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { CampaignSummary } from "../../store/campaigns.ts";
import type { Store } from "../../store/store.ts";
import { termsOf } from "./drive-store.ts";

const mayExpire = ({ at }: CampaignState): boolean => at === "planned" || at === "awaitingApproval" || at === "armed";

/** Each as one transition with its audit and feed rows. @returns how many ended */
export function expirePlans(io: { readonly store: Pick<Store, "campaigns">; readonly drive: DriveStore }, nowMs: Ms): number {
  const { campaigns } = io.store;
  const event = { kind: "timePassed" } as const;
  let ended = 0;
  // The plan itself is read only where it ends now: it may be megabytes.
  const isOld = ({ createdAtMs }: CampaignSummary): boolean => nowMs >= createdAtMs + PLAN_VALID_MS;
  for (const { id } of campaigns.open().filter((one) => mayExpire(one.state) && isOld(one))) {
    const stored = campaigns.load(id);
    if (stored === undefined) continue;
    const terms = termsOf(stored);
    const step = stepCampaign(stored.state, event, terms, nowMs);
    if ("ignored" in step) continue;
    const { state, revision, plan } = stored;
    if (io.drive.applyCampaign({ id, state, revision, plan, terms }, event, step.next, nowMs)) ended++;
  }
  return ended;
}
