/**
 * Runs stories against a real client, many at once, and watches what must never happen: an exception nobody caught, a rejection,
 * an ask without an end.
 */
import { setImmediate as turn } from "node:timers/promises";
import { realAlarm } from "../../../protocols/core/time.ts";
import { honestStory, type Shape, type Story, tell } from "./spoil.ts";

/** One client with its peer: one exchange at a time. */
export interface Lane {
  /** Resolves with `ok` or the kind of the fault; rejects where the client rejected or left something open. */
  run(story: Story): Promise<string>;
  close(): Promise<void>;
}

export interface Wire {
  readonly shape: Shape;
  /** Exchanges at once. */
  readonly lanes: number;
  /** Does the same seed give the same bytes? Not where a library draws keys or ids: there it gives the same plan. */
  readonly replays: boolean;
  /** @param patienceMs  real milliseconds an ask waits for a silent peer */
  openLane(index: number, patienceMs: number): Promise<Lane>;
}

export interface Course {
  readonly seed: number;
  /** Index of the first story. */
  readonly from?: number;
  readonly count: number;
  readonly patienceMs?: number;
  readonly lanes?: number;
  /** Nothing is spoiled. */
  readonly honest?: boolean;
  /** Of each story that ended, by its index: the digest of what was spoiled. */
  readonly onTold?: (index: number, digest: string) => void;
  /** Told after each batch; a promise it says was broken ends the run. */
  readonly onBatch?: (batch: Batch) => Promise<string | undefined>;
}

export interface Batch {
  readonly from: number;
  readonly to: number;
  /** Plays the batch once more. */
  again(): Promise<void>;
}

export interface Outcome {
  /** How many exchanges ended in which way. */
  readonly endings: ReadonlyMap<string, number>;
  readonly broken?: { readonly promise: string; readonly at: number };
}

/** Short: most spoiled answers are silence to the client. */
export const PATIENCE_MS = 40;
/** Far above every budget: an ask that takes longer has been forgotten. */
const FORGOTTEN_MS = 30_000;
const STORIES_PER_LANE = 8;

export const seedOf = (seed: number, index: number): number => seed * 1_000_003 + index;

/** What no handler caught meanwhile. */
function watchProcess(): { readonly strange: unknown[]; stop(): void } {
  const strange: unknown[] = [];
  const note = (error: unknown): void => void strange.push(error);
  // Listeners that pile up on one thing: what a hostile peer can make grow.
  const pile = (warning: Error): void => {
    if (warning.name === "MaxListenersExceededWarning") note(warning);
  };
  process.on("warning", pile);
  process.on("uncaughtException", note);
  process.on("unhandledRejection", note);
  return {
    strange,
    stop() {
      process.off("warning", pile);
      process.off("uncaughtException", note);
      process.off("unhandledRejection", note);
    },
  };
}

const wordsOf = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}\n${error.stack}` : String(error));

interface State {
  readonly wire: Wire;
  readonly course: Course;
  readonly lanes: Lane[];
  readonly strange: readonly unknown[];
  readonly endings: Map<string, number>;
}

async function ended(running: Promise<string>): Promise<string> {
  const { promise, reject } = Promise.withResolvers<never>();
  const calm = realAlarm(FORGOTTEN_MS, () => reject(new Error("it never ended")));
  try {
    return await Promise.race([running, promise]);
  } finally {
    calm();
  }
}

async function play(state: State, lane: Lane, index: number): Promise<string | undefined> {
  const { wire, course } = state;
  const seed = seedOf(course.seed, index);
  const story = course.honest === true ? honestStory(seed) : tell(seed, wire.shape);
  try {
    const ending = await ended(lane.run(story));
    state.endings.set(ending, (state.endings.get(ending) ?? 0) + 1);
  } catch (error) {
    return `an ask did not end well: ${wordsOf(error)}`;
  }
  course.onTold?.(index, story.digest());
  return undefined;
}

/**
 * Stories `from` to `to`, each in the lane of its number: what a lane's client remembers of earlier ones is the same in every
 * run. @returns the first broken promise among them
 */
async function playBatch(state: State, from: number, to: number): Promise<Outcome["broken"]> {
  let broken: Outcome["broken"];
  const before = state.strange.length;
  await Promise.all(
    state.lanes.map(async (lane, at) => {
      for (let index = from + at; index < to && broken === undefined; index += state.lanes.length) {
        const promise = await play(state, lane, index);
        if (promise !== undefined) broken ??= { promise, at: index };
      }
    }),
  );
  await turn();
  if (broken !== undefined || state.strange.length === before) return broken;
  return { promise: `nobody caught ${wordsOf(state.strange[before])}`, at: await culprit(state, from, to) };
}

/** Which story of a batch throws when played alone; the first one where none does. */
async function culprit(state: State, from: number, to: number): Promise<number> {
  const [lane] = state.lanes;
  for (let index = from; index < to && lane !== undefined; index++) {
    const before = state.strange.length;
    await play(state, lane, index);
    for (let left = 3; left > 0; left--) await turn();
    if (state.strange.length > before) return index;
  }
  return from;
}

export async function runStories(wire: Wire, course: Course): Promise<Outcome> {
  const { strange, stop } = watchProcess();
  const lanes: Lane[] = [];
  const state: State = { wire, course, lanes, strange, endings: new Map() };
  const first = course.from ?? 0;
  const last = first + course.count;
  let broken: Outcome["broken"];
  try {
    for (let at = 0; at < (course.lanes ?? wire.lanes); at++) lanes.push(await wire.openLane(at, course.patienceMs ?? PATIENCE_MS));
    const step = lanes.length * STORIES_PER_LANE;
    for (let from = first; from < last && broken === undefined; from += step) {
      const to = Math.min(last, from + step);
      broken = await playBatch(state, from, to);
      const promise = await course.onBatch?.({
        from,
        to,
        again: async () => void (await playBatch({ ...state, endings: new Map() }, from, to)),
      });
      if (promise !== undefined) broken ??= { promise, at: from };
    }
  } finally {
    const closed = await Promise.allSettled(lanes.map((lane) => lane.close()));
    for (const one of closed)
      if (one.status === "rejected") broken ??= { promise: `it did not close well: ${wordsOf(one.reason)}`, at: first };
    await turn();
    stop();
  }
  if (strange.length > 0) broken ??= { promise: `nobody caught ${wordsOf(strange[0])}`, at: first };
  return { endings: state.endings, ...(broken === undefined ? {} : { broken }) };
}

/** The word for how an ask ended. */
export function endingOf(result: { readonly ok: true } | { readonly ok: false; readonly fault: { readonly kind: string } }): string {
  return result.ok ? "ok" : result.fault.kind;
}
