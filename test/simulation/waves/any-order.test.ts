/** I20: whatever is delivered how often and in which order, the end is the same. */
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StoreShelf } from "../../../agent/rehearsal/shelf.ts";
import type { Habit } from "../../../fixtures/fleet/habits.ts";
import { HOUR, MINUTE } from "../../../protocols/core/time.ts";
import type { Store } from "../../../store/store.ts";
import { digestOf } from "./digest.ts";
import { type Copies, SMALL, type Story } from "./draw.ts";
import type { Plant } from "./life.ts";
import { storeShelf } from "./memory.ts";
import { plain } from "./plants/plant.ts";
import { runStory } from "./run.ts";

let shelf: StoreShelf;
beforeAll(() => {
  shelf = storeShelf();
});
afterAll(() => shelf.close());

const LONG_MS = 600_000;

/** All of a day, but for messages that come twice by its own dice, and deaths that are counted by writes: an answer given again writes too. */
const asDrawn = (story: Story): Story => ({ ...story, repeats: 0, killEvery: undefined });

async function commanded(seed: number, ofCommands: number, plant: Plant = {}) {
  const lines: string[] = [];
  let rows = "";
  await runStory(seed, {
    ...{ shelf, only: [], plant: () => plant, say: (line: string) => void lines.push(line) },
    onEnd: (store) => {
      rows = JSON.stringify([digestOf(store), store.releases.catalogue()]);
    },
    change: (story) => ({ ...asDrawn(story), copies: { ofCommands, ofNews: undefined } }),
  });
  const isEcho = (line: string): boolean => / order .* true\n$/.test(line);
  return { lines: lines.filter((line) => !isEcho(line)), rows, echoes: lines.filter(isEcho).length };
}

// Among them some with a way back, with a kill switch and with catalogues that come and go.
test.each([1, 2, 5, 9])(
  "I20 commands: whole days go as they went, whichever come again whenever (seed %i)",
  async (seed) => {
    const once = await commanded(seed, 0);
    const often = await commanded(seed, 3);
    expect(often.lines).toEqual(once.lines);
    expect(often.rows).toBe(once.rows);
    expect([once.echoes, often.echoes > 20]).toEqual([0, true]);
  },
  LONG_MS,
);

test(
  "I20 commands: a door that forgets what it was told is found",
  async () => {
    const plant: Plant = { store: (store) => ({ ...store, commands: { ...store.commands, load: () => undefined } }) };
    const [once, often] = [await commanded(2, 0, plant), await commanded(2, 3, plant)];
    expect(often.rows).not.toBe(once.rows);
  },
  LONG_MS,
);

/** What becomes of such a device depends on nobody's dice. */
const FATES = [
  "installsOtherBuild",
  "refusesImage",
  "neverReturns",
  "reportsSuccessThenFallsBack",
  "refusesCommand",
  "acceptsAndIgnores",
  "losesAnswer",
  "answersTwice",
] as const satisfies readonly Habit[];

/** One campaign, seen through by one person, on phones that nobody uses and that nothing happens to but what each of them does. */
function still(story: Story, copies: Copies): Story {
  const base = plain(story);
  const phones = base.phones.map(({ joinsAtMs: _, ...phone }) => {
    const habit = phone.number % 2 === 0 ? FATES[(phone.number / 2) % FATES.length] : undefined;
    return { ...phone, lines: 1, habits: new Set<Habit>(habit === undefined ? [] : [habit]) };
  });
  return {
    ...{ ...base, phones, habits: [...FATES], people: "steward", copies, callsPerDay: 0, peopleEveryMs: 5 * MINUTE },
    endMs: base.startMs + 48 * HOUR,
    policy: {
      canaryCount: 1,
      atRiskMax: 12,
      soak: 12 * MINUTE,
      failuresAllowed: 2,
      attemptsMax: 2,
      retryAfter: MINUTE,
      lostAfter: 20 * MINUTE,
    },
  };
}

/** How everything ended, without when. */
function endsOf(store: Store): unknown {
  return store.campaigns.list().map(({ id, state }) => ({
    state: state.at,
    counts: "counts" in state ? state.counts : undefined,
    waves: store.campaigns.waves(id).map((wave) => wave.state.at),
    tasks: store.tasks
      .ofCampaign(id)
      .map((task) => ({
        ...{ device: task.device, at: task.state.at, running: store.devices.load(task.device)?.running },
        attempts: store.attempts.ofTask(task.id).map(({ number, outcome }) => `${number} ${outcome}`),
      }))
      .toSorted((a, b) => a.device.localeCompare(b.device)),
    held: store.reservations.all().length,
  }));
}

async function told(seed: number, ofNews: number | undefined, plant: (story: Story) => Plant = () => ({})) {
  let ends: unknown;
  const lines: string[] = [];
  const { broken } = await runStory(seed, {
    ...{ shelf, plant, size: { ...SMALL, devices: { min: 20, max: 30 } }, say: (line: string) => void lines.push(line) },
    onEnd: (store) => {
      ends = endsOf(store);
    },
    change: (story) => still(story, { ofCommands: 0, ofNews }),
  });
  const news = lines.flatMap((line) => / sign (image\w+) (\w+) /.exec(line)?.slice(1, 3).join(" ") ?? []);
  const firsts = [...new Set(news)];
  const reversed = firsts.filter((one, at) => one.startsWith("imageStarted") && firsts.indexOf(one.replace("Started", "Delivered")) < at);
  const isReversed = reversed.some((one) => firsts.includes(one.replace("Started", "Delivered")));
  return { broken, ends, news: news.length, firsts: firsts.length, isReversed };
}

test.each([1, 2, 3])(
  "I20 news: every device ends as it would, with news that are late, come again and in another order (seed %i)",
  async (seed) => {
    const once = await told(seed, undefined);
    const often = await told(seed, 3);
    expect([once.broken, often.broken]).toEqual([undefined, undefined]);
    expect(JSON.stringify(once.ends)).toContain('"state":"completed');
    expect(often.ends).toEqual(once.ends);
    expect(once.isReversed).toBe(false);
    expect(often.news).toBeGreaterThan(1.5 * often.firsts);
  },
  LONG_MS,
);

test(
  "I20 news: a beginning that is told of after the end and counts as a new one is found",
  async () => {
    const restarted = ({ endMs }: Story): Plant => ({
      signs: (signs, { attempts }) => ({
        note(event, log) {
          signs.note(event, log);
          const isLate = event.kind === "imageStarted" && attempts.byToken(event.token)?.imageDeliveredAtMs !== undefined;
          if (isLate) attempts.note(event.token, { imageDeliveredAtMs: endMs });
        },
      }),
    });
    // Nor could it be, were no news ever told in the other order.
    const found: boolean[] = [];
    for (const seed of [1, 2, 3]) {
      const [once, often] = [await told(seed, undefined, restarted), await told(seed, 3, restarted)];
      found.push(JSON.stringify(often.ends) !== JSON.stringify(once.ends));
    }
    expect(found).toContain(true);
  },
  LONG_MS,
);
