/** Which campaigns are looked at: whatever is under way is among them, however many have ended since it was made. */
import type { PlannedTask } from "../../firmware/waves/shape.ts";
import { Bug } from "../../protocols/core/fault.ts";
import type { CampaignId, TaskId } from "../../protocols/core/ids.ts";
import type { CampaignSummary, StoredCampaign } from "../../store/campaigns.ts";
import type { Store } from "../../store/store.ts";

type Tables = Pick<Store, "campaigns" | "tasks">;

/** All that have not ended or are being taken back, and those that have ended with a device in hand. Newest first. */
export function liveCampaigns({ campaigns, tasks }: Tables): readonly CampaignSummary[] {
  const open = campaigns.open();
  const known = new Set(open.map(({ id }) => id));
  const touched = tasks.touched().flatMap((id) => (known.has(id) ? [] : (campaigns.summary(id) ?? [])));
  if (touched.length === 0) return open;
  return [...open, ...touched].toSorted((a, b) => b.createdAtMs - a.createdAtMs || (a.id < b.id ? -1 : 1));
}

/** The newest, and whatever is live behind them. */
export function newestAndLive(tables: Tables, limit?: number): readonly CampaignSummary[] {
  const newest = tables.campaigns.list(limit);
  const known = new Set(newest.map(({ id }) => id));
  return [...newest, ...liveCampaigns(tables).filter(({ id }) => !known.has(id))];
}

/** For what must go on with all others where the plan of one cannot be read. @returns why it cannot, in words */
export function tryLoad(id: CampaignId, { load }: Pick<Store["campaigns"], "load">): StoredCampaign | string | undefined {
  return unlessUnreadable(() => load(id));
}

/** The same for one task of its plan. */
export function tryPlannedTask(
  { id, campaign }: { readonly id: TaskId; readonly campaign: CampaignId },
  { plannedTask }: Pick<Store["campaigns"], "plannedTask">,
): PlannedTask | string | undefined {
  return unlessUnreadable(() => plannedTask(campaign, id));
}

function unlessUnreadable<T>(read: () => T): T | string {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Bug)) throw error;
    return error.message;
  }
}
