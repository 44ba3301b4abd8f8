import { seededRandom } from "../../../protocols/core/random.ts";
import { type Clock, loopTurn, type Ms } from "../../../protocols/core/time.ts";

export interface LateClock extends Clock {
  run(work: readonly Promise<unknown>[]): Promise<void>;
}

/**
 * A clock on which many may sleep at once: whoever is awake runs until all of them sleep, then time goes on to whoever is next. Timers
 * are late by up to so much, as they are on a busy machine.
 */
export function lateClock(lateMs: Ms = 0, seed = 1): LateClock {
  const random = seededRandom(seed);
  let nowMs = 1_000_000;
  const sleeping: { readonly atMs: Ms; readonly wake: () => void }[] = [];
  return {
    nowMs: () => nowMs,
    toRealMs: (lengthMs) => lengthMs,
    sleep: (lengthMs, signal) =>
      new Promise((resolve, reject) => {
        signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
        sleeping.push({ atMs: nowMs + lengthMs + random.below(lateMs + 1), wake: resolve });
      }),
    async run(work) {
      let over = false;
      const all = Promise.all(work).finally(() => {
        over = true;
      });
      while (!over) {
        await loopTurn();
        sleeping.sort((a, b) => a.atMs - b.atMs);
        const next = sleeping.shift();
        if (next === undefined) continue;
        nowMs = Math.max(nowMs, next.atMs);
        next.wake();
      }
      await all;
    },
  };
}
