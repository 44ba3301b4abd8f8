/**
 * Who was seen at an address around a moment, without a break longer than an address holds good: from the named one before
 * to the named one after.
 */
import type { Ms } from "../../protocols/core/time.ts";
import type { Claims, Trace } from "../../store/claims.ts";
import { ADDRESS_HINTS } from "./identify.ts";
import { ADDRESS_HINT_MS } from "./owner.ts";

/** Rows asked for at once: most runs end at the first. */
const BATCH = 16;
/** A device that is nameless for longer than this many sightings stays with whom it was last found to be. Guessed: some hours of polls. */
const RUN_MAX = 256;

/** Oldest first. */
export function runAround(address: string, atMs: Ms, claims: Pick<Claims, "walk">): readonly Trace[] {
  const back = walk({ address, atMs, direction: "back" }, claims);
  const forward = walk({ address, atMs, direction: "forward" }, claims);
  return [...back.toReversed(), ...forward];
}

function walk(
  { address, atMs, direction }: { readonly address: string; readonly atMs: Ms; readonly direction: "back" | "forward" },
  claims: Pick<Claims, "walk">,
): Trace[] {
  const found: Trace[] = [];
  let lastMs = atMs;
  for (let limit = BATCH; ; limit *= 4) {
    const batch = claims.walk({ address, fromMs: atMs, direction, hints: ADDRESS_HINTS, limit });
    for (const trace of batch.slice(found.length)) {
      const end = found.at(-1);
      // All of one moment belong to the run: between them the nearest is not the one read first.
      const past = end !== undefined && end.atMs !== atMs && end.atMs !== trace.atMs && endsAt(found, end.atMs);
      if (past || Math.abs(trace.atMs - lastMs) > ADDRESS_HINT_MS) return found;
      found.push(trace);
      lastMs = trace.atMs;
    }
    if (batch.length < limit) return found;
    const farthest = found.at(-1);
    if (farthest !== undefined && found.length >= RUN_MAX) return [...found.slice(0, -1), { ...farthest, named: true }];
  }
}

/** A named one of that moment closes the run on its side. */
function endsAt(found: readonly Trace[], atMs: Ms): boolean {
  for (let i = found.length - 1; i >= 0 && found[i]?.atMs === atMs; i--) if (found[i]?.named === true) return true;
  return false;
}
