/**
 * How far a sweep is: which addresses are done, who answered and is not read yet, what was found. What it says of itself is
 * enough to go on after the process has died. Pure but for what it remembers.
 */
import type { FamilyId } from "../../../protocols/core/device.ts";

/** Where a later process goes on: everybody before `position` of the random order has been asked. */
export interface SweepMark {
  readonly position: number;
  /** Answered, and not read yet: to be visited again. */
  readonly waiting: readonly string[];
}

/** For people who watch. Counts are those of the whole run, also of the processes before this one. */
export interface SweepProgress extends SweepTotals {
  readonly asked: number;
  readonly total: number;
  /** The pace now: less than what was set while answers get lost. */
  readonly packetsPerSecond: number;
  /** Real milliseconds; absent until there is something to judge by. */
  readonly leftMs?: number;
}

export interface SweepTotals {
  readonly found: number;
  readonly byFamily: Readonly<Record<string, number>>;
  /** Known and watched, so not asked; these count as asked in no other number. */
  readonly spared: number;
}

/** All that a restart needs. */
export type SweepState = SweepMark & SweepTotals;

export const NOTHING_FOUND: SweepTotals = { found: 0, byFamily: {}, spared: 0 };

/** Judged by the last seconds, so that what is said follows a rate that was cut. */
const JUDGED_OVER_MS = 10_000;

export interface SweepCourse {
  /** The place of the next address in the order; ours from now on. */
  begin(): number;
  /** Everything that can be heard of this address by knocking was heard. */
  end(index: number): void;
  /** As `end`, of an address that was left out. */
  spare(index: number): void;
  /** It answered: somebody has to be read there. */
  await(address: string): void;
  /** Read, or found to be nobody's. */
  settle(address: string, family: FamilyId | "unknown" | undefined): void;
  /** Places begun and not ended. */
  readonly underWay: number;
  readonly waiting: number;
  mark(): SweepMark;
  totals(): SweepTotals;
  progress(packetsPerSecond: number, nowMs: number): SweepProgress;
}

export function createCourse(total: number, from: SweepState): SweepCourse {
  let { position, found, spared } = from;
  let next = position;
  const ended = new Set<number>();
  const waiting = new Set(from.waiting);
  const byFamily = new Map(Object.entries(from.byFamily));
  const done = (): number => position + ended.size;
  let judged: { readonly atMs: number; readonly done: number }[] = [];
  const end = (index: number): void => {
    ended.add(index);
    while (ended.delete(position)) position++;
  };
  return {
    begin: () => next++,
    end,
    spare(index) {
      spared++;
      end(index);
    },
    await: (address) => void waiting.add(address),
    settle(address, family) {
      waiting.delete(address);
      if (family === undefined) return;
      found++;
      byFamily.set(family, (byFamily.get(family) ?? 0) + 1);
    },
    get underWay() {
      return next - done();
    },
    get waiting() {
      return waiting.size;
    },
    mark: () => ({ position, waiting: [...waiting] }),
    totals: () => ({ found, byFamily: Object.fromEntries(byFamily), spared }),
    progress(packetsPerSecond, nowMs) {
      judged = [...judged.filter(({ atMs }) => nowMs - atMs <= JUDGED_OVER_MS), { atMs: nowMs, done: done() }];
      const first = judged[0] ?? { atMs: nowMs, done: done() };
      const share = done() - first.done;
      const left = share <= 0 ? {} : { leftMs: Math.round(((nowMs - first.atMs) / share) * (total - done())) };
      return { asked: done() - spared, total, packetsPerSecond, found, byFamily: Object.fromEntries(byFamily), spared, ...left };
    },
  };
}
