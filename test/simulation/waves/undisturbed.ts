/**
 * The campaigns a forecast is held to (I33): the same site, day, calls and deaths of the agent as in the story of the seed, one
 * campaign over all of it, and nobody who stops it. Devices have only habits they get over by themselves.
 */
import type { Habit } from "../../../fixtures/fleet/habits.ts";
import { HOUR, MINUTE, type Ms } from "../../../protocols/core/time.ts";
import type { Story } from "./draw.ts";
import { releasesFor } from "./stones.ts";

/** What only delays a device. */
const PASSING: ReadonlySet<Habit> = new Set([
  "answersTwice",
  "rebootsByChance",
  "callBetweenLookAndCommand",
  "slowLoris",
  "losesAnswer",
  "hidesUptime",
  "locksOut",
]);
/** Two nights. */
const LENGTH: Ms = 36 * HOUR;

export function undisturbed(story: Story): Story {
  const passing = (habits: Iterable<Habit>): Habit[] => [...habits].filter((habit) => PASSING.has(habit));
  return {
    ...story,
    ...{
      people: "steward",
      peopleEveryMs: 5 * MINUTE,
      wayBack: undefined,
      stops: undefined,
      channel: undefined,
      silences: undefined,
      releases: releasesFor(story.stones, false),
    },
    // No image has to come first.
    stones: story.stones === undefined ? undefined : { late: undefined },
    ...{ deadLinks: [], clockJumps: [], endMs: story.startMs + LENGTH },
    habits: passing(story.habits),
    phones: story.phones.map((phone) => ({ ...phone, habits: new Set(passing(phone.habits)) })),
  };
}
