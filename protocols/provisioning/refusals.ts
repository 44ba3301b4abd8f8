/**
 * Refused requests: told once, then summed, so that a flood makes neither a flood of events nor of work.
 */
import {             MINUTE,         } from "../core/time.ts";

/** A phone's boot asks for about eight files that do not exist; ten boots a minute are a flood. Judgement. */
const FLOOD = 80;
const WINDOW_MS     = MINUTE;
/** Addresses remembered at once; the oldest is told and forgotten. A /22 and its scanners. */
const ADDRESSES_MAX = 1_000;

export function createRefusals(clock       , tell                            )           {
  const open = new Map                                                                      ();
  const end = (address        )       => {
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
      if (open.size >= ADDRESSES_MAX) end(open.keys().next().value          );
      open.set(address, { sinceMs: clock.nowMs(), reason, held: 0, total: 1 });
      tell({ address, reason, count: 1 });
      return false;
    },
    flush() {
      for (const address of [...open.keys()]) end(address);
    },
  };
}

