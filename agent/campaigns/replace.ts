/**
 * A plan that was made from another one takes its campaign's place when it starts. Pure over the rows.
 */
import { isFinalCampaign } from "../../firmware/waves/campaign-state.ts";
import type { Plan } from "../../firmware/waves/shape.ts";
import { isAtRisk, isFinal } from "../../firmware/waves/task-state.ts";
import type { CampaignId } from "../../protocols/core/ids.ts";
import type { Store } from "../../store/store.ts";

export interface Replaced {
  readonly id: CampaignId;
  /** Why its place cannot be taken yet, in words. */
  readonly stillHas?: string;
}

/** The campaign of the parent plan, where it has not ended; `undefined` where nothing is to be replaced. */
export function replacedBy(
  { parent }: Pick<Plan, "parent">,
  { campaigns, tasks }: Pick<Store, "campaigns" | "tasks">,
): Replaced | undefined {
  if (parent === undefined) return undefined;
  const before = campaigns.list().find(({ planHash, state }) => planHash === parent && !isFinalCampaign(state));
  if (before === undefined) return undefined;
  const { id, state } = before;
  if (state.at === "running") return { id, stillHas: "it is running: pause or halt it first" };
  // Whoever is mid-flash is watched by the campaign that sent it there.
  const touched = tasks.ofCampaign(id).filter((task) => isAtRisk(task.state) && !isFinal(task.state)).length;
  if (touched > 0)
    return { id, stillHas: `${touched === 1 ? "a device" : `${touched} devices`} of it ${touched === 1 ? "is" : "are"} under way` };
  return { id };
}
