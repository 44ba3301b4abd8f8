/**
 * One wave laid out in time. Pure. A task takes a slot of the at-risk budget and of each of its failure domains from its command to
 * the end of its soak, exactly as many at once as the driver would allow (I7).
 */
import type { Ms } from "../../protocols/core/time.ts";
import { type DomainIndex, roomIn } from "./domains.ts";
import type { PlannedTask } from "./shape.ts";

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

export interface Layout {
  /** Where the task would lie; nothing is taken. */
  lay(task: PlannedTask): Laid;
  take(task: PlannedTask, laid: Laid): void;
}

interface Lane {
  /** When each slot is free again. */
  readonly slots: Ms[];
  readonly takes: number;
}

export function layoutOf(index: DomainIndex, run: Run): Layout {
  const budget: Lane = { slots: slots(run.atRiskMax, run.beginMs), takes: 1 };
  const perDomain = new Map<string, Ms[]>();
  const lanesOf = ({ device }: PlannedTask): Lane[] => {
    const unit = index.unitOf(device);
    const entries = new Set(unit.length === 1 ? index.of(device) : unit.flatMap((member) => index.of(member)));
    const lanes = [...entries].map((entry): Lane => {
      const { mayBeAway, takes } = roomIn(entry, unit);
      const known = perDomain.get(entry.domain.id) ?? slots(Math.min(mayBeAway, Math.max(run.atRiskMax, takes)), run.beginMs);
      perDomain.set(entry.domain.id, known);
      return { slots: known, takes: Math.min(takes, known.length) };
    });
    return [budget, ...lanes];
  };
  return {
    lay(task) {
      const freeMs = Math.max(...lanesOf(task).map((lane) => freeAt(lane)));
      return laidFrom(task, freeMs, run);
    },
    take(task, { doneMs }) {
      for (const lane of lanesOf(task)) for (let taken = 0; taken < lane.takes; taken++) lane.slots[earliest(lane.slots)] = doneMs;
    },
  };
}

function laidFrom({ legs }: PlannedTask, freeMs: Ms, { openFrom, quantile, soakMs }: Run): Laid {
  const away: { fromMs: Ms; toMs: Ms }[] = [];
  let atMs = freeMs;
  let lastNeedsUntilMs = freeMs;
  for (const { edge, durationMs } of legs) {
    // The rule of I5, leg by leg: command and revert must both fit before the window closes.
    const needMs = durationMs.p99 + edge.revertMs;
    const fromMs = openFrom(atMs, needMs);
    atMs = fromMs + durationMs[quantile];
    lastNeedsUntilMs = fromMs + needMs;
    away.push({ fromMs, toMs: atMs });
  }
  return { away, lastNeedsUntilMs, doneMs: atMs + soakMs };
}

function slots(count: number, freeMs: Ms): Ms[] {
  return Array.from({ length: Math.max(1, count) }, () => freeMs);
}

/** When as many slots as are taken are free together. */
function freeAt({ slots, takes }: Lane): Ms {
  if (takes === 1) return slots[earliest(slots)] as Ms;
  return slots.toSorted((a, b) => a - b)[takes - 1] as Ms;
}

function earliest(list: readonly Ms[]): number {
  let best = 0;
  for (let i = 1; i < list.length; i++) if ((list[i] as Ms) < (list[best] as Ms)) best = i;
  return best;
}
