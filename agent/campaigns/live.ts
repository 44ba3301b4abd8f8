/** What a campaign under way has proven so far, and how long it still takes. Worked out only for those who watch it. */
import { isFinalCampaign } from "../../firmware/waves/campaign-state.ts";
import { type Left, type LeftInput, timeLeft } from "../../firmware/waves/left.ts";
import { type GoneTask, proofsSoFar } from "../../firmware/waves/proof-so-far.ts";
import { isFinal } from "../../firmware/waves/task-state.ts";
import type { Clock, Ms } from "../../protocols/core/time.ts";
import { isoOf } from "../../protocols/core/time.ts";
import type { StoredCampaign } from "../../store/campaigns.ts";
import type { Store } from "../../store/store.ts";

export interface LiveView {
  readonly proofs: readonly { readonly wave: number; readonly words: string }[];
  /** Absent before the start, after the end, and where so much is left that working it out would hold up the agent. */
  readonly left?: { readonly p50: string; readonly p90: string; readonly zone: string };
}

/** Tasks laid out in time in far less than a tenth of a second. Guessed from plans of 10,000, which take two. */
const LEFT_MAX = 2_000;
/** How this campaign goes is in its newest steps. */
export const MEASURED_MAX = 100;

export function liveOf(
  stored: StoredCampaign,
  io: { readonly store: Pick<Store, "campaigns" | "tasks" | "attempts">; readonly clock: Pick<Clock, "nowMs"> },
): LiveView {
  const { plan } = stored;
  const planned = new Map(plan.tasks.map((task) => [task.id, task]));
  const tasks = io.store.tasks.ofCampaign(stored.id);
  const waves = io.store.campaigns.waves(stored.id);
  const gone = tasks.flatMap((task): (GoneTask & { wave: number })[] => {
    const about = planned.get(task.id);
    return about === undefined ? [] : [{ id: task.id, planned: about, state: task.state, wave: task.wave }];
  });
  const begun = new Set(waves.filter((wave) => wave.state.at !== "pending").map(({ index }) => index));
  const proofs = plan.waves
    .filter(({ index }) => begun.has(index))
    .map((wave) => ({
      wave: wave.index,
      words: proofsSoFar(
        wave,
        gone.filter((task) => task.wave <= wave.index),
      )
        .map(({ model, words }, _, { length }) => (length === 1 ? words : `${model}: ${words}`))
        .join("; "),
    }));
  const finish =
    stored.startedAtMs === undefined
      ? undefined
      : expectedEnd(stored, { waves, tasks, measured: io.store.attempts.measured(MEASURED_MAX) }, io.clock.nowMs());
  if (finish === undefined) return { proofs };
  return { proofs, left: { p50: isoOf(finish.finishP50AtMs), p90: isoOf(finish.finishP90AtMs), zone: plan.calendar.zone } };
}

/** When it is over as things stand, or if it started now; `undefined` where it does not go on, and where so much is left that it is not worked out. */
export function expectedEnd(
  { plan, state }: Pick<StoredCampaign, "plan" | "state">,
  rows: Pick<LeftInput, "waves" | "tasks" | "measured">,
  nowMs: Ms,
  openMax = LEFT_MAX,
): Left | undefined {
  const open = rows.tasks.filter((task) => !isFinal(task.state)).length;
  if (isFinalCampaign(state) || open === 0 || open > openMax) return undefined;
  return timeLeft({ plan, ...rows, nowMs });
}
