/**
 * When a task has its turn within an opening: at a moment drawn for it, so that a whole wave does not start in one second. Pure,
 * and the same after every restart.
 */
import { seededRandom } from "../../protocols/core/random.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { Opening } from "./window.ts";

export interface StartAsk {
  /** Names campaign and device: what is drawn follows from it alone. */
  readonly task: string;
  readonly opening: Opening;
  /** Its wave has been under way since. */
  readonly sinceMs: Ms;
  /** The update and its way back. */
  readonly needMs: Ms;
  /** Starts are spread over this much, as far as there is room before the last moment that fits. */
  readonly spreadMs: Ms;
}

/** Not before this; where nothing fits any more, the moment from which it is counted. */
export function startIn({ task, opening, sinceMs, needMs, spreadMs }: StartAsk): Ms {
  const fromMs = Math.max(opening.fromMs, sinceMs);
  const roomMs = Math.max(0, Math.min(spreadMs, opening.toMs - needMs - fromMs));
  return fromMs + Math.floor(seededRandom(seedFor(task)).next() * roomMs);
}

/** A seed of its own for each task. */
export function seedFor(task: string): number {
  // FNV-1a: any whole number that differs for tasks that differ will do as a seed.
  let hash = 0x811c9dc5;
  for (let at = 0; at < task.length; at++) hash = Math.imul(hash ^ task.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}
