/**
 * One figure of a bench: ours beside a peer's, measured in the same run. Pure but for the printing.
 */

/** `ours` and `peer` in the unit the figure's name states; `holds` says whether the goal is met. */
export interface Row {
  readonly figure: string;
  readonly ours: number;
  readonly peer: number | undefined;
  /** ours / peer; absent where a goal is absolute. */
  readonly ratio: number | undefined;
  readonly goal: string;
  readonly holds: boolean;
  /** Why it was not measured. Such a row misses no goal, and says nothing. */
  readonly skipped?: string;
}

export interface Goal {
  readonly figure: string;
  /** Of the ratio where there is a peer, else of our figure. */
  readonly atLeast?: number;
  readonly atMost?: number;
}

const within = (value: number, { atLeast, atMost }: Goal): boolean =>
  (atLeast === undefined || value >= atLeast) && (atMost === undefined || value <= atMost);

const goalText = ({ atLeast, atMost }: Goal, sign: string): string =>
  [...(atLeast === undefined ? [] : [`≥ ${atLeast}${sign}`]), ...(atMost === undefined ? [] : [`≤ ${atMost}${sign}`])].join(", ");

/** A goal relative to the peer: the ratio is the median of the ratios of each round, so that a slow moment hits both. */
export function ratioRow(goal: Goal, rounds: readonly { readonly ours: number; readonly peer: number }[]): Row {
  const ratio = median(rounds.map(({ ours, peer }) => ours / peer));
  return {
    figure: goal.figure,
    ours: median(rounds.map(({ ours }) => ours)),
    peer: median(rounds.map(({ peer }) => peer)),
    ratio,
    goal: goalText(goal, " ×"),
    holds: within(ratio, goal),
  };
}

/** A goal of its own: the worst of all rounds. A peer's worst may stand beside it, and decides nothing. */
export function absoluteRow(goal: Goal, values: readonly number[], peers: readonly number[] = []): Row {
  const ours = Math.max(...values);
  const peer = peers.length === 0 ? undefined : Math.max(...peers);
  return { figure: goal.figure, ours, peer, ratio: undefined, goal: goalText(goal, ""), holds: within(ours, goal) };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? upper) + upper) / 2;
}

/** A figure whose peer cannot be had here. */
export function skippedRow(goal: Goal, why: string): Row {
  return {
    figure: goal.figure,
    ours: Number.NaN,
    peer: undefined,
    ratio: undefined,
    goal: goalText(goal, " ×"),
    holds: true,
    skipped: why,
  };
}

const short = (value: number | undefined): string => (value === undefined ? "-" : value >= 100 ? value.toFixed(0) : value.toPrecision(3));

export function rowText(row: Row): string {
  const { figure, ours, peer, ratio, goal, holds, skipped } = row;
  if (skipped !== undefined) return `skipped ${figure.padEnd(46)} goal ${goal}: ${skipped}`;
  return `${holds ? "holds " : "MISSED"}  ${figure.padEnd(46)} ours ${short(ours).padStart(8)}  peer ${short(peer).padStart(8)}  ratio ${short(ratio).padStart(7)}  goal ${goal}`;
}

export function rowJson({ figure, ours, peer, ratio, goal, holds, skipped }: Row): string {
  if (skipped !== undefined) return JSON.stringify({ figure, goal, skipped });
  return JSON.stringify({ figure, ours, ...(peer === undefined ? {} : { peer }), ...(ratio === undefined ? {} : { ratio }), goal, holds });
}
