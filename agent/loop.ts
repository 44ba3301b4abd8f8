/**
 * A loop with an owner: runs one turn after the other at its own pace, can be woken early, and stops cleanly.
 */
import { type Clock, loopTurn, type Ms } from "../protocols/core/time.ts";
import type { Pulse } from "./lifecycle/pulse.ts";
import type { Log } from "./log.ts";

export interface Loop {
  readonly pulse: Pulse;
  /** Makes the next turn start at once. Calls during a turn lead to exactly one more turn. */
  wake(): void;
  /** Starts no further turn and waits for the one under way. */
  stop(): Promise<void>;
}

/** Pause after a turn that threw, so that a bug cannot spin. */
const AFTER_BUG_MS: Ms = 5_000;

export function startLoop(
  options: {
    readonly name: string;
    readonly everyMs: Ms;
    /** Real milliseconds after which a turn counts as stuck; without it a turn may wait for others as long as they take. */
    readonly turnMaxMs?: Ms;
    readonly log: Log;
    readonly clock: Clock;
  },
  turn: (signal: AbortSignal) => Promise<void>,
): Loop {
  const stopping = new AbortController();
  let woken = false;
  let nap: AbortController | undefined;
  const { name, everyMs, turnMaxMs, clock } = options;
  const stated = { name, ...(turnMaxMs === undefined ? {} : { turnMaxMs }) };
  let pulse: Pulse = { ...stated, at: "resting", sinceMs: clock.nowMs(), pauseMs: 0, turns: 0 };

  const rest = async (lengthMs: Ms): Promise<void> => {
    pulse = { ...pulse, at: "resting", sinceMs: clock.nowMs(), pauseMs: lengthMs, turns: pulse.turns + 1 };
    // Woken by its own turn again and again, it would keep everybody else from theirs.
    if (woken) await loopTurn();
    if (woken || stopping.signal.aborted) return;
    nap = new AbortController();
    await clock.sleep(lengthMs, AbortSignal.any([nap.signal, stopping.signal])).catch(() => undefined);
    nap = undefined;
  };

  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      woken = false;
      let pauseMs = everyMs;
      pulse = { ...pulse, at: "turning", sinceMs: clock.nowMs() };
      try {
        await turn(stopping.signal);
      } catch (error) {
        if (stopping.signal.aborted) return;
        options.log.error("a loop turn failed", { loop: name, error });
        pauseMs = Math.max(pauseMs, AFTER_BUG_MS);
      }
      await rest(pauseMs);
    }
  };
  const done = run();
  return {
    get pulse() {
      return pulse;
    },
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
