/**
 * A story drawn from its seed: the site, its day, and everything that goes wrong in it. Pure; the seed says it all.
 */

import type { Release } from "../../../firmware/release.ts";
import type { Calendar } from "../../../firmware/waves/policy.ts";
import { HABIT_NAMES, type Habit } from "../../../fixtures/fleet/habits.ts";
import { type Random, seededRandom } from "../../../protocols/core/random.ts";
import { HOUR, MINUTE, type Ms, SECOND } from "../../../protocols/core/time.ts";
import { type Bonds, drawBonds, sayBonds } from "./bonds.ts";
import { type Channel, drawChannel } from "./channel.ts";
import { type DrawnPhone, drawFleet, placeName } from "./fleet.ts";

import { drawSilences, type Silences } from "./silences.ts";
import { drawStones, releasesFor, type Stones } from "./stones.ts";

export interface Span {
  readonly fromMs: Ms;
  readonly toMs: Ms;
}

/** How often each message comes beside the first time. */
export interface Copies {
  readonly ofCommands: number;
  /** Of the image server's news, of which the first comes late too; `undefined`: they come as ever. */
  readonly ofNews: number | undefined;
}

/** What stories may have besides phones and people: none of it. */
export const NOTHING_MORE = {
  wayBack: undefined,
  stops: undefined,
  channel: undefined,
  bonds: undefined,
  stones: undefined,
  silences: undefined,
} as const;

export interface Story {
  readonly seed: number;
  readonly startMs: Ms;
  readonly endMs: Ms;
  readonly calendar: Calendar;
  /** Arguments of `campaign.plan` that go over the policy's defaults. */
  readonly policy: Readonly<Record<string, number | string>>;
  readonly phones: readonly DrawnPhone[];
  /** What the catalogue states. The second is planned where a site has reached the first. */
  readonly releases: readonly Release[];
  /** `crowd`: people who plan, approve, pause and skip at random; `steward`: one who sees one campaign through. */
  readonly people: "crowd" | "steward";
  /** When somebody takes back what campaigns did; `undefined`: nobody does. */
  readonly wayBack: WayBack | undefined;
  /** When somebody turns the kill switch on and off; `undefined`: nobody does. */
  readonly stops: StoppedTimes | undefined;
  /** What the channel offers; `undefined`: one catalogue that outlives the story. */
  readonly channel: Channel | undefined;
  /** Phones that answer one number. */
  readonly groups: readonly { readonly kind: "huntGroup"; readonly name: string; readonly members: string[] }[];
  /** Where no step leads over a version; `undefined`: one step is enough for everybody. */
  readonly stones: Stones | undefined;
  /** Who is down by itself, where the inventory says who is there; `undefined`: nobody is asked. */
  readonly silences: Silences | undefined;
  /** What devices share besides a place; `undefined`: nothing. */
  readonly bonds: Bonds | undefined;
  readonly habits: readonly Habit[];
  /** Where nothing is wrong with any device, every one of them must be updated in the end. */
  readonly isCalm: boolean;
  /** The process dies at these moments, and is started again so much later. */
  readonly kills: readonly { readonly atMs: Ms; readonly downMs: Ms }[];
  /** It also dies at every so-manieth write of a row, before or after it is on disk. `undefined`: never. */
  readonly killEvery: number | undefined;
  /** The way to all devices of a floor, or of the site, is dead. */
  readonly deadLinks: readonly (Span & { readonly floor: string | undefined })[];
  readonly clockJumps: readonly { readonly atMs: Ms; readonly byMs: Ms }[];
  /** The thread that serves images dies at these moments. */
  readonly depotDeaths: readonly Ms[];
  /** Mean time between two things people do. */
  readonly peopleEveryMs: Ms;
  readonly callsPerDay: number;
  /** Share of messages that arrive more than once. */
  readonly repeats: number;
  /** All of them do, in any order; drawn for no story. */
  readonly copies?: Copies;
}

export interface WayBack {
  readonly fromMs: Ms;
  /** Mean time between two things they do about it. */
  readonly everyMs: Ms;
  /** They stop what runs; else they wait until it has ended. */
  readonly halts: boolean;
}

export interface StoppedTimes {
  readonly fromMs: Ms;
  /** Mean time between two things they do about it. */
  readonly everyMs: Ms;
  /** How often they turn it on, of the times they might, while something is under way. */
  readonly onShare: number;
}

export interface Size {
  readonly devices: { readonly min: number; readonly max: number };
  readonly hours: number;
}

export const SMALL: Size = { devices: { min: 20, max: 60 }, hours: 24 };
/** One story in so many has nothing wrong with any device. */
const CALM_EVERY = 8;

/** Local days on which clocks change, and ordinary ones. */
const DAYS: readonly { readonly zone: string; readonly date: string }[] = [
  { zone: "Europe/Zurich", date: "2026-11-22" },
  { zone: "Europe/Berlin", date: "2026-10-24" },
  { zone: "Europe/Berlin", date: "2026-03-28" },
  { zone: "America/New_York", date: "2026-10-31" },
  { zone: "America/New_York", date: "2026-03-07" },
  { zone: "Australia/Lord_Howe", date: "2026-04-04" },
  { zone: "Australia/Lord_Howe", date: "2026-10-03" },
  { zone: "Asia/Kolkata", date: "2026-07-14" },
  { zone: "Africa/Casablanca", date: "2026-02-14" },
  { zone: "UTC", date: "2026-01-05" },
];

export function drawStory(seed: number, size: Size = SMALL): Story {
  const random = seededRandom(seed * 2_654_435 + 17);
  const isCalm = seed % CALM_EVERY === 0;
  const habits = isCalm ? [] : HABIT_NAMES.filter(() => random.next() < 0.35);
  const day = DAYS[random.below(DAYS.length)] as (typeof DAYS)[number];
  const startMs = Temporal.PlainDate.from(day.date).toZonedDateTime({ timeZone: day.zone, plainTime: "12:00" }).epochMilliseconds;
  const endMs = startMs + size.hours * HOUR;
  // Most sites are small: what breaks there breaks sooner.
  const count = size.devices.min + Math.floor(random.next() ** 2 * (size.devices.max - size.devices.min + 1));
  const anyTime = (): Ms => startMs + Math.floor(random.next() * (endMs - startMs));
  const some = <T>(most: number, make: () => T): T[] => Array.from({ length: random.below(most + 1) }, make);
  const phones = drawFleet({ count, habits, startMs, endMs, random });
  const often = (chance: number): boolean => random.next() < chance;
  const wayBack = drawWayBack(seed, startMs, endMs);
  const stones = drawStones(seed, startMs, endMs);
  const releases = releasesFor(stones, wayBack !== undefined);
  return {
    seed,
    startMs,
    endMs,
    isCalm,
    habits,
    calendar: drawCalendar(day.zone, day.date, random),
    policy: { ...drawPolicy(random), ...drawWaits(seed) },
    phones,
    releases,
    people: "crowd",
    wayBack,
    stones,
    silences: isCalm ? undefined : drawSilences(seed, phones, { startMs, endMs }),
    stops: drawStops(seed, startMs, endMs),
    channel: drawChannel({ seed, startMs, endMs, releases }),
    groups: [{ kind: "huntGroup", name: "sales", members: phones.slice(0, 2 + random.below(6)).map(({ number }) => placeName(number)) }],
    bonds: drawBonds(seed, phones),
    kills: some(4, () => ({ atMs: anyTime(), downMs: SECOND + random.below(20 * MINUTE) })).toSorted((a, b) => a.atMs - b.atMs),
    killEvery: often(0.3) ? 60 + random.below(140) : undefined,
    deadLinks: isCalm
      ? []
      : some(3, () => {
          const fromMs = anyTime();
          return { fromMs, toMs: fromMs + MINUTE + random.below(2 * HOUR), floor: often(0.6) ? `${random.below(3)}` : undefined };
        }),
    clockJumps: isCalm || often(0.7) ? [] : some(3, () => ({ atMs: anyTime(), byMs: drawJump(random) })),
    depotDeaths: often(0.2) ? some(2, anyTime) : [],
    peopleEveryMs: (10 + random.below(50)) * MINUTE,
    callsPerDay: random.below(12),
    repeats: often(0.5) ? random.next() * 0.5 : 0,
  };
}

/** By little, as time servers do, or by so much that a turn between sees it. */
function drawJump(random: Random): Ms {
  const size = [2 * SECOND, 3 * MINUTE, HOUR][random.below(3)] as Ms;
  return Math.round(size * (0.5 + random.next()) * (random.next() < 0.5 ? -1 : 1));
}

const ALL_DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

/** Windows at night, around the hours clocks change, or open all day. */
function drawCalendar(zone: string, date: string, random: Random): Calendar {
  const days = [...ALL_DAYS];
  const next = Temporal.PlainDate.from(date).add({ days: 1 }).toString();
  const windows = [
    [{ days, from: "00:00", to: "00:00" }],
    [{ days, from: "20:00", to: "06:00" }],
    [
      { days, from: "14:00", to: "19:00" },
      { days, from: "22:00", to: "02:30" },
      { days, from: "02:30", to: "03:15" },
    ],
    [
      { days, from: "01:00", to: "04:00" },
      { days, from: "13:00", to: "16:30" },
    ],
    [
      { days, from: "12:30", to: "17:00" },
      { days, from: "01:30", to: "02:00" },
      { days, from: "04:00", to: "09:45" },
    ],
  ][random.below(5)] as Calendar["windows"];
  return { zone, windows, blackout: random.next() < 0.1 ? [next] : [] };
}

function drawPolicy(random: Random): Story["policy"] {
  return {
    canaryCount: 1 + random.below(2),
    atRiskMax: 2 + random.below(9),
    soak: (1 + random.below(6)) * MINUTE,
    deferral: (10 + random.below(120)) * MINUTE,
    lookAgain: (1 + random.below(5)) * MINUTE,
    lostAfter: (12 + random.below(30)) * MINUTE,
    attemptsMax: 1 + random.below(3),
    retryAfter: (1 + random.below(8)) * MINUTE,
    failuresAllowed: random.below(3),
  };
}

/** What becomes of who is away or in use; by dice of its own, so that the rest of each story stays as it was. */
function drawWaits(seed: number): Story["policy"] {
  const random = seededRandom(seed * 7_919 + 5);
  return {
    offline: random.below(2) === 0 ? "arm" : "hold",
    armedFor: (1 + random.below(12)) * HOUR,
    afterDeferral: ["nextWindow", "skip", "fail"][random.below(3)] as string,
    deferralsMax: 1 + random.below(3),
    // Shorter than a long call: who is in use then gets to the end of it.
    ...(random.below(2) === 0 ? { deferral: (2 + random.below(8)) * MINUTE } : {}),
  };
}

/** In two stories of five; by dice of its own as well. */
function drawWayBack(seed: number, startMs: Ms, endMs: Ms): WayBack | undefined {
  const random = seededRandom(seed * 6_151 + 11);
  if (random.below(5) >= 2) return undefined;
  return {
    fromMs: startMs + Math.floor((0.05 + 0.45 * random.next()) * (endMs - startMs)),
    everyMs: (3 + random.below(20)) * MINUTE,
    halts: random.below(3) > 0,
  };
}

/** In a third of them; dice of its own. */
function drawStops(seed: number, startMs: Ms, endMs: Ms): StoppedTimes | undefined {
  const random = seededRandom(seed * 4_513 + 3);
  if (random.below(3) > 0) return undefined;
  return {
    fromMs: startMs + Math.floor((0.02 + 0.4 * random.next()) * (endMs - startMs)),
    everyMs: (4 + random.below(26)) * MINUTE,
    onShare: 0.1 + 0.5 * random.next(),
  };
}

/** What was on in a story, for whoever looks for the cause of what it broke. */
export function hintOf(story: Story): string {
  const {
    habits,
    kills,
    killEvery,
    deadLinks,
    clockJumps,
    depotDeaths,
    phones,
    repeats,
    calendar,
    wayBack,
    stops,
    channel,
    bonds,
    stones,
    silences,
  } = story;
  const facts = [
    `${phones.length} devices in ${calendar.zone}`,
    habits.length === 0 ? "no misbehaviour" : habits.join(", "),
    ...(wayBack === undefined ? [] : [`a way back${wayBack.halts ? " after a halt" : ""}`]),
    ...(stones === undefined ? [] : [stones.late === undefined ? "several legs" : `several legs, ${stones.late.release} late`]),
    ...(silences === undefined ? [] : [`${silences.spans.length} down by themselves`]),
    ...(bonds === undefined ? [] : [sayBonds(bonds)]),
    ...(stops === undefined ? [] : ["a kill switch"]),
    ...(channel === undefined ? [] : [`${channel.news.length} catalogues`]),
    `${kills.length} kills`,
    ...(killEvery === undefined ? [] : [`a kill every ${killEvery} writes`]),
    ...(deadLinks.length === 0 ? [] : [`${deadLinks.length} dead links`]),
    ...(clockJumps.length === 0 ? [] : [`clock jumps of ${clockJumps.map(({ byMs }) => `${byMs / SECOND} s`).join(", ")}`]),
    ...(depotDeaths.length === 0 ? [] : [`${depotDeaths.length} deaths of the image server`]),
    ...(repeats === 0 ? [] : [`${Math.round(repeats * 100)} % repeated messages`]),
  ];
  return facts.join("; ");
}
