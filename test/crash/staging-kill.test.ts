/**
 * Staging is killed at every kind of file operation, before and after it, and at random: no name ever stands for a wrong byte, at most
 * one part is left, and the next start goes on from it. The full run: `npm run prove -- staging-kill`.
 */
import { expect, onTestFinished, test } from "vitest";
import { seededRandom } from "../../protocols/core/random.ts";
import { type Bench, openBench, pointsOf, randomLives, resumed } from "./staging-lives.ts";

async function bench(seed: number): Promise<Bench> {
  const opened = await openBench(seed);
  onTestFinished(() => opened.close());
  return opened;
}

test("staging: killed before and after each kind of file operation, it is whole after the next start", { timeout: 600_000 }, async () => {
  const one = await bench(1);
  const points = await pointsOf(one, false);
  expect(points.map(({ name }) => name)).toEqual(
    expect.arrayContaining(["before rename", "after rename", "before file.sync", "after file.writev"]),
  );
  for (const { at, name } of points) {
    one.clear();
    expect([name, await one.live({ killAt: at })]).toEqual([name, undefined]);
    expect([name, one.wrong(false)]).toEqual([name, []]);
    expect([name, await resumed(one)]).toEqual([name, []]);
  }
});

test("staging: killed at random, several times in a row, it loses and spoils nothing", { timeout: 600_000 }, async () => {
  const one = await bench(2);
  const { length } = await pointsOf(one, true);
  expect(await randomLives(one, seededRandom(2), 12, length)).toEqual([]);
});
