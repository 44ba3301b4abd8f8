/**
 * What a portal is told of a campaign, from counts alone: it is told again at each step of each task, and what that costs must
 * not grow with what is known of all of them. Pure.
 */
import { isFinalCampaign } from "../../firmware/waves/campaign-state.ts";
import type { Left } from "../../firmware/waves/left.ts";
import type { WaveRow } from "../../firmware/waves/ports.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { StoredCampaign } from "../../store/campaigns.ts";
import type { Tasks } from "../../store/tasks.ts";
import { whyOf } from "../campaigns/view.ts";
import type { CampaignSummary } from "./snapshots.ts";

export interface Standing {
  readonly waves: readonly Pick<WaveRow, "index" | "state">[];
  readonly counts: ReturnType<Tasks["counts"]>;
  readonly atRisk: number;
  /** When it is over, as last worked out; the plan's own word where it never was. */
  readonly finish?: Left | undefined;
  readonly nowMs: Ms;
}

export function summaryOf(
  { id, state, plan, planHash }: Pick<StoredCampaign, "id" | "state" | "plan" | "planHash">,
  { waves, counts, atRisk, finish, nowMs }: Standing,
): CampaignSummary {
  const why = whyOf(state);
  const sizes = new Map(plan.waves.map(({ index, tasks }) => [index, tasks.length]));
  const { release } = plan;
  const goesOn = !isFinalCampaign(state);
  const { finishP50AtMs, finishP90AtMs } = finish ?? plan.forecast;
  return {
    id,
    state: state.at,
    ...(why === undefined ? {} : { why }),
    planHash,
    release: { id: release.id, title: release.title, version: release.version },
    waves: waves.map(({ index, state: { at } }) => ({ index, state: at, devices: sizes.get(index) ?? 0 })),
    ...{ counts: Object.fromEntries(counts), devices: plan.tasks.length, atRisk },
    // What has passed is nothing anybody can expect.
    ...(goesOn && finishP50AtMs >= nowMs ? { finishP50AtMs } : {}),
    ...(goesOn && finishP90AtMs >= nowMs ? { finishP90AtMs } : {}),
  };
}
