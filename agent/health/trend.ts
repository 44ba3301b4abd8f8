/**
 * Is there a way up in these values, and how steep? Robust: single outliers, gaps and skewed noise move neither answer. Pure.
 */

export interface Point {
  readonly atMs: number;
  readonly value: number;
}

/**
 * How sure it is that later values are greater: Mann and Kendall's S, as so many standard deviations of what chance gives.
 * Ties count for nothing. 0 where there is nothing to compare.
 * Source: Mann 1945; Kendall, Rank Correlation Methods; variance with ties as in Helsel & Hirsch 2002, 12.2.
 */
export function mannKendall(values: readonly number[]): number {
  const n = values.length;
  let s = 0;
  for (let i = 0; i < n; i++) for (let j = i + 1; j < n; j++) s += Math.sign((values[j] as number) - (values[i] as number));
  const tied = new Map<number, number>();
  for (const value of values) tied.set(value, (tied.get(value) ?? 0) + 1);
  const weight = (t: number): number => t * (t - 1) * (2 * t + 5);
  const variance = [...tied.values()].reduce((rest, t) => rest - weight(t), weight(n)) / 18;
  // One less than S: it moves in steps, the normal curve does not.
  return variance <= 0 || s === 0 ? 0 : (s - Math.sign(s)) / Math.sqrt(variance);
}

/** A straight line through the middle of the points. */
export interface Line {
  /** Per millisecond. */
  readonly slope: number;
  at(atMs: number): number;
}

/** Theil and Sen's line: the median of all slopes between two points. Source: Sen 1968. */
export function theilSen(points: readonly Point[]): Line {
  const slopes: number[] = [];
  for (const [i, a] of points.entries())
    for (const b of points.slice(i + 1)) if (b.atMs !== a.atMs) slopes.push((b.value - a.value) / (b.atMs - a.atMs));
  const slope = slopes.length === 0 ? 0 : median(slopes);
  const origin = points[0]?.atMs ?? 0;
  const height = points.length === 0 ? 0 : median(points.map(({ atMs, value }) => value - slope * (atMs - origin)));
  return { slope, at: (atMs) => height + slope * (atMs - origin) };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  const upper = sorted[half] ?? 0;
  return sorted.length % 2 === 1 ? upper : ((sorted[half - 1] ?? upper) + upper) / 2;
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}
