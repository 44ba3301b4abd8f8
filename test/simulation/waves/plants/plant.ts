/** What a planted bug is, and the stories in which there is something for it to break. */

import { planHash } from "../../../../firmware/waves/plan.ts";
import type { DriveIo } from "../../../../firmware/waves/ports.ts";
import type { Plan } from "../../../../firmware/waves/shape.ts";
import type { Habit } from "../../../../fixtures/fleet/habits.ts";
import { HOUR, MINUTE } from "../../../../protocols/core/time.ts";
import type { Store } from "../../../../store/store.ts";
import { NOTHING_MORE, type Story } from "../draw.ts";
import { BEFORE, NEW, RELEASES } from "../fleet.ts";
import type { Plant } from "../life.ts";

export interface PlantedBug {
  readonly what: string;
  /** Each of these invariants, alone, must find it. */
  readonly breaks: readonly string[];
  /** Anew for each story: what it remembers must not go from one to the next. */
  readonly make: (story: Story) => Plant;
  readonly change: (story: Story) => Story;
}

const ALL_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
const windowOf = (from: string, to: string) => ({ days: [...ALL_DAYS], from, to });

/** Short, open all day, with nothing wrong but what the seed drew for the devices; people are quick. */
export function plain(story: Story): Story {
  return {
    ...story,
    ...NOTHING_MORE,
    releases: RELEASES,
    endMs: story.startMs + 9 * HOUR,
    calendar: { ...story.calendar, blackout: [], windows: [windowOf("00:00", "00:00")] },
    policy: { ...story.policy, atRiskMax: 12, soak: 5 * MINUTE, failuresAllowed: 5 },
    ...{ clockJumps: [], deadLinks: [], kills: [], killEvery: undefined, depotDeaths: [], repeats: 0 },
    ...{ peopleEveryMs: 10 * MINUTE, callsPerDay: 2 },
  };
}

/** The releases are for one hardware revision; every third phone has another one than the inventory was told. */
export const mislisted = (story: Story): Story => {
  const base = plain(story);
  return {
    ...base,
    releases: base.releases.map((one) => ({ ...one, edges: one.edges.map((edge) => ({ ...edge, hardwareRevisions: ["A"] })) })),
    phones: base.phones.map((phone) => ({ ...phone, listedRevision: "A", revision: phone.number % 3 === 0 ? "B" : "A" })),
  };
};

/** Four rooms on one floor, and emergency zones of two. */
export const crowded = (story: Story): Story => ({
  ...plain(story),
  phones: story.phones.map((phone) => ({ ...phone, room: `Room ${phone.number % 4}`, floor: "0", zone: `zone-${phone.number >> 1}` })),
  groups: [],
});

/** Every so-manieth device has the habit, and whatever happens to it happens early. */
export const habitual =
  (habit: Habit, every: number, from: (story: Story) => Story = plain) =>
  (story: Story): Story => {
    const base = from(story);
    const phones = base.phones.map((phone) =>
      phone.number % every === 0
        ? { ...phone, habits: new Set([...phone.habits, habit]), turnMs: base.startMs + (20 + phone.number) * MINUTE }
        : phone,
    );
    return { ...base, habits: [...new Set([...base.habits, habit])], phones };
  };

/** Whatever runs is halted after three hours, and taken back by people who are quick. */
export const takenBack = (story: Story): Story => {
  const base = plain(story);
  return {
    ...base,
    releases: [...RELEASES, ...BEFORE],
    wayBack: { fromMs: base.startMs + 3 * HOUR, everyMs: 4 * MINUTE, halts: true },
  };
};

/** A third of them is down by itself all day, one of two in many zones. */
export const silent = (story: Story): Story => {
  const base = crowded(story);
  const spans = base.phones
    .filter(({ number }) => number % 3 === 0)
    .map(({ number }) => ({ number, fromMs: base.startMs + MINUTE, lengthMs: 8 * HOUR }));
  return { ...base, silences: { everyMs: 2 * MINUTE, spans } };
};

export const talkative = (story: Story): Story => ({ ...plain(story), callsPerDay: 60 });

/** The day goes on as it was drawn: windows open and close. */
export const ordinary = (story: Story): Story => ({
  ...plain(story),
  endMs: story.endMs,
  calendar: { ...story.calendar, windows: [windowOf("13:00", "15:00")] },
});

/** Openings in which an update begun after the first minutes has no time for its way back. */
export const brief = (story: Story): Story => ({
  ...ordinary(story),
  calendar: { ...story.calendar, windows: ["09", "11", "13", "15", "17"].map((hour) => windowOf(`${hour}:00`, `${hour}:45`)) },
});

/** A night in which an hour is shown twice, with a window that ends in it. */
export function twice(story: Story): Story {
  const startMs = Temporal.ZonedDateTime.from("2026-10-24T22:00[Europe/Berlin]").epochMilliseconds;
  const phones = story.phones.map((phone) => ({ ...phone, habits: new Set<Habit>() }));
  return {
    ...{ ...plain(story), habits: [], phones, startMs, endMs: startMs + 6 * HOUR },
    calendar: { zone: "Europe/Berlin", blackout: [], windows: [windowOf("01:00", "02:30")] },
  };
}

/** So few that one person may do it all, and some that run the release already. */
export const few = (story: Story): Story => ({
  ...plain(story),
  phones: story.phones.slice(0, 10).map((phone) => (phone.number % 3 === 0 ? { ...phone, running: NEW } : phone)),
});

/** One of the phones is put up when the others are under way. */
export const joined = (story: Story): Story => ({
  ...plain(story),
  phones: story.phones.map(({ joinsAtMs: _, ...phone }) => (phone.number === 1 ? { ...phone, joinsAtMs: story.startMs + HOUR } : phone)),
});

export const deadly = (story: Story): Story => ({ ...plain(story), killEvery: 25 });
export const repetitive = (story: Story): Story => ({ ...plain(story), repeats: 0.9 });
export const haltful = (story: Story): Story => ({ ...plain(story), peopleEveryMs: 2 * MINUTE });

/** The drive sees other plans than the approved ones. */
export const withPlans = (io: DriveIo, change: (plan: Plan) => Plan): DriveIo => ({
  ...io,
  store: { ...io.store, campaigns: () => io.store.campaigns().map((row) => ({ ...row, plan: change(row.plan) })) },
});

/** Plans are kept otherwise than they were made, under the hash of what they say then. */
export const keptAs = (store: Store, change: (plan: Plan) => Plan): Store => ({
  ...store,
  campaigns: {
    ...store.campaigns,
    create(campaign) {
      const plan = change(campaign.plan);
      const waves = campaign.waves.filter(({ index }) => plan.waves.some((wave) => wave.index === index));
      store.campaigns.create({ ...campaign, plan, planHash: planHash(plan), waves });
    },
  },
  tasks: { ...store.tasks, createAll: (campaign, plan, atMs) => store.tasks.createAll(campaign, change(plan as Plan), atMs) },
});

export const withEdges = (plan: Plan, change: Partial<Plan["tasks"][number]["legs"][number]["edge"]>): Plan => ({
  ...plan,
  tasks: plan.tasks.map((task) => {
    const [first, ...rest] = task.legs;
    return { ...task, legs: [{ ...first, edge: { ...first.edge, ...change } }, ...rest] };
  }),
});

export const withCalendar = (plan: Plan, zone: string, windows: readonly { readonly from: string; readonly to: string }[]): Plan => ({
  ...plan,
  calendar: { zone, blackout: [], windows: windows.map(({ from, to }) => windowOf(from, to)) },
});
