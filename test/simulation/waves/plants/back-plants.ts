/** Bugs in the way back: where devices go, which of them, who must have agreed, and what is said of it. */
import { canonicalHash } from "../../../../firmware/canonical.ts";
import { HOUR } from "../../../../protocols/core/time.ts";
import type { NewCampaign } from "../../../../store/campaigns.ts";
import type { Store } from "../../../../store/store.ts";
import { MIDDLE, OLD } from "../fleet.ts";
import type { CampaignVerbs } from "../life.ts";
import { type PlantedBug, takenBack, withCalendar, withPlans } from "./plant.ts";

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
  const more = (kept: NewCampaign): NewCampaign => {
    const { plan } = kept;
    const undone = plan.rollback === undefined ? undefined : store.campaigns.load(plan.rollback.campaign);
    const [first] = plan.tasks;
    const idle = undone?.plan.tasks.find(({ id }) => store.tasks.load(id)?.attempts === 0);
    if (first === undefined || idle === undefined) return kept;
    const id = `${plan.campaign}.${idle.device}` as typeof idle.id;
    const waves = plan.waves.map((wave, at) => (at === 0 ? { ...wave, tasks: [...wave.tasks, id] } : wave));
    const tasks = [...plan.tasks, { ...idle, id, legs: first.legs }];
    const changed = { ...plan, waves, tasks };
    return { ...kept, plan: changed, planHash: canonicalHash(changed) as typeof kept.planHash };
  };
  return { ...store, campaigns: { ...store.campaigns, create: (campaign) => store.campaigns.create(more(campaign)) } };
}

/** One word is enough: whoever asks for the approvals of a plan is told a second one. */
const seconded = (store: Store): Store => ({
  ...store,
  campaigns: {
    ...store.campaigns,
    approvals(id) {
      const given = store.campaigns.approvals(id);
      const [only] = given;
      return given.length === 1 && only !== undefined ? [...given, { ...only, person: "nobody", keyId: "none" }] : given;
    },
  },
});

export const backPlants: readonly PlantedBug[] = [
  { what: "the way back leads to what another device ran", breaks: ["I26"], make: () => ({ store: swapped }), change: takenBack },
  { what: "a device that was never moved is taken back too", breaks: ["I26"], make: () => ({ store: greedy }), change: takenBack },
];
