/**
 * A loop with an owner: runs one turn after the other at its own pace, can be woken early, and stops cleanly.
 */
import type { Clock, Ms } from "../protocols/core/time.ts";
import type { Log } from "./log.ts";

export interface Loop {
  /** Makes the next turn start at once. Calls during a turn lead to exactly one more turn. */
  wake(): void;
  /** Starts no further turn and waits for the one under way. */
  stop(): Promise<void>;
}

/** Pause after a turn that threw, so that a bug cannot spin. */
const AFTER_BUG_MS: Ms = 5_000;

export function startLoop(
  options: { readonly name: string; readonly everyMs: Ms; readonly log: Log; readonly clock: Clock },
  turn: (signal: AbortSignal) => Promise<void>,
): Loop {
  const stopping = new AbortController();
  let woken = false;
  let nap: AbortController | undefined;

  const rest = async (lengthMs: Ms): Promise<void> => {
    if (woken || stopping.signal.aborted) return;
    nap = new AbortController();
    await options.clock.sleep(lengthMs, AbortSignal.any([nap.signal, stopping.signal])).catch(() => undefined);
    nap = undefined;
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      woken = false;
      let pauseMs = options.everyMs;
      try {
        await turn(stopping.signal);
      } catch (error) {
        if (stopping.signal.aborted) return;
        options.log.error("a loop turn failed", { loop: options.name, error });
        pauseMs = Math.max(pauseMs, AFTER_BUG_MS);
      }
      await rest(pauseMs);
    }
  };
  const done = run();
  return {
    wake() {
      woken = true;
      nap?.abort();
    },
    async stop() {
      stopping.abort();
      await done;
    },
  };
}
