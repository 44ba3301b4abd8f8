/**
 * A plan, or what is left of one, played out many times with different luck: when each wave ends in each play. Pure. The slots of
 * the budget and of the domains are taken as the driver takes them; who is in use is passed over and comes later, and so does who
 * has to try again.
 */
import { type Ms, SECOND } from "../../protocols/core/time.ts";
import type { DomainIndex } from "./domains.ts";
import { type Laid, type Layout, layoutOf, type Run } from "./forecast-layout.ts";
import { busyFor, isAgain, type Luck, lengthAt, luckOf, paceAt, playsFor, waitOf } from "./forecast-luck.ts";
import { startIn } from "./opening-start.ts";
import type { Calendar, WavePolicy } from "./policy.ts";
import type { PlannedTask, PlannedWave } from "./shape.ts";
import { nextChanceMs } from "./window.ts";
import { type WindowFinder, windowFinder } from "./window-finder.ts";

/** Where a task of a campaign under way stands; in a plan all of them are `waiting`. */
export type Standing =
  /** `inUse`: when it was last looked at. `notBeforeMs`: nothing comes of it earlier. */
  | { readonly is: "waiting"; readonly inUse?: true; readonly notBeforeMs?: Ms }
  /** It has its slot. `endMs` in a play with that luck. */
  | { readonly is: "underWay"; readonly endMs: (luck: Luck) => Ms }
  /** It does not answer, and its wave does not wait for it. */
  | { readonly is: "armed"; readonly deadlineMs: Ms };

export interface PlaysInput {
  readonly tasks: readonly PlannedTask[];
  /** What has to be done, in order; tasks that are not among `tasks` are over. */
  readonly waves: readonly PlannedWave[];
  readonly policy: WavePolicy;
  /** Without one the site is open all the time. */
  readonly calendar: Calendar | undefined;
  readonly nowMs: Ms;
  readonly standing?: (task: PlannedTask) => Standing;
  /** Since when the first wave is under way; from `nowMs` on where it has not begun. */
  readonly beganMs?: Ms;
  /** The first wave does not end before. */
  readonly soaksUntilMs?: Ms;
}

/**
 * From the end of its soak to the slot being free, and from the last of a wave to the next wave being under way: looks are made
 * and turns come round every few seconds, and some take longer. Guessed.
 */
export const LATE: { readonly device: Ms; readonly wave: Ms } = { device: 60 * SECOND, wave: 60 * SECOND };

/** The end of each wave, in each play. */
export function playsOf(input: PlaysInput, index: DomainIndex): readonly (readonly Ms[])[] {
  const plays = playsFor(input.tasks.length);
  const lucks = new Map(input.tasks.map((task) => [task.id, luckOf(task.device, plays)] as const));
  const byId = new Map(input.tasks.map((task) => [task.id, task] as const));
  const waves = input.waves.map((wave) => ({ wave, tasks: wave.tasks.flatMap((id) => byId.get(id) ?? []) }));
  const finder = input.calendar === undefined ? ALWAYS : windowFinder(input.calendar);
  const turns = turnsOf(input, finder);
  return Array.from({ length: plays }, (_, play) => {
    const luckIn = ({ id }: PlannedTask): Luck => (lucks.get(id) as readonly Luck[])[play] as Luck;
    return playOnce(waves, { input, index, luckIn, finder, turns, pace: paceAt((play + 0.5) / plays) });
  });
}

interface Table {
  readonly input: PlaysInput;
  readonly index: DomainIndex;
  readonly luckIn: (task: PlannedTask) => Luck;
  readonly finder: WindowFinder;
  readonly turns: Turns;
  /** Of steps that were never measured here. */
  readonly pace: number;
}

/** The moment at which a task has its turn, at or after `atMs` of a wave that began then. */
type Turns = (ask: { readonly task: string; readonly size: number; readonly sinceMs: Ms; readonly atMs: Ms; readonly needMs: Ms }) => Ms;

const ALWAYS: WindowFinder = {
  openFrom: (atMs) => atMs,
  around: () => ({ fromMs: Number.NEGATIVE_INFINITY, toMs: Number.POSITIVE_INFINITY }),
};

function turnsOf({ policy: { startEvery } }: PlaysInput, { around }: WindowFinder): Turns {
  return ({ task, size, sinceMs, atMs, needMs }) => {
    if (size <= 1 || startEvery === 0) return atMs;
    const opening = around(atMs);
    if (opening === undefined) return atMs;
    return Math.max(atMs, startIn({ task, opening, sinceMs, needMs, spreadMs: startEvery * (size - 1) }));
  };
}

interface Bunch {
  readonly wave: PlannedWave;
  readonly tasks: readonly PlannedTask[];
}

function playOnce(bunches: readonly Bunch[], table: Table): readonly Ms[] {
  const { nowMs, policy, beganMs, soaksUntilMs = nowMs } = table.input;
  const ends: Ms[] = [];
  let beginMs = Math.round(nowMs);
  let strayMs = beginMs;
  for (const [at, { wave, tasks }] of bunches.entries()) {
    const run: Run = { beginMs, quantile: "p50", soakMs: wave.soakMs, atRiskMax: policy.atRiskMax, openFrom: table.finder.openFrom };
    const doneMs = playWave(tasks, {
      ...{ ...table, run, size: wave.tasks.length, sinceMs: at === 0 ? (beganMs ?? beginMs) : beginMs },
      stray: (ms) => {
        strayMs = Math.max(strayMs, ms);
      },
    });
    beginMs = Math.ceil(Math.max(doneMs, at === 0 ? soaksUntilMs : beginMs)) + LATE.wave;
    ends.push(beginMs);
  }
  const last = ends.pop();
  return last === undefined ? ends : [...ends, Math.max(last, Math.ceil(strayMs))];
}

interface WaveTable extends Table {
  readonly run: Run;
  readonly size: number;
  /** The wave is under way since. */
  readonly sinceMs: Ms;
  /** One the wave does not wait for, and the campaign does. */
  readonly stray: (doneMs: Ms) => void;
}

interface Turn {
  readonly task: PlannedTask;
  readonly notBeforeMs: Ms;
  readonly mayFail: boolean;
  readonly mayBeInUse: boolean;
}

/** @returns when the last of them is done */
function playWave(tasks: readonly PlannedTask[], table: WaveTable): Ms {
  const { run, luckIn, input } = table;
  const layout = layoutOf(table.index, run);
  let endMs = run.beginMs;
  const later: Turn[] = [];
  for (const task of tasks) {
    const standing = input.standing?.(task) ?? WAITING;
    if (standing.is !== "underWay") continue;
    const doneMs = standing.endMs(luckIn(task)) + LATE.device;
    layout.take(task, { doneMs });
    endMs = Math.max(endMs, doneMs);
  }
  for (const task of tasks) {
    const standing = input.standing?.(task) ?? WAITING;
    const luck = luckIn(task);
    if (standing.is === "armed") table.stray(backBy(standing.deadlineMs, luck, input.nowMs));
    if (standing.is !== "waiting") continue;
    const waitsMs = standing.inUse === undefined ? 0 : Math.min(busyFor(luck.inUse), input.policy.deferral);
    const notBeforeMs = Math.max(run.beginMs, standing.notBeforeMs ?? 0) + waitsMs;
    const turn: Turn = { task, notBeforeMs, mayFail: true, mayBeInUse: standing.inUse === undefined };
    if (notBeforeMs > run.beginMs) later.push(turn);
    else endMs = Math.max(endMs, take(turn, layout, later, table));
  }
  // Whoever comes later comes at most three times: in use, once more, and well.
  for (let turn = next(later); turn !== undefined; turn = next(later)) endMs = Math.max(endMs, take(turn, layout, later, table));
  return endMs;
}

const WAITING: Standing = { is: "waiting" };

/** In half of the plays it is never back. */
function backBy(deadlineMs: Ms, { inUse }: Luck, nowMs: Ms): Ms {
  return inUse >= 0.5 ? deadlineMs : nowMs + (deadlineMs - nowMs) * 2 * inUse;
}

/** The one whose turn comes first. */
function next(later: Turn[]): Turn | undefined {
  let first = 0;
  for (let at = 1; at < later.length; at++) if ((later[at] as Turn).notBeforeMs < (later[first] as Turn).notBeforeMs) first = at;
  return later.splice(first, 1)[0];
}

/** Takes its slots, or puts it off. @returns when it is done; the wave's beginning where it is put off */
function take(turn: Turn, layout: Layout, later: Turn[], table: WaveTable): Ms {
  const { task, mayFail, mayBeInUse } = turn;
  const { run, size, sinceMs, input, turns } = table;
  const luck = table.luckIn(task);
  const laid = layout.lay(task, {
    notBeforeMs: turn.notBeforeMs,
    lengthOf: ({ durationMs, measuredOn }) => lengthAt(durationMs, luck.length) * (measuredOn === 0 ? table.pace : 1),
    turnFrom: (atMs, needMs) => turns({ task: task.device, size, sinceMs, atMs, needMs }),
  });
  const waitMs = mayBeInUse ? waitOf(luck) : 0;
  if (waitMs > 0) {
    const againMs = afterUse(beganMs(laid), waitMs, input.policy, table.finder);
    if (againMs === undefined) return beganMs(laid) + input.policy.deferral;
    later.push({ ...turn, notBeforeMs: againMs, mayBeInUse: false });
    return run.beginMs;
  }
  if (mayFail && input.policy.attemptsMax > 1 && isAgain(luck)) {
    // Its slot is free as soon as it was seen well.
    const failedMs = beganMs(laid) + task.legs[0].durationMs.p90;
    layout.take(task, { doneMs: failedMs });
    later.push({ ...turn, notBeforeMs: failedMs + input.policy.retryAfter, mayFail: false, mayBeInUse: false });
    return failedMs;
  }
  const doneMs = laid.doneMs + LATE.device;
  layout.take(task, { doneMs });
  return doneMs;
}

/** When one that is in use has its turn again: it is waited for so long and no longer. `undefined` where it is left out then. */
function afterUse(foundMs: Ms, waitMs: Ms, { deferral, afterDeferral, lookAgain }: WavePolicy, { around }: WindowFinder): Ms | undefined {
  if (waitMs <= deferral) return foundMs + Math.ceil(waitMs / lookAgain) * lookAgain;
  return afterDeferral === "nextWindow" ? nextChanceMs({ around }, foundMs + deferral) : undefined;
}

const beganMs = ({ away }: Laid): Ms => (away[0] as Laid["away"][number]).fromMs;

/** The smallest that so large a share of all does not pass. */
export function quantileOf(values: readonly Ms[], share: number): Ms | undefined {
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)];
}

/** When the last wave has ended in so large a share of all plays. */
export function finishOf(plays: readonly (readonly Ms[])[], share: number, nowMs: Ms): Ms {
  return Math.max(
    nowMs,
    Math.ceil(
      quantileOf(
        plays.flatMap((ends) => ends.at(-1) ?? []),
        share,
      ) ?? nowMs,
    ),
  );
}
