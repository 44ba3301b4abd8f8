import { expect, test } from "vitest";
import { createGather } from "../../../agent/health/gather.ts";
import { manualClock } from "../../../protocols/core/time.ts";

function made() {
  const clock = manualClock(1_000_000);
  const commits: number[][] = [];
  let open: number[] = [];
  let fails = false;
  const gather = createGather<number, string>({
    clock,
    transaction(run) {
      open = [];
      run();
      if (fails) throw new Error("disk full");
      commits.push(open);
    },
    take(item) {
      if (item < 0) throw new Error(`no ${item}`);
      open.push(item);
      return `took ${item}`;
    },
  });
  const failFromNow = (): void => {
    fails = true;
  };
  return { clock, commits, gather, failFromNow };
}

test("add(): after a pause taken in at once; those that come together make one commit", async () => {
  const { clock, commits, gather } = made();
  const both = [gather.add(1), gather.add(2)];
  await clock.advance(0);
  expect(await Promise.all(both)).toEqual(["took 1", "took 2"]);
  expect(commits).toEqual([[1, 2]]);
});

test("add(): under load a commit waits for those that come within a fifth of a second", async () => {
  const { clock, commits, gather } = made();
  void gather.add(1);
  await clock.advance(0);
  for (const item of [2, 3, 4]) {
    void gather.add(item);
    await clock.advance(50);
  }
  expect(commits).toEqual([[1]]);
  await clock.advance(50);
  expect(commits).toEqual([[1], [2, 3, 4]]);
});

test("add(): many at once are taken in sixteen to a commit, in order, and all of them", async () => {
  const { clock, commits, gather } = made();
  const all = Array.from({ length: 50 }, (_, i) => gather.add(i));
  while (commits.flat().length < 50) await clock.advance(0);
  await Promise.all(all);
  expect(commits.map(({ length }) => length)).toEqual([16, 16, 16, 2]);
  expect(commits.flat()).toEqual(Array.from({ length: 50 }, (_, i) => i));
});

test("add(): what one item throws is its own; a commit that fails is everybody's", async () => {
  const { clock, commits, gather, failFromNow } = made();
  const some = Promise.allSettled([gather.add(1), gather.add(-2), gather.add(3)]);
  await clock.advance(0);
  expect((await some).map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  expect(commits).toEqual([[1, 3]]);
  failFromNow();
  const none = Promise.allSettled([gather.add(4), gather.add(5)]);
  await clock.advance(200);
  expect((await none).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});
