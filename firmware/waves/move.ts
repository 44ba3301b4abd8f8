/** What the drive may do for one task, and how far a look at its device counts. Pure. */
import { type Ms, SECOND } from "../../protocols/core/time.ts";
import type { Situation } from "./situation.ts";
import type { TaskEvent } from "./task-state.ts";

export type Move =
  | { readonly do: "nothing" }
  | { readonly do: "step"; readonly event: TaskEvent }
  /** Ask the live device, then decide again. */
  | { readonly do: "look" }
  /** Take the slot: device, budget and failure domains are checked again in the same transaction. */
  | { readonly do: "reserve" }
  /** Write the intent, offer the image, send the command once. */
  | { readonly do: "command" };

export const NOTHING: Move = { do: "nothing" };
/** Pause between two looks at a device that is away or watched; short enough for a soak of seconds in a demonstration. */
export const WATCH_EVERY_MS: Ms = 15 * SECOND;
/** A look this old is asked for again before a command (design invariant I4 allows 30 s; the rest is for sending). */
export const COMMAND_LOOK_MS: Ms = 20 * SECOND;

export const step = (event: TaskEvent): Move => ({ do: "step", event });

/** A look made after this task was put off; an older one says nothing about now. */
export function freshLook(now: Situation, maxAgeMs: Ms): Situation["look"] {
  if (now.look === undefined) return undefined;
  // One from the future was made before the clock was set back: how old it is, nobody knows.
  const ageMs = now.nowMs - now.look.atMs;
  return ageMs >= 0 && ageMs <= maxAgeMs ? now.look : undefined;
}

/** The same of a device that was commanded. Another one that answers at its address says nothing of it: it is silent itself. */
export function ownLook(now: Situation, maxAgeMs: Ms): Situation["look"] {
  const look = freshLook(now, maxAgeMs);
  const mac = look?.facts.mac;
  return look === undefined || mac === undefined || mac === now.planned.mac ? look : { ...look, facts: {} };
}
