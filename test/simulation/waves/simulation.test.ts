import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { StoreShelf } from "../../../agent/rehearsal/shelf.ts";
import type { Habit } from "../../../fixtures/fleet/habits.ts";
import { drawCampus, SMALL_CAMPUS } from "./campus.ts";
import { SMALL, type Story } from "./draw.ts";
import { INVARIANTS, UNCHECKED } from "./invariants/index.ts";
import { storeShelf } from "./memory.ts";
import { PLANTED } from "./plants/index.ts";
import { mislisted, plain } from "./plants/plant.ts";
import { runStory } from "./run.ts";
import { releasesFor } from "./stones.ts";

let shelf: StoreShelf;
beforeAll(() => {
  shelf = storeShelf();
});
afterAll(() => shelf.close());

/** As many as `npm test` has time for; `npm run simulate` has more. */
const STORIES = 100;
/** Told one after the other in groups, so that a broken one is named early. */
const GROUP = 5;
/** Processor time, not patience: stories wait for nothing, but a busy machine gives them little. */
const LONG_MS = 600_000;

/** Nobody takes anything back, or stops it, and no catalogue runs out. */
const leftAlone = (story: Story): Story => {
  const { stones } = story;
  return { ...story, releases: releasesFor(stones, false), wayBack: undefined, stops: undefined, channel: undefined };
};

describe("a day of a site, told from a seed", () => {
  const firsts = Array.from({ length: STORIES / GROUP }, (_, at) => at * GROUP + 1);
  test.each(firsts)(
    "stories: every promise holds on every step, seeds from %i on",
    async (first) => {
      for (let seed = first; seed < first + GROUP; seed++) {
        const { broken, hint } = await runStory(seed, { shelf });
        const replay = `npm run simulate -- --seeds 1 --seed ${seed} tells it again; it had ${hint}`;
        expect(broken === undefined ? undefined : `${broken.id}: ${broken.what}`, replay).toBeUndefined();
      }
    },
    LONG_MS,
  );

  test(
    "stories: the same seed gives the same story, byte for byte",
    async () => {
      for (const seed of [2, 5]) {
        const lines: string[][] = [[], []];
        const told = [];
        for (const list of lines) told.push(await runStory(seed, { shelf, say: (line) => void list.push(line) }));
        expect(lines[1]).toEqual(lines[0]);
        expect(told[1]?.hash).toBe(told[0]?.hash);
        expect(told[0]?.steps).toBeGreaterThan(1_000);
      }
    },
    LONG_MS,
  );

  test(
    "stories: phones of another hardware revision than the inventory was told are refused at the look, the others are updated",
    async () => {
      const lines: string[] = [];
      const { broken, tasks } = await runStory(3, { shelf, change: mislisted, say: (line) => void lines.push(line) });
      expect(broken).toBeUndefined();
      expect(lines.some((line) => line.includes("hardware revision is B"))).toBe(true);
      expect(tasks["refused"]).toBeGreaterThan(0);
      expect(tasks["succeeded"]).toBeGreaterThan(0);
    },
    LONG_MS,
  );

  test(
    "stories: where the new version makes every device restart over and over, none counts as updated, and that is why",
    async () => {
      const crashing = (story: Story): Story => {
        const phones = story.phones.map((phone) => ({ ...phone, habits: new Set<Habit>(["restartsOver"]) }));
        return { ...plain(story), phones };
      };
      const causes = new Set<string>();
      for (const seed of [1, 2, 3]) {
        const lines: string[] = [];
        const { broken, tasks, commands } = await runStory(seed, { shelf, change: crashing, say: (line) => void lines.push(line) });
        expect(broken).toBeUndefined();
        expect(lines.filter((line) => line.includes(" soakPassed "))).toEqual([]);
        expect(commands).toBeGreaterThan(0);
        expect(tasks["failed"] ?? 0).toBeGreaterThan(0);
        for (const line of lines)
          for (const [, cause] of line.matchAll(/ task .* soaking failed .*"cause":"(\w+)"/g)) causes.add(cause ?? "");
      }
      expect(causes).toContain("unsteady");
    },
    LONG_MS,
  );

  test(
    "stories: where nothing is wrong with any device, whoever is left alone by people ends updated",
    async () => {
      for (const seed of [8, 16]) {
        const { broken, tasks, commands, kills } = await runStory(seed, { shelf, change: leftAlone });
        expect(broken).toBeUndefined();
        expect([tasks["failed"], tasks["lost"], tasks["refused"]]).toEqual([undefined, undefined, undefined]);
        expect(tasks["succeeded"]).toBeGreaterThan(20);
        expect(commands).toBeGreaterThan(20);
        expect(kills).toBeGreaterThan(0);
      }
    },
    LONG_MS,
  );
});

describe("a campus", () => {
  test(
    "campus: one campaign of 500 devices from its plan to its end, with liars, losses, deaths and a dead link: every promise on every step",
    async () => {
      const { broken, tasks, commands, kills } = await runStory(1, { shelf, change: () => drawCampus(1, SMALL_CAMPUS) });
      expect(broken).toBeUndefined();
      const { succeeded = 0, failed = 0, lost = 0, skipped = 0, ...open } = tasks;
      expect(open).toEqual({});
      expect(succeeded + failed + lost + skipped).toBe(SMALL_CAMPUS.devices);
      expect(succeeded).toBeGreaterThan(SMALL_CAMPUS.devices * 0.9);
      expect(commands).toBeGreaterThan(SMALL_CAMPUS.devices * 0.9);
      expect(kills).toBeGreaterThan(0);
    },
    LONG_MS,
  );
});

/** Tells stories until each of these lines was heard, or an end of a task that they name. @returns those that never were */
async function unheard(wanted: readonly RegExp[], change?: (story: Story) => Story): Promise<RegExp[]> {
  let open = [...wanted];
  for (let seed = 1; seed <= STORIES && open.length > 0; seed++) {
    const lines: string[] = [];
    const { broken, tasks } = await runStory(seed, {
      shelf,
      ...(change === undefined ? {} : { change }),
      say: (line) => void lines.push(line),
    });
    expect(broken).toBeUndefined();
    lines.push(...Object.keys(tasks).map((at) => `ends ${at}`));
    open = open.filter((what) => !lines.some((line) => what.test(line)));
  }
  return open;
}

describe("who is away or in use", () => {
  test(
    "stories: some are armed and follow or stay away, some are waited for once more or left out",
    async () => {
      const wanted = [
        / task .* foundOffline /,
        / task .* armed reserved /,
        / task .* armed stayedAway /,
        / task .* foundBusy .*"number":2/,
        / task .* foundBusy .*"byPolicy":true/,
      ];
      expect(await unheard(wanted, leftAlone)).toEqual([]);
    },
    LONG_MS,
  );
});

describe("who shares more than a place, and who is far behind", () => {
  test(
    "stories: some go two and three legs, and some wait for what is on their port, in their network or down by itself",
    async () => {
      const wanted = [
        / task .* legDone .*"leg":1/,
        / task .* legDone .*"leg":2/,
        / task .* holdsFound .*down by itself since /,
        / task .* holdsFound .*(subnet|switch):[0-9./]+ must keep its others up/,
        / task .* holdsFound .*port:[^"]* must keep its others up/,
      ];
      expect(await unheard(wanted)).toEqual([]);
    },
    LONG_MS,
  );
});

describe("who is taken back", () => {
  test(
    "stories: some are taken back whole and some in part, and nobody goes for the asking",
    async () => {
      const wanted = [
        / order \w+ campaign\.rollback .* done /,
        / order \w+ campaign\.start .* rejected another person/,
        /"event":\{"kind":"rollbackStarted"/,
        /"at":"rollingBack"/,
        /^ends reverted$/,
        /^ends revertFailed$/,
      ];
      expect(await unheard(wanted)).toEqual([]);
    },
    LONG_MS,
  );
});

describe("the judges themselves", () => {
  test("invariants: each of the design is either checked, or said not to be and why", () => {
    const all = Array.from({ length: 33 }, (_, at) => `I${at + 1}`);
    const checked = INVARIANTS.map(({ id }) => id);
    expect([...checked, ...Object.keys(UNCHECKED)].toSorted()).toEqual(all.toSorted());
  });

  test("invariants: docs/simulation.md names each of them, and says the same of those that are not checked", () => {
    const page = readFileSync(new URL("../../../docs/simulation.md", import.meta.url), "utf8");
    for (const { id } of INVARIANTS) expect(page).toMatch(new RegExp(`^\\| [^|]*\\b${id}\\b[^|]* \\|`, "m"));
    for (const [id, why] of Object.entries(UNCHECKED)) expect(page).toContain(`| ${id} | ${why} |`);
  });

  test("invariants: for each that is checked a bug is planted", () => {
    const planted = new Set(PLANTED.flatMap(({ breaks }) => breaks));
    expect(INVARIANTS.map(({ id }) => id).filter((id) => !planted.has(id))).toEqual([]);
  });

  /** Smaller than a story that must hold: what is broken shows early. */
  const size = { ...SMALL, devices: { min: 20, max: 30 } };
  const SEEDS = 6;
  const pairs = PLANTED.flatMap(({ breaks, ...bug }) => breaks.map((id) => ({ id, ...bug })));
  test.each(pairs)(
    "$id finds the planted bug within a few seeds: $what",
    async ({ id, make, change }) => {
      const found: (string | undefined)[] = [];
      for (let seed = 1; seed <= SEEDS && !found.includes(id); seed++) {
        const { broken } = await runStory(seed, { shelf, size, change, plant: make, only: [id] });
        found.push(broken?.id);
      }
      expect(found).toContain(id);
    },
    LONG_MS,
  );
});
