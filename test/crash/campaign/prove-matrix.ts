/**
 * The whole matrix over many seeds: other paces of phones, another length of each death, and another coming to each point.
 * Then as many runs with several kills each, at points drawn from all.
 */
import { seededRandom } from "../../../protocols/core/random.ts";
import { matrixRows, wrongWith } from "./matrix.ts";
import { type End, runStory } from "./run.ts";
import { STORIES, type Story } from "./story.ts";
import type { Trouble, TroubleKind } from "./trouble.ts";

export interface MatrixProof {
  readonly seed: number;
  readonly seeds: number;
  say(text: string): void;
}

/** Of one run with several. */
const KILLS_MAX = 6;
const MANY_PER_SEED = 10;
const MANY_IN: readonly Story["id"][] = ["fates", "back", "stuck"];
const KILLS: readonly TroubleKind[] = ["killBefore", "killInside", "killAfter"];

export async function proveMatrix({ seed: first, seeds, say }: MatrixProof): Promise<readonly string[]> {
  const broken: string[] = [];
  let [runs, kills] = [0, 0];
  for (let seed = first; seed < first + seeds; seed++) {
    const calms = new Map<string, End>();
    for (const story of STORIES) calms.set(story.id, (await runStory(story, [], seed)).end);
    for (const row of matrixRows("full")) {
      const ran = await runStory(row.story, row.troubles, seed);
      runs++;
      kills += ran.lives - 1;
      for (const wrong of wrongWith(row, ran, calms.get(row.story.id) as End)) broken.push(`seed ${seed}, ${row.name}: ${wrong}`);
    }
    for (const id of MANY_IN) {
      const many = await manyKills(id, seed, calms);
      runs += MANY_PER_SEED;
      kills += many.kills;
      broken.push(...many.broken);
    }
    say(`seed ${seed}: ${runs} runs, ${kills} kills, ${broken.length} broken`);
  }
  return broken;
}

const placeOf = ({ point, back }: Trouble): Pick<Trouble, "point" | "back"> => ({ point, ...(back === undefined ? {} : { back }) });

async function manyKills(
  id: Story["id"],
  seed: number,
  calms: ReadonlyMap<string, End>,
): Promise<{ readonly kills: number; readonly broken: readonly string[] }> {
  const random = seededRandom(seed ^ 0x6b11);
  const story = STORIES.find((one) => one.id === id);
  const calm = calms.get(id);
  const broken: string[] = [];
  let kills = 0;
  if (story === undefined || calm === undefined) return { kills, broken };
  const places = matrixRows("full").flatMap((row) => (row.story.id === id && row.troubles[0] !== undefined ? [row.troubles[0]] : []));
  const draw = (): Trouble => ({
    ...placeOf(places[random.below(places.length)] as Trouble),
    kind: KILLS[random.below(KILLS.length)] as TroubleKind,
    nth: 1 + random.below(3),
  });
  for (let i = 0; i < MANY_PER_SEED; i++) {
    const troubles = Array.from({ length: 1 + random.below(KILLS_MAX) }, draw);
    const ran = await runStory(story, troubles, seed);
    kills += ran.lives - 1;
    // Not all of them need come: a point may lie behind the one before.
    for (const wrong of wrongWith({ troubles }, { ...ran, struck: true }, calm))
      broken.push(`seed ${seed}, ${JSON.stringify(troubles)}: ${wrong}`);
  }
  return { kills, broken };
}
