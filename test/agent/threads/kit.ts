/** Starts a real worker of the agent and gathers what it says by itself. */
import { onTestFinished } from "vitest";
import { type Requests, startThread, type Thread } from "../../../agent/threads/channel.ts";
import { type ScaledClockOptions, systemClock } from "../../../protocols/core/time.ts";

/** Real time. */
export const CLOCK: ScaledClockOptions = { factor: 1, originMs: 0, realOriginMs: 0 };
/** For what waits on silence: a second passes in a hundredth of one. */
export const FAST_CLOCK: ScaledClockOptions = { ...CLOCK, factor: 100 };

export interface Worker<R extends Requests, E> {
  readonly thread: Thread<R>;
  readonly events: readonly E[];
  /** Resolves with the first event that fits, also one that came before. */
  heard(fits: (event: E) => boolean): Promise<E>;
}

/** `later` ends it: with the test, unless several share it. */
export async function worker<R extends Requests, E>(
  name: "field" | "depot" | "history",
  data: unknown,
  later: (end: () => Promise<void>) => void = onTestFinished,
): Promise<Worker<R, E>> {
  const events: E[] = [];
  const waiting = new Set<() => void>();
  const thread = await startThread<R, E>({
    name,
    entry: new URL(`../../../agent/threads/${name}.ts`, import.meta.url),
    data: () => data,
    heapMb: 128,
    clock: systemClock(),
    onEvent(event) {
      events.push(event);
      for (const look of waiting) look();
    },
    onTrouble: () => undefined,
  });
  later(() => thread.close());
  return {
    thread,
    events,
    heard: (fits) =>
      new Promise((resolve) => {
        const look = (): void => {
          const found = events.find(fits);
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}
