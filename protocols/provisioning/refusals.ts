/**
 * Refused requests: told once, then summed, so that a flood makes neither a flood of events nor of work.
 */
import { type Clock, MINUTE, type Ms } from "../core/time.ts";

/** A phone's boot asks for about eight files that do not exist; ten boots a minute are a flood. Judgement. */
const FLOOD = 80;
const WINDOW_MS: Ms = MINUTE;
/** Addresses remembered at once; the oldest is told and forgotten. A /22 and its scanners. */
const ADDRESSES_MAX = 1_000;

/** Requests of one address that were turned away, `count` of them since the last word; `reason` is the latest. */
export interface Refusal {
  readonly address: string;
  readonly reason: string;
  readonly count: number;
}

export interface Refusals {
  /** True where the address sends a flood. */
  note(address: string, reason: string): boolean;
  /** Tells what was summed so far. */
  flush(): void;
}

export function createRefusals(clock: Clock, tell: (refusal: Refusal) => void): Refusals {
  const open = new Map<string, { sinceMs: Ms; reason: string; held: number; total: number }>();
  const end = (address: string): void => {
    const entry = open.get(address);
    open.delete(address);
    if (entry !== undefined && entry.held > 0) tell({ address, reason: entry.reason, count: entry.held });
  };
  return {
    note(address, reason) {
      const known = open.get(address);
      if (known !== undefined && clock.nowMs() - known.sinceMs < WINDOW_MS) {
        known.held++;
        known.total++;
        known.reason = reason;
        return known.total > FLOOD;
      }
      end(address);
      if (open.size >= ADDRESSES_MAX) end(open.keys().next().value as string);
      open.set(address, { sinceMs: clock.nowMs(), reason, held: 0, total: 1 });
      tell({ address, reason, count: 1 });
      return false;
    },
    flush() {
      for (const address of [...open.keys()]) end(address);
    },
  };
}
