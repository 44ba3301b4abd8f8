import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type Crowd, createCrowd, NOWHERE, type Waiter } from "../../../protocols/core/crowd.ts";
import { realElapsedMs } from "../../../protocols/core/time.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

interface One extends Waiter {
  readonly name: string;
}

function crowd(due: (one: One, crowd: Crowd<One>) => void = (one, all) => all.remove(one)) {
  const told: string[] = [];
  const made: Crowd<One> = createCrowd<One>({
    tickMs: 10,
    due(one) {
      told.push(`due ${one.name}`);
      due(one, made);
    },
    cut(one) {
      told.push(`cut ${one.name}`);
      made.remove(one);
    },
  });
  const add = (name: string, afterMs: number, parent: AbortSignal): One => {
    const one = { name, parent, dueAtMs: realElapsedMs() + afterMs, place: NOWHERE };
    made.add(one);
    return one;
  };
  return { made, told, add };
}

test("createCrowd(): each is told when its time is over, never before, and no more once it is removed", () => {
  const { told, add, made } = crowd();
  const { signal } = new AbortController();
  add("a", 25, signal);
  made.remove(add("b", 25, signal));
  add("c", 95, signal);
  vi.advanceTimersByTime(20);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(10);
  expect(told).toEqual(["due a"]);
  vi.advanceTimersByTime(70);
  expect(told).toEqual(["due a", "due c"]);
  expect([made.all(), vi.getTimerCount()]).toEqual([[], 0]);
});

test("createCrowd(): one that is given more time is told again when that is over", () => {
  const { told, add } = crowd((one) => {
    one.dueAtMs += 100;
  });
  add("a", 5, new AbortController().signal);
  vi.advanceTimersByTime(100);
  expect(told).toEqual(["due a"]);
  vi.advanceTimersByTime(20);
  expect(told).toEqual(["due a", "due a"]);
});

test("createCrowd(): one that is due may remove others, which are then not told", () => {
  const { told, add } = crowd((_one, all) => {
    for (const each of all.all()) all.remove(each);
  });
  const { signal } = new AbortController();
  for (const name of ["a", "b", "c"]) add(name, 5, signal);
  vi.advanceTimersByTime(20);
  expect(told).toEqual(["due a"]);
});

test("createCrowd(): an abort cuts those of its signal and nobody else; they share one listener, which goes with the last of them", () => {
  const { told, add, made } = crowd();
  const [one, other] = [new AbortController(), new AbortController()];
  const [listens, leaves] = [vi.spyOn(one.signal, "addEventListener"), vi.spyOn(one.signal, "removeEventListener")];
  const first = add("a", 50, one.signal);
  add("b", 50, other.signal);
  const last = add("c", 50, one.signal);
  made.remove(first);
  made.remove(first);
  expect([listens.mock.calls.length, leaves.mock.calls.length]).toEqual([1, 0]);
  made.remove(last);
  expect(leaves).toHaveBeenCalledOnce();
  add("d", 50, one.signal);
  add("e", 50, one.signal);
  one.abort();
  expect(told).toEqual(["cut d", "cut e"]);
  expect(made.all().map(({ name }) => name)).toEqual(["b"]);
});
