/**
 * Answers are taken in some at a time, in one transaction: a commit waits for the disk, and a site that is asked for the first time has a
 * hundred answers a second that are all news.
 */
import { type Clock, loopTurn, type Ms } from "../../protocols/core/time.ts";

export interface GatherIo<T, R> {
  readonly clock: Clock;
  /** All or nothing on disk; what throws inside for one item is that item's alone. */
  transaction(run: () => void): void;
  take(item: T): R;
}

export interface Gather<T, R> {
  /** Taken in with those that come within the next moment; rejects where it could not be. */
  add(item: T): Promise<R>;
}

/** Whoever comes after a pause is taken in at once; under load a batch is this long. Nobody sees a reading sooner. */
const BATCH_MS: Ms = 200;
/** Most in one transaction: some 15 ms of the main thread where all is news. Measured. */
const BATCH_MOST = 16;

interface Waiting<T, R> {
  readonly item: T;
  readonly resolve: (value: R) => void;
  readonly reject: (error: unknown) => void;
}

export function createGather<T, R>(io: GatherIo<T, R>): Gather<T, R> {
  const waiting: Waiting<T, R>[] = [];
  let takenMs = Number.NEGATIVE_INFINITY;
  let scheduled = false;

  const takeAll = async (): Promise<void> => {
    const waitMs = takenMs + BATCH_MS - io.clock.nowMs();
    await (waitMs > 0 && waitMs <= BATCH_MS ? io.clock.sleep(waitMs) : loopTurn());
    while (waiting.length > 0) {
      const batch = waiting.splice(0, BATCH_MOST);
      takeBatch(batch, io);
      if (waiting.length > 0) await loopTurn();
    }
    takenMs = io.clock.nowMs();
    scheduled = false;
  };

  return {
    add: (item) =>
      new Promise((resolve, reject) => {
        waiting.push({ item, resolve, reject });
        if (scheduled) return;
        scheduled = true;
        void takeAll();
      }),
  };
}

function takeBatch<T, R>(batch: readonly Waiting<T, R>[], io: GatherIo<T, R>): void {
  // Told only once it is on disk.
  const tell: (() => void)[] = [];
  try {
    io.transaction(() => {
      for (const { item, resolve, reject } of batch) {
        try {
          const value = io.take(item);
          tell.push(() => resolve(value));
        } catch (error) {
          tell.push(() => reject(error));
        }
      }
    });
    for (const say of tell) say();
  } catch (error) {
    for (const { reject } of batch) reject(error);
  }
}
