import { expect, test } from "vitest";
import { createCourse, NOTHING_FOUND } from "../../../../agent/discovery/sources/sweep-course.ts";
import { seededRandom, shuffled } from "../../../../protocols/core/random.ts";

const NEW = { position: 0, waiting: [], ...NOTHING_FOUND };

test("createCourse(): the mark stands before the first place that has not ended", () => {
  const course = createCourse(10, NEW);
  for (let i = 0; i < 5; i++) course.begin();
  for (const index of [4, 1, 2]) course.end(index);
  expect([course.mark().position, course.underWay]).toEqual([0, 2]);
  course.end(0);
  expect([course.mark().position, course.underWay]).toEqual([3, 1]);
  course.end(3);
  expect([course.mark().position, course.underWay, course.begin()]).toEqual([5, 0, 5]);
});

test("createCourse(): who answered waits in the mark until it is read, and counts once", () => {
  const course = createCourse(10, { ...NEW, position: 4, waiting: ["127.0.0.1"], found: 1, byFamily: { hdx: 1 } });
  course.await("127.0.0.2");
  expect(course.mark().waiting).toEqual(["127.0.0.1", "127.0.0.2"]);
  course.settle("127.0.0.1", "hdx");
  course.settle("127.0.0.2", undefined);
  expect(course.mark().waiting).toEqual([]);
  expect(course.totals()).toEqual({ found: 2, byFamily: { hdx: 2 }, spared: 0 });
});

test("createCourse(): whatever the order of ends, a restart repeats none that ended before the mark and misses none after it", () => {
  for (let seed = 1; seed <= 200; seed++) {
    const random = seededRandom(seed);
    const course = createCourse(50, NEW);
    const begun = Array.from({ length: 1 + random.below(50) }, () => course.begin());
    const ended = new Set(shuffled(begun, random).slice(0, random.below(begun.length + 1)));
    for (const index of ended) course.end(index);
    const { position } = course.mark();
    for (let index = 0; index < position; index++) expect(ended.has(index), `seed ${seed}`).toBe(true);
    expect(ended.has(position), `seed ${seed}`).toBe(false);
  }
});

test("createCourse(): those who are spared are done and were not asked; the time left follows the last seconds", () => {
  const course = createCourse(100, NEW);
  expect(course.progress(500, 0)).toEqual({ asked: 0, total: 100, packetsPerSecond: 500, ...NOTHING_FOUND });
  for (let i = 0; i < 20; i++) course.end(course.begin());
  for (let i = 0; i < 5; i++) course.spare(course.begin());
  expect(course.progress(500, 1_000)).toMatchObject({ asked: 20, spared: 5, leftMs: 3_000 });
  for (let i = 0; i < 5; i++) course.end(course.begin());
  // Slower since: 5 in the last 10 s.
  expect(course.progress(500, 11_000).leftMs).toBe(140_000);
});
