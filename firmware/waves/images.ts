/**
 * The images a running campaign still needs: which of them to ask for now, and how each stands. Pure.
 */
import type { Fault } from "../../protocols/core/fault.ts";
import type { Sha256 } from "../../protocols/core/ids.ts";
import { HOUR, MINUTE, type Ms } from "../../protocols/core/time.ts";
import type { CampaignState } from "./campaign-state.ts";
import { type Kill, killsOf } from "./kill.ts";
import { imagesNeeded } from "./legs.ts";
import type { TaskRow } from "./ports.ts";
import type { Plan, PlannedTask } from "./shape.ts";
import { isFinal } from "./task-state.ts";

/** An image, and the release it is brought as. */
export interface NeededImage {
  readonly sha256: Sha256;
  readonly release: string;
}

export interface ImageFacts {
  readonly isStaged: boolean;
  /** Does a source state the release with this image? `withdrawn` is revoked. */
  readonly listed: "yes" | "gone" | "withdrawn";
  /** A person has stopped the staging of its release. */
  readonly isPaused: boolean;
  /** Somebody has asked for it and waits. */
  readonly isAsked: boolean;
  readonly progress?: {
    readonly doneBytes: number;
    readonly totalBytes: number;
    readonly leftMs?: Ms;
    readonly waits?: { readonly fault: Fault; readonly untilMs: Ms };
  };
  /** The last try, where it failed; `tries`: so many in a row. */
  readonly failure?: { readonly fault: Fault; readonly atMs: Ms; readonly tries: number };
}

export type ImageStanding =
  | { readonly at: "here" }
  | { readonly at: "coming"; readonly doneBytes?: number; readonly totalBytes?: number; readonly leftMs?: Ms }
  /** It did not come; it is tried again at `nextMs`. `isAsked`: whoever asked still waits, so that nobody has to ask anew. */
  | { readonly at: "again"; readonly fault: Fault; readonly nextMs: Ms; readonly isAsked: boolean }
  | { readonly at: "stopped"; readonly release: string }
  | { readonly at: "gone"; readonly release: string }
  | { readonly at: "withdrawn"; readonly release: string }
  /** Nothing stands in the way: it is asked for. */
  | { readonly at: "due" };

/** After each failure in a row; then hourly. Short first, for what a restart of the server mends. */
const WAITS: readonly Ms[] = [MINUTE, 5 * MINUTE, 15 * MINUTE];
/** Whole bytes that were the wrong ones: the next try costs the uplink the whole file again, and mends itself only by a new file. Judgement. */
const AFTER_WRONG_BYTES_MS: Ms = 6 * HOUR;
/** More than the stager downloads at once, so that none of its lanes is ever idle; the rest waits here, where the order is the plan's. */
const ASKED_AT_ONCE = 4;
/** With those that wait for their next try, which keep nobody from a lane. More than any plan has images. */
const ASKED_MAX = 64;

export function waitAfterMs(tries: number, fault: Fault): Ms {
  if (fault.kind === "mismatch") return AFTER_WRONG_BYTES_MS;
  return WAITS[Math.max(1, tries) - 1] ?? HOUR;
}

export function standingOf(image: NeededImage, facts: ImageFacts, nowMs: Ms): ImageStanding {
  const { release } = image;
  const { progress, failure } = facts;
  if (facts.isStaged) return { at: "here" };
  if (progress?.waits !== undefined) return { at: "again", fault: progress.waits.fault, nextMs: progress.waits.untilMs, isAsked: true };
  if (facts.isAsked || progress !== undefined) {
    const { doneBytes, totalBytes, leftMs } = progress ?? {};
    if (doneBytes === undefined || totalBytes === undefined) return { at: "coming" };
    return { at: "coming", doneBytes, totalBytes, ...(leftMs === undefined ? {} : { leftMs }) };
  }
  if (facts.isPaused) return { at: "stopped", release };
  if (facts.listed !== "yes") return { at: facts.listed, release };
  if (failure === undefined) return { at: "due" };
  const waitMs = waitAfterMs(failure.tries, failure.fault);
  const nextMs = failure.atMs + waitMs;
  // A moment that is further away than the wait was noted by a clock that ran ahead.
  return nowMs >= nextMs || nextMs - nowMs > waitMs ? { at: "due" } : { at: "again", fault: failure.fault, nextMs, isAsked: false };
}

/** Every image of every leg, those of earlier tasks first, each once. */
export function imagesOfTasks(tasks: readonly Pick<PlannedTask, "legs">[]): readonly NeededImage[] {
  const needed = new Map<Sha256, NeededImage>();
  for (const leg of tasks.flatMap(({ legs }) => legs)) {
    for (const sha256 of imagesNeeded(leg)) if (!needed.has(sha256)) needed.set(sha256, { sha256, release: leg.release });
  }
  return [...needed.values()];
}

export interface CampaignNeed {
  readonly plan: Pick<Plan, "tasks">;
  readonly state: CampaignState;
  readonly tasks: readonly Pick<TaskRow, "id" | "wave" | "state">[];
  readonly kills: readonly Kill[];
}

/** Of all tasks that have not ended, the first wave's first. Whoever does not run asks for nothing, nor what the kill switch holds. */
export function imagesNeededNow({ plan, state, tasks, kills }: CampaignNeed): readonly NeededImage[] {
  if (state.at !== "running") return [];
  const planned = new Map(plan.tasks.map((task) => [task.id, task]));
  const open = tasks
    .filter((task) => !isFinal(task.state))
    .toSorted((a, b) => a.wave - b.wave)
    .flatMap(({ id }) => planned.get(id) ?? [])
    .filter((task) => killsOf(kills, task).length === 0);
  return imagesOfTasks(open);
}

/** Requests of campaigns that are under way. */
export interface Asked {
  readonly all: number;
  /** Of them: those whose last try failed, until their next one. */
  readonly waiting: number;
}

/** Those to ask for now, in order. */
export function imagesToAsk(
  needed: readonly NeededImage[],
  standing: (image: NeededImage) => ImageStanding,
  { all, waiting }: Asked,
): readonly NeededImage[] {
  const due = needed.filter((image) => standing(image).at === "due");
  return due.slice(0, Math.max(0, Math.min(ASKED_AT_ONCE - (all - waiting), ASKED_MAX - all)));
}
