/**
 * Is the agent alive, and may it be relied on? Pure decisions over what loops and threads say of themselves; the answers
 * carry their reasons, for whoever is woken by them.
 */
import { MINUTE, type Ms, SECOND, showDuration } from "../../protocols/core/time.ts";

/** How a loop stands, on the agent's clock. */
export interface Pulse {
  readonly name: string;
  readonly at: "turning" | "resting";
  readonly sinceMs: Ms;
  /** How long the pause should be. */
  readonly pauseMs: Ms;
  /** Turns that ended. */
  readonly turns: number;
  /** A turn may take no longer; absent where it waits for others (a download, a sweep). */
  readonly turnMaxMs?: Ms;
}

/** How a worker thread stands. */
export interface ThreadPulse {
  readonly name: string;
  readonly up: boolean;
  readonly restarts: number;
  readonly openRequests: number;
}

export interface Verdict {
  readonly ok: boolean;
  /** For people; empty where all is well. */
  readonly reasons: readonly string[];
}

/** Real milliseconds a pause may run over: timers are late on a busy machine. Guessed. */
const LATE_MAX_MS: Ms = MINUTE;
/** Real milliseconds in which a living thread answers. A long read of the history takes seconds; guessed. */
export const PING_WITHIN_MS: Ms = 10 * SECOND;

const verdict = (reasons: readonly string[]): Verdict => ({ ok: reasons.length === 0, reasons });

/** `answers`: threads that answered a ping. */
export function liveness(input: {
  readonly nowMs: Ms;
  /** The agent's clock may run faster than the wall; patience is counted in real time. */
  toRealMs(lengthMs: Ms): number;
  readonly loops: readonly Pulse[];
  readonly threads: readonly ThreadPulse[];
  readonly answering: ReadonlySet<string>;
}): Verdict {
  const loops = input.loops.flatMap((pulse) => {
    const forMs = input.nowMs - pulse.sinceMs;
    if (pulse.at === "resting") {
      const overMs = input.toRealMs(Math.max(0, forMs - pulse.pauseMs));
      return overMs > LATE_MAX_MS ? [`loop "${pulse.name}" should have turned ${showDuration(overMs)} ago`] : [];
    }
    const turnMs = input.toRealMs(forMs);
    return pulse.turnMaxMs !== undefined && turnMs > pulse.turnMaxMs
      ? [`loop "${pulse.name}" is in one turn for ${showDuration(turnMs)}: its longest is ${showDuration(pulse.turnMaxMs)}`]
      : [];
  });
  const threads = input.threads.flatMap(({ name, up }) => {
    if (!up) return [`thread "${name}" is down and is being started again`];
    return input.answering.has(name) ? [] : [`thread "${name}" did not answer within ${showDuration(PING_WITHIN_MS)}`];
  });
  return verdict([...loops, ...threads]);
}

/** The first turn of this loop tells that devices are asked. */
export const FIRST_TURN_OF = "health";

export function readiness(input: {
  /** Why the store cannot be used; absent where it can. */
  readonly storeTrouble: string | undefined;
  readonly threads: readonly ThreadPulse[];
  readonly threadsWanted: readonly string[];
  readonly loops: readonly Pulse[];
}): Verdict {
  const up = new Set(input.threads.filter((thread) => thread.up).map(({ name }) => name));
  const turned = input.loops.some(({ name, turns }) => name === FIRST_TURN_OF && turns > 0);
  return verdict([
    ...(input.storeTrouble === undefined ? [] : [`the store cannot be used: ${input.storeTrouble}`]),
    ...input.threadsWanted.filter((name) => !up.has(name)).map((name) => `thread "${name}" is not up`),
    ...(turned ? [] : ["devices have not been asked yet: the first turn is still to come"]),
  ]);
}
