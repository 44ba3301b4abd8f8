/**
 * How fast a download is and when it is done, out of what was told of its progress. Pure.
 */
import { type Ms, SECOND } from "../../protocols/core/time.ts";

interface Point {
  readonly atMs: Ms;
  readonly doneBytes: number;
}

/** The newest told, and a few before it, oldest first. */
export type Flow = readonly Point[];

/** What came longer ago says nothing of now; what is too short swings with every packet. Judgement. */
const WINDOW_MS: Ms = 30 * SECOND;
const SHORTEST_MS: Ms = 2 * SECOND;
/** Points closer to each other are one: a window holds thirty. */
const SPACING_MS: Ms = SECOND;

/** A clock that went back, or a download that began anew, begins a new flow. */
export function noteFlow(flow: Flow, atMs: Ms, doneBytes: number): Flow {
  const point = { atMs, doneBytes };
  const last = flow.at(-1);
  if (last !== undefined && (atMs < last.atMs || doneBytes < last.doneBytes)) return [point];
  // The last point moves on until it is far enough from the one before.
  const settled = flow.length > 1 && last !== undefined && last.atMs - (flow.at(-2)?.atMs ?? 0) < SPACING_MS ? flow.slice(0, -1) : flow;
  return [...settled.filter((one) => atMs - one.atMs <= WINDOW_MS), point];
}

export interface Estimate {
  readonly bytesPerSecond: number;
  /** Absent where nothing comes. */
  readonly leftMs?: Ms;
}

/** `undefined` until enough was seen, and when nothing was told for a whole window. */
export function estimateOf(flow: Flow, totalBytes: number, nowMs: Ms): Estimate | undefined {
  const [first] = flow;
  const last = flow.at(-1);
  if (first === undefined || last === undefined || nowMs - last.atMs > WINDOW_MS) return undefined;
  const tookMs = Math.max(last.atMs, nowMs) - first.atMs;
  if (tookMs < SHORTEST_MS) return undefined;
  const bytesPerSecond = ((last.doneBytes - first.doneBytes) * SECOND) / tookMs;
  if (bytesPerSecond <= 0) return { bytesPerSecond: 0 };
  return { bytesPerSecond, leftMs: (Math.max(0, totalBytes - last.doneBytes) * SECOND) / bytesPerSecond };
}
