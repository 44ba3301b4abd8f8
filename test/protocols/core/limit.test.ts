import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import { limit, oneAtATimePerKey } from "../../../protocols/core/limit.ts";

/** Jobs that run until told, and how many ran at once. */
function gauge() {
  const ends: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const job = async (): Promise<void> => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => ends.push(resolve));
    running--;
  };
  return { job, ends, running: () => running, most: () => most };
}

test("limit(): never more at once than allowed, the rest wait in order of arrival", async () => {
  const queue = limit(2);
  const started: number[] = [];
  const { job, ends, most } = gauge();
  const all = [0, 1, 2, 3].map((n) =>
    queue.run(() => {
      started.push(n);
      return job();
    }),
  );
  await turn();
  expect([started, queue.waiting]).toEqual([[0, 1], 2]);
  for (let i = 0; i < 4; i++) {
    ends[i]?.();
    await turn();
  }
  await Promise.all(all);
  expect([started, most(), queue.waiting]).toEqual([[0, 1, 2, 3], 2, 0]);
});

test("limit(): a job that fails gives its error and makes room", async () => {
  const queue = limit(1);
  const error = new Error("x");
  await expect(queue.run(() => Promise.reject(error))).rejects.toBe(error);
  expect(await queue.run(async () => 7)).toBe(7);
});

test("limit(): a job that waits is given up at once when its signal aborts, and never runs", async () => {
  const queue = limit(1);
  const { job, ends } = gauge();
  const first = queue.run(job);
  const stop = new AbortController();
  let ran = false;
  const second = queue.run(async () => {
    ran = true;
  }, stop.signal);
  stop.abort("enough");
  await expect(second).rejects.toBe("enough");
  ends[0]?.();
  await first;
  await queue.idle();
  expect([ran, queue.waiting]).toEqual([false, 0]);
});

test("limit(): a signal that is over already runs nothing", async () => {
  let ran = false;
  await expect(
    limit(1).run(async () => {
      ran = true;
    }, AbortSignal.abort("over")),
  ).rejects.toBe("over");
  expect(ran).toBe(false);
});

test("limit(): a running job that is aborted keeps its place until it has really ended", async () => {
  const queue = limit(1);
  const { job, ends, most } = gauge();
  const stop = new AbortController();
  const first = queue.run(job, stop.signal);
  const settled = first.catch(() => undefined);
  const second = queue.run(job);
  await turn();
  stop.abort();
  await turn();
  expect(ends).toHaveLength(1);
  ends[0]?.();
  await settled;
  await turn();
  ends[1]?.();
  await second;
  expect(most()).toBe(1);
});

test("limit(): idle() waits for what runs and what waits", async () => {
  const queue = limit(1);
  const done: number[] = [];
  void queue.run(async () => void done.push(1));
  void queue.run(async () => void done.push(2));
  await queue.idle();
  expect(done).toEqual([1, 2]);
});

test("oneAtATimePerKey(): one job per key, keys do not wait for each other", async () => {
  const keyed = oneAtATimePerKey();
  const a = gauge();
  const b = gauge();
  const all = [keyed.run("a", a.job), keyed.run("a", a.job), keyed.run("b", b.job)];
  await turn();
  expect([a.running(), b.running()]).toEqual([1, 1]);
  a.ends[0]?.();
  b.ends[0]?.();
  await turn();
  a.ends[1]?.();
  await Promise.all(all);
  expect(a.most()).toBe(1);
});

test("oneAtATimePerKey(): a failed job does not hold its key", async () => {
  const keyed = oneAtATimePerKey();
  await expect(keyed.run("a", () => Promise.reject(new Error("x")))).rejects.toThrow("x");
  expect(await keyed.run("a", async () => 1)).toBe(1);
});

test("oneAtATimePerKey(): an aborted job that still runs keeps others of its key waiting", async () => {
  const keyed = oneAtATimePerKey();
  const { job, ends, most } = gauge();
  const stop = new AbortController();
  const first = keyed.run("a", job, stop.signal).catch(() => undefined);
  await turn();
  stop.abort();
  await turn();
  const second = keyed.run("a", job);
  await turn();
  ends[0]?.();
  await first;
  await turn();
  ends[1]?.();
  await second;
  expect(most()).toBe(1);
});
