/** What an exchange may not cost: a stall of the event loop, growing memory. For `npm run fuzz` only: tests have no timings. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import { realSleep } from "../../../protocols/core/time.ts";
import { type Batch, type Outcome, runStories, type Wire } from "./run.ts";

/** The longest wall clock of an ask, and a little: what waits for its end is garbage after it. */
const SETTLE_MS = 11_000;
const RESOLUTION_MS = 5;
const TRIES_BEFORE_STALL = 3;
/** Code gets warm first: compiling is no stall of ours. */
const WARM_STORIES = 200;
/** Fewer tell nothing about growth. */
const GROWTH_STORIES = 2_000;

export interface Limits {
  readonly stallMs: number;
  readonly growthBytes: number;
}

export interface Measured extends Outcome {
  readonly slowestMs: number;
  readonly grownBytes: number;
}

async function heapBytes(): Promise<number> {
  await realSleep(SETTLE_MS);
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}

/** A stopwatch for the longest pause of the event loop, begun anew: one that was held keeps the time it was held. */
function watchLoop(): () => number {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delay.enable();
  return () => {
    delay.disable();
    return Math.max(0, delay.max / 1e6 - RESOLUTION_MS);
  };
}

/** The most this thread worked between two turns of its loop: where others use the processor too, a pause of the loop proves nothing. */
function watchWork(): () => number {
  const worked = (): number => process.threadCpuUsage().user + process.threadCpuUsage().system;
  let before = worked();
  let most = 0;
  let over = false;
  const look = (): void => {
    const now = worked();
    most = Math.max(most, now - before);
    before = now;
    if (!over) setImmediate(look);
  };
  setImmediate(look);
  return () => {
    over = true;
    return most / 1_000;
  };
}

/** What the batch stalled the loop for; where that is too long, the shortest of some tries more, by work done. */
async function stallOf(pausedMs: number, batch: Batch, limitMs: number): Promise<number> {
  let stallMs = pausedMs;
  for (let again = 1; stallMs > limitMs && again < TRIES_BEFORE_STALL; again++) {
    const workedMs = watchWork();
    await batch.again();
    stallMs = Math.min(stallMs, workedMs());
  }
  return stallMs;
}

export async function measured(
  wire: Wire,
  { seed, from = 0, count }: { readonly seed: number; readonly from?: number; readonly count: number },
  limits: Limits,
): Promise<Measured> {
  let slowestMs = 0;
  let baseBytes: number | undefined;
  let grownBytes = 0;
  let done = 0;
  await runStories(wire, { seed, from, count: Math.min(count, WARM_STORIES) });
  let pausedMs = watchLoop();
  const onBatch = async (batch: Batch): Promise<string | undefined> => {
    const stallMs = await stallOf(pausedMs(), batch, limits.stallMs);
    slowestMs = Math.max(slowestMs, stallMs);
    done += batch.to - batch.from;
    if (count >= GROWTH_STORIES && baseBytes === undefined && done >= count / 10) baseBytes = await heapBytes();
    if (done === count && baseBytes !== undefined) grownBytes = (await heapBytes()) - baseBytes;
    pausedMs = watchLoop();
    return stallMs > limits.stallMs ? `the event loop stood still for ${Math.round(stallMs)} ms` : undefined;
  };
  const outcome = await runStories(wire, { seed, from, count, onBatch });
  pausedMs();
  const grew = grownBytes > limits.growthBytes ? { broken: { promise: `the heap grew by ${grownBytes} bytes`, at: from + count } } : {};
  return { ...grew, ...outcome, slowestMs, grownBytes };
}
