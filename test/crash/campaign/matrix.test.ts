/**
 * Every named state of task, wave and campaign with every kind of trouble: the end is that of a run without any (I17 to I23,
 * I28). Phones and desk count; see docs/reliability.md.
 */
import { afterAll, expect, test } from "vitest";
import { matrixRows, wrongWith } from "./matrix.ts";
import { type End, runStory } from "./run.ts";
import { STORIES, type Story } from "./story.ts";

const SEED = 5;
const calms = new Map<string, Promise<End>>();
const met = new Set<string>();

async function calmOf(story: Story): Promise<End> {
  const ran = await runStory(story, [], SEED);
  expect(ran.broken).toEqual([]);
  for (const point of ran.points) met.add(point);
  return ran.end;
}

test.for(STORIES.map((story) => [story.id, story] as const))("story %s: ends well without any trouble", async ([, story]) => {
  calms.set(story.id, calmOf(story));
  await calms.get(story.id);
});

test.for(matrixRows("small").map((row) => [row.name, row] as const))("%s: ends as without it", async ([, row]) => {
  const calm = await (calms.get(row.story.id) ?? calmOf(row.story));
  expect(wrongWith(row, await runStory(row.story, row.troubles, SEED), calm)).toEqual([]);
});

const LISTED = new Set(matrixRows("small").map(({ name }) => name.split(" ")[0]?.split("#")[0]));
afterAll(() => {
  // What the machines come to and the table does not know would go untested in silence.
  for (const point of met) expect(LISTED).toContain(point.split("#")[0]);
});
