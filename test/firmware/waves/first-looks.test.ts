import { expect, test } from "vitest";
import { createFirstLooks, FIRST_LOOKS_MIN } from "../../../firmware/waves/first-looks.ts";
import type { TaskId } from "../../../protocols/core/ids.ts";

const task = (number: number) => `c-abcd1234/d-${number}` as TaskId;

/** So many looks that have no answer yet. */
function looking(count: number, slots = 0) {
  let told = 0;
  const looks = createFirstLooks(() => void told++);
  const ends = Array.from({ length: count }, (_, number) => {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const done = looks.run(task(number), slots, () => promise);
    return { resolve, reject, done };
  });
  return { looks, ends, told: () => told };
}

test("first looks: some are always possible, and as many as slots are free", async () => {
  const few = looking(FIRST_LOOKS_MIN + 1);
  expect(few.ends.map(({ done }) => done === undefined)).toEqual([...Array.from({ length: FIRST_LOOKS_MIN }, () => false), true]);
  expect(looking(FIRST_LOOKS_MIN + 50, FIRST_LOOKS_MIN + 50).ends.some(({ done }) => done === undefined)).toBe(false);
});

test("first looks: one that found no room waits until another ended, also where that one broke, and is told", async () => {
  const { looks, ends, told } = looking(FIRST_LOOKS_MIN);
  expect(looks.hasToWait(task(900), 0)).toBe(false);
  expect(looks.run(task(900), 0, async () => "late")).toBeUndefined();
  expect(looks.hasToWait(task(900), 0)).toBe(true);
  expect(looks.hasToWait(task(901), 0)).toBe(false);
  ends[0]?.reject(new Error("no answer"));
  await expect(ends[0]?.done).rejects.toThrow("no answer");
  expect(told()).toBe(1);
  expect(looks.hasToWait(task(900), 0)).toBe(false);
  await expect(looks.run(task(900), 0, async () => "late")).resolves.toBe("late");
});

test("first looks: nobody is told while nobody waits", async () => {
  const { ends, told } = looking(2);
  ends[0]?.resolve("idle");
  await ends[0]?.done;
  expect(told()).toBe(0);
});
