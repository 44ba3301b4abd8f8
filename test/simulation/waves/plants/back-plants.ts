/** Bugs in the way back: where devices go, which of them, who must have agreed, and what is said of it. */
import type { CampaignTables } from "../../../../agent/campaigns/drive-store.ts";
import type { Store } from "../../../../store/store.ts";
import { MIDDLE, OLD } from "../fleet.ts";
import type { StoryVerbs } from "../life.ts";
import { keptAs, ordinary, type PlantedBug, takenBack, withCalendar, withPlans } from "./plant.ts";

const noOne = { person: "nobody", name: "Nobody", role: "approver", kid: "none" } as const;

/** What was read of a device before its attempt is handed out as that of another. */
function swapped(store: Store): Store {
  const other = (version: string): string => (version === OLD ? MIDDLE : OLD);
  return {
    ...store,
    attempts: {
      ...store.attempts,
      ofTask: (task) =>
        store.attempts
          .ofTask(task)
          .map((row) =>
            row.baseline === undefined ? row : { ...row, baseline: { ...row.baseline, version: other(row.baseline.version) as never } },
          ),
    },
  };
}

/** A way back is kept with one more of those its campaign planned. */
function greedy(store: Store): Store {
  return keptAs(store, (plan) => {
    const undone = plan.rollback === undefined ? undefined : store.campaigns.load(plan.rollback.campaign);
    const [first] = plan.tasks;
    const idle = undone?.plan.tasks.find(({ id }) => store.tasks.load(id)?.attempts === 0);
    if (first === undefined || idle === undefined) return plan;
    const id = `${plan.campaign}.${idle.device}` as typeof idle.id;
    const waves = plan.waves.map((wave, at) => (at === 0 ? { ...wave, tasks: [...wave.tasks, id] } : wave));
    return { ...plan, waves, tasks: [...plan.tasks, { ...idle, id, legs: first.legs }] };
  });
}

/** Whoever approves has somebody approve with them. */
const seconded = (verbs: StoryVerbs): StoryVerbs => ({
  ...verbs,
  async "campaign.approve"(args, subject, signal) {
    const first = await verbs["campaign.approve"](args, subject, signal);
    if (first.ok) await verbs["campaign.approve"](args, noOne, signal);
    return first;
  },
});

/** What was taken back in part says that it was taken back. */
const boastful = (tables: CampaignTables): CampaignTables => ({
  ...tables,
  campaigns: {
    ...tables.campaigns,
    step(change) {
      const { next } = change;
      const rollback = next.at === "closed" ? tables.campaigns.list().find(({ id }) => id === next.by)?.id : undefined;
      if (next.at !== "closed" || rollback === undefined) return tables.campaigns.step(change);
      return tables.campaigns.step({ ...change, next: { at: "rolledBack", atMs: next.atMs, rollback } });
    },
  },
});

export const backPlants: readonly PlantedBug[] = [
  { what: "the way back leads to what another device ran", breaks: ["I26"], make: () => ({ store: swapped }), change: takenBack },
  { what: "a device that was never moved is taken back too", breaks: ["I26"], make: () => ({ store: greedy }), change: takenBack },
  { what: "a way back in part counts as a whole one", breaks: ["I26"], make: () => ({ tables: boastful }), change: takenBack },
  { what: "one person's word is enough for the way back", breaks: ["I14"], make: () => ({ verbs: seconded }), change: takenBack },
  {
    what: "the way back knows no window",
    breaks: ["I5"],
    make: () => ({
      drive: (io) =>
        withPlans(io, (plan) => (plan.rollback === undefined ? plan : withCalendar(plan, "UTC", [{ from: "00:00", to: "00:00" }]))),
    }),
    change: (story) => ({ ...takenBack(story), calendar: ordinary(story).calendar }),
  },
];
