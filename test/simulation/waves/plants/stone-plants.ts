/** Bugs in ways of several legs: which of them are gone, in which order, and what has to be here before. */
import type { DriveDevices } from "../../../../firmware/waves/ports.ts";
import type { Plan } from "../../../../firmware/waves/shape.ts";
import { HOUR } from "../../../../protocols/core/time.ts";
import type { Story } from "../draw.ts";
import { OLD, STEPPED } from "../fleet.ts";
import { type PlantedBug, plain, withPlans } from "./plant.ts";

/** All are so old that they have to come by a release in between. */
const stepped = (story: Story): Story => {
  const base = plain(story);
  const phones = base.phones.map((phone) => ({ ...phone, running: OLD }));
  return { ...base, phones, releases: STEPPED, stones: { late: undefined } };
};

/** What the plan is about comes when it is over. */
const late = (story: Story): Story => {
  const base = stepped(story);
  return { ...base, stones: { late: { release: "ucs-6.4.8", atMs: base.startMs + 8 * HOUR } } };
};

/** A device that was told to go a leg before its last is said to have arrived. */
function hasty(devices: DriveDevices): DriveDevices {
  const told = new Map<string, string>();
  return {
    ...devices,
    trigger(errand, signal) {
      const { planned, attempt } = errand;
      const to = attempt.leg < planned.legs.length - 1 ? planned.legs[attempt.leg]?.to : undefined;
      if (to === undefined) told.delete(planned.device);
      else told.set(planned.device, to);
      return devices.trigger(errand, signal);
    },
    async look(device, signal) {
      const look = await devices.look(device, signal);
      const to = told.get(device);
      const { running } = look.facts;
      return to === undefined || running === undefined ? look : { ...look, facts: { ...look.facts, running: { application: to } } };
    },
  };
}

/** Whoever has two legs goes the last one at once, from wherever it is. */
const skipping = (plan: Plan): Plan => ({
  ...plan,
  tasks: plan.tasks.map((task) => {
    const last = task.legs.at(-1) ?? task.legs[0];
    return { ...task, legs: [{ ...last, edge: { ...last.edge, fromMin: "0.0.0", fromMax: "99.0.0" } }] };
  }),
});

export const stonePlants: readonly PlantedBug[] = [
  { what: "a leg is over as soon as it is told", breaks: ["I16"], make: () => ({ devices: hasty }), change: stepped },
  { what: "a leg is left out", breaks: ["I13"], make: () => ({ drive: (io) => withPlans(io, skipping) }), change: stepped },
  {
    what: "files of later legs are not waited for",
    breaks: ["I17"],
    make: () => ({ drive: (io) => ({ ...io, store: { ...io.store, imageStaged: () => true } }) }),
    change: late,
  },
];
