/** The rows of a campaign whose largest wave has just begun, and the day on which its turns are timed. */
import type { Drive } from "../../firmware/waves/drive.ts";
import { MINUTE } from "../../protocols/core/time.ts";
import type { CampaignSummary } from "../../store/campaigns.ts";
import type { Store } from "../../store/store.ts";
import type { Story } from "../../test/simulation/waves/draw.ts";
import type { Plant } from "../../test/simulation/waves/life.ts";

/** Of the wave: devices wait, are under way and end. */
const LENGTH = 150 * MINUTE;

/** Open all day, and nothing goes wrong but the devices. */
export function openAllDay(story: Story): Story {
  const { calendar, startMs } = story;
  const windows = calendar.windows.map(({ days }) => ({ days, from: "00:00", to: "00:00" }));
  return { ...story, endMs: startMs + LENGTH, calendar: { ...calendar, windows }, kills: [], deadLinks: [], depotDeaths: [] };
}

export interface MidCampaign {
  readonly plant: Plant;
  isReached(): boolean;
  /** Processor time of the main thread since the last turn began, in milliseconds. */
  sinceTurnMs(): number;
}

const threadMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

/** As soon as the campaign runs, its waves before the largest are written as passed. */
export function midCampaign(say: (text: string) => void): MidCampaign {
  let store: Store | undefined;
  let isReached = false;
  let beganMs = 0;
  const skipAhead = (): void => {
    const campaign = store?.campaigns.list().find(({ state }) => state.at === "running");
    if (store === undefined || campaign === undefined) return;
    isReached = true;
    say(passed(campaign, store));
  };
  return {
    plant: {
      store(opened) {
        store = opened;
        return opened;
      },
      turns: (drive): Drive => ({
        ...drive,
        turn(signal) {
          if (!isReached) skipAhead();
          beganMs = threadMs();
          return drive.turn(signal);
        },
      }),
    },
    isReached: () => isReached,
    sinceTurnMs: () => threadMs() - beganMs,
  };
}

function passed({ id, state, revision }: CampaignSummary, store: Store): string {
  const { plan } = store.campaigns.load(id) ?? {};
  if (plan === undefined || state.at !== "running") throw new Error("nothing runs");
  const largest = plan.waves.toSorted((a, b) => b.tasks.length - a.tasks.length)[0];
  if (largest === undefined) throw new Error("the plan has no wave");
  const atMs = plan.createdAtMs;
  const why = "skipped ahead";
  store.transaction(() => {
    for (const wave of store.campaigns.waves(id).filter(({ index }) => index < largest.index)) {
      store.campaigns.stepWave({
        campaign: id,
        index: wave.index,
        expectedRevision: wave.revision,
        next: { at: "passed", atMs },
        why,
        atMs,
      });
      for (const task of store.tasks.ofWave(id, wave.index)) {
        const next = { at: "succeeded", how: "updated" } as const;
        store.tasks.step({ task: task.id, expectedRevision: task.revision, next, event: { kind: "soakPassed" }, atMs });
      }
    }
    store.campaigns.step({ id, expectedRevision: revision, next: { ...state, wave: largest.index }, why, atMs });
  });
  return `${plan.tasks.length} tasks in ${plan.waves.length} waves; under way is wave ${largest.index} with ${largest.tasks.length}`;
}
