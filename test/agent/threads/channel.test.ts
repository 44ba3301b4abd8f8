import { expect, onTestFinished, test } from "vitest";
import { startThread, type Thread, ThreadGone, type ThreadOptions } from "../../../agent/threads/channel.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import type { TestEvent, TestRequests } from "../../support/thread-entry.ts";

interface Bench {
  readonly thread: Thread<TestRequests>;
  readonly clock: ReturnType<typeof manualClock>;
  readonly trouble: string[];
  /** Resolves when the worker said so; what it said is remembered. */
  said(text: string): Promise<void>;
  /** Resolves at that start of a worker, the first being 1. */
  started(count: number): Promise<void>;
}

const entry = new URL("../../support/thread-entry.ts", import.meta.url);

/** Something that is waited for until a counter or list has it. */
function signalled() {
  const waiting = new Set<() => void>();
  return {
    changed: () => {
      for (const wake of waiting) wake();
    },
    until: (reached: () => boolean): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!reached()) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
}

async function bench(data: unknown = null): Promise<Bench> {
  const clock = manualClock(0);
  const trouble: string[] = [];
  const said: string[] = [];
  let starts = 0;
  const { changed, until } = signalled();
  const options: ThreadOptions<TestEvent> = {
    name: "test",
    entry,
    data: () => data,
    heapMb: 64,
    clock,
    onEvent(event) {
      said.push(event.said);
      changed();
    },
    onTrouble: (what, error) => trouble.push(error === undefined ? what : `${what}: ${error.message}`),
    onStart() {
      starts++;
      changed();
    },
  };
  const thread = await startThread<TestRequests, TestEvent>(options);
  onTestFinished(() => thread.close());
  return { thread, clock, trouble, said: (text) => until(() => said.includes(text)), started: (count) => until(() => starts >= count) };
}

const fails = async (asked: Promise<unknown>): Promise<Error> => {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof Error)) throw new Error("it was answered");
  return error;
};

test("startThread(): requests are answered, each its own, and events come by themselves", async () => {
  const { thread, said } = await bench();
  const asked = Array.from({ length: 100 }, (_, i) => thread.ask("double", i));
  expect(thread.open).toBe(100);
  expect(await Promise.all(asked)).toEqual(Array.from({ length: 100 }, (_, i) => 2 * i));
  expect(thread.open).toBe(0);
  await said("doubled 99");
});

test("ask(): what breaks in the worker, even at once, fails that request alone", async () => {
  const { thread, trouble } = await bench();
  const error = await fails(thread.ask("throws", "out of range"));
  expect(error).toBeInstanceOf(ThreadGone);
  expect([error.message, (error.cause as Error).name]).toEqual(["out of range", "RangeError"]);
  expect(await thread.ask("double", 4)).toBe(8);
  expect(trouble).toEqual([]);
});

test("ask(): an unknown request is refused", async () => {
  const { thread } = await bench();
  expect((await fails(thread.ask("nonsense" as "double", 1))).message).toBe('unknown request "nonsense"');
});

test("ask(): an abort rejects with its reason, and the worker is told", async () => {
  const { thread, said } = await bench();
  const stop = new AbortController();
  const asked = fails(thread.ask("waits", null, stop.signal));
  await said("waiting");
  const reason = new Error("enough");
  stop.abort(reason);
  expect(await asked).toBe(reason);
  expect(thread.open).toBe(0);
  await said("aborted");
  expect(await fails(thread.ask("waits", null, AbortSignal.abort(reason)))).toBe(reason);
  expect(await thread.ask("double", 1)).toBe(2);
});

test.each(["dies", "exits"] as const)("startThread(): a worker that %s fails all open requests and is started again", async (how) => {
  const { thread, clock, trouble, started } = await bench();
  const open = [fails(thread.ask("waits", null)), fails(thread.ask(how, null))];
  for (const error of await Promise.all(open)) expect(error).toBeInstanceOf(ThreadGone);
  expect(thread.open).toBe(0);
  // Nobody is there to answer: refused at once, not kept waiting.
  expect((await fails(thread.ask("double", 1))).message).toBe('thread "test" is not running');
  await clock.advance(1_000);
  await started(2);
  expect(await thread.ask("double", 21)).toBe(42);
  expect(trouble).toEqual([...(how === "dies" ? ['thread "test" failed: died'] : []), 'thread "test" is started again']);
});

test.each([
  ["cannot start", "cannot start"],
  ["ends at once", 'thread "test" ended before it was ready'],
])("startThread(): a worker that %s is the caller's to report, and is not tried again", async (data, message) => {
  const trouble: string[] = [];
  let slept = 0;
  const clock = {
    ...manualClock(0),
    sleep: async () => {
      slept++;
    },
  };
  const nothing = (): void => undefined;
  const started = startThread({
    name: "test",
    entry,
    data: () => data,
    heapMb: 64,
    clock,
    onEvent: nothing,
    onTrouble: (what) => trouble.push(what),
  });
  expect((await fails(started)).message).toBe(message);
  await new Promise((resolve) => setImmediate(resolve));
  expect(slept).toBe(0);
});

test("close(): open requests fail, nothing more is taken, and nothing is started again", async () => {
  const { thread, clock, trouble, said } = await bench();
  const open = fails(thread.ask("waits", null));
  await said("waiting");
  await thread.close();
  expect((await open).message).toMatch(/^thread "test" /);
  expect((await fails(thread.ask("double", 1))).message).toBe('thread "test" is not running');
  await clock.advance(60_000);
  expect(trouble).toEqual([]);
});

test("startThread(): a ping is answered beside whatever it works on, and not by one that is down", async () => {
  const { thread, clock, started } = await bench();
  const signal = AbortSignal.timeout(5_000);
  await thread.ping(signal);
  expect([thread.up, thread.restarts]).toEqual([true, 0]);
  await fails(thread.ask("dies", null));
  await fails(thread.ping(signal));
  expect(thread.up).toBe(false);
  await clock.advance(1_000);
  await started(2);
  await thread.ping(signal);
  expect([thread.up, thread.restarts]).toEqual([true, 1]);
});
