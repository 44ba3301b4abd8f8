import { expect, test } from "vitest";
import { watchTransfer } from "../../../firmware/staging/slow.ts";
import { manualClock } from "../../../protocols/core/time.ts";
import { never } from "./kit.ts";

const LIMITS = { timeMs: 40, windowMs: 10, windowBytes: 100 };

function watched(signal = never) {
  const clock = manualClock(0);
  return { clock, watch: watchTransfer(LIMITS, clock, signal) };
}

test("watchTransfer(): nothing within the first window ends it, not a moment before", async () => {
  const { clock, watch } = watched();
  await clock.advance(9);
  expect([watch.signal.aborted, watch.tripped]).toEqual([false, undefined]);
  await clock.advance(1);
  expect([watch.signal.aborted, watch.tripped]).toEqual([true, 10]);
});

test("watchTransfer(): enough in each window keeps it going, to the end of all time it has", async () => {
  const { clock, watch } = watched();
  for (let window = 0; window < 3; window++) {
    watch.note(100);
    await clock.advance(10);
    expect(watch.tripped).toBeUndefined();
  }
  watch.note(1_000_000);
  await clock.advance(10);
  expect(watch.tripped).toBe(40);
});

test("watchTransfer(): a quick start does not pay for a later trickle", async () => {
  const { clock, watch } = watched();
  watch.note(10_000);
  await clock.advance(10);
  watch.note(99);
  await clock.advance(10);
  expect(watch.tripped).toBe(10);
});

test("watchTransfer(): ended it trips no more; aborted by the caller it is not slow", async () => {
  const { clock, watch } = watched();
  watch.end();
  await clock.advance(1_000);
  expect(watch.tripped).toBeUndefined();
  const stop = new AbortController();
  const other = watched(stop.signal);
  stop.abort(new Error("stop"));
  expect([other.watch.signal.aborted, other.watch.tripped]).toEqual([true, undefined]);
  other.watch.end();
});
