/**
 * One wave laid out in time. Pure. A task takes a slot of the at-risk budget and of each of its failure domains from its command to
 * the end of its soak, exactly as many at once as the driver would allow (I7).
 */
import type { Ms } from "../../protocols/core/time.ts";
import type { DomainIndex, Takes } from "./domains.ts";
import type { FailureDomain, PlannedLeg, PlannedTask } from "./shape.ts";

export type Quantile = "p50" | "p90";

export interface Run {
  readonly beginMs: Ms;
  readonly quantile: Quantile;
  readonly soakMs: Ms;
  readonly atRiskMax: number;
  /** The earliest moment at or after this one from which the site stays open for so long. */
  readonly openFrom: (atMs: Ms, needMs: Ms) => Ms;
}

export interface Laid {
  /** When it is away: one stretch for each leg. */
  readonly away: readonly { readonly fromMs: Ms; readonly toMs: Ms }[];
  /** The last leg's start, with the time that its way back would need besides. */
  readonly lastNeedsUntilMs: Ms;
  readonly doneMs: Ms;
}

/** What is special about one task of one play. */
export interface Otherwise {
  readonly notBeforeMs?: Ms;
  /** How long each leg takes, instead of the run's quantile. */
  readonly lengthOf?: (leg: PlannedLeg, at: number) => Ms;
  /** The earliest moment of its own at or after one at which it could begin: starts are spread. */
  readonly turnFrom?: (atMs: Ms, needMs: Ms) => Ms;
}

export interface Layout {
  /** Where the task would lie; nothing is taken. */
  lay(task: PlannedTask, otherwise?: Otherwise): Laid;
  /** Its slots, until it is done. */
  take(task: Pick<PlannedTask, "device">, laid: Pick<Laid, "doneMs">): void;
}

/** Slots of the budget or of one domain: those beyond `until` were never taken. */
interface Lane {
  readonly count: number;
  /** When each that was taken is free again. */
  readonly until: Ms[];
}

export function layoutOf(index: DomainIndex, run: Run): Layout {
  const budget: Lane = { count: Math.max(1, run.atRiskMax), until: [] };
  const lanes = new Map<FailureDomain, Lane>();
  const laneOf = ({ domain, mayBeAway, takes }: Takes): Lane => {
    const known = lanes.get(domain);
    if (known !== undefined) return known;
    const made: Lane = { count: Math.min(mayBeAway, Math.max(run.atRiskMax, takes)), until: [] };
    lanes.set(domain, made);
    return made;
  };
  return {
    lay(task, otherwise = AS_PLANNED) {
      let freeMs = Math.max(freeAt(budget, 1, run.beginMs), otherwise.notBeforeMs ?? run.beginMs);
      for (const one of index.takesOf(task.device)) freeMs = Math.max(freeMs, freeAt(laneOf(one), one.takes, run.beginMs));
      return laidFrom(task, freeMs, run, otherwise);
    },
    take(task, { doneMs }) {
      occupy(budget, 1, doneMs);
      for (const one of index.takesOf(task.device)) occupy(laneOf(one), one.takes, doneMs);
    },
  };
}

const AS_PLANNED: Otherwise = {};

/** When as many slots as are taken are free together. */
function freeAt({ count, until }: Lane, takes: number, beginMs: Ms): Ms {
  const wanted = Math.min(takes, count) - (count - until.length);
  if (wanted <= 0) return beginMs;
  if (wanted === 1) return until[earliest(until)] as Ms;
  return until.toSorted((a, b) => a - b)[wanted - 1] as Ms;
}

function occupy({ count, until }: Lane, takes: number, doneMs: Ms): void {
  for (let taken = 0; taken < Math.min(takes, count); taken++) {
    if (until.length < count) until.push(doneMs);
    else until[earliest(until)] = doneMs;
  }
}

function laidFrom({ legs }: PlannedTask, freeMs: Ms, { openFrom, quantile, soakMs }: Run, { lengthOf, turnFrom }: Otherwise): Laid {
  const away: { fromMs: Ms; toMs: Ms }[] = [];
  let atMs = freeMs;
  let lastNeedsUntilMs = freeMs;
  for (const [at, leg] of legs.entries()) {
    const { edge, durationMs } = leg;
    // The rule of I5, leg by leg: command and revert must both fit before the window closes.
    const needMs = durationMs.p99 + edge.revertMs;
    const openMs = openFrom(atMs, needMs);
    const fromMs = turnFrom === undefined ? openMs : openFrom(turnFrom(openMs, needMs), needMs);
    atMs = fromMs + (lengthOf === undefined ? durationMs[quantile] : lengthOf(leg, at));
    lastNeedsUntilMs = fromMs + needMs;
    away.push({ fromMs, toMs: atMs });
  }
  return { away, lastNeedsUntilMs, doneMs: atMs + soakMs };
}

function earliest(list: readonly Ms[]): number {
  let best = 0;
  for (let i = 1; i < list.length; i++) if ((list[i] as Ms) < (list[best] as Ms)) best = i;
  return best;
}
