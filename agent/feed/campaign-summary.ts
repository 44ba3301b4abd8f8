/**
 * What a portal is told of a campaign, from counts alone: it is told again at each step of each task, and what that costs must
 * not grow with what is known of all of them. Pure.
 */
import type { WaveRow } from "../../firmware/waves/ports.ts";
import type { StoredCampaign } from "../../store/campaigns.ts";
import type { TaskTally } from "../../store/tasks.ts";
import { whyOf } from "../campaigns/view.ts";
import type { CampaignSummary } from "./snapshots.ts";

export function summaryOf(
  { id, state, plan, planHash }: Pick<StoredCampaign, "id" | "state" | "plan" | "planHash">,
  waves: readonly Pick<WaveRow, "index" | "state">[],
  tally: readonly TaskTally[],
): CampaignSummary {
  const why = whyOf(state);
  const counts: Record<string, number> = {};
  const perWave = new Map<number, number>();
  let atRisk = 0;
  for (const row of tally) {
    counts[row.at] = (counts[row.at] ?? 0) + row.count;
    perWave.set(row.wave, (perWave.get(row.wave) ?? 0) + row.count);
    atRisk += row.atRisk;
  }
  const { release, forecast } = plan;
  return {
    id,
    state: state.at,
    ...(why === undefined ? {} : { why }),
    planHash,
    release: { id: release.id, title: release.title, version: release.version },
    waves: waves.map(({ index, state: { at } }) => ({ index, state: at, devices: perWave.get(index) ?? 0 })),
    ...{ counts, devices: plan.tasks.length, atRisk },
    finishP50AtMs: forecast.finishP50AtMs,
    finishP90AtMs: forecast.finishP90AtMs,
  };
}
