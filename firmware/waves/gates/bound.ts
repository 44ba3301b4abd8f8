/** When failures are too many for their number to be bad luck. Pure. */

/** Below so many devices a share says nothing, and only a count decides. */
export const BOUND_FROM = 30;
/** The failure rate that is tolerated in a large wave. */
const RATE_TOLERATED = 0.02;
/** So improbable, and it is not luck: one side, nineteen of twenty. */
const LUCK = 0.05;
/** One failure among the first devices is no rate yet. */
const FAILURES_MIN = 2;

/** Would so many failures among so many devices be most unlikely if the tolerated rate were the true one? */
export function isAboveBound(failed: number, ended: number): boolean {
  return failed >= FAILURES_MIN && failed <= ended && atLeast(failed, ended, RATE_TOLERATED) < LUCK;
}

/** The chance of `count` or more hits in `of` tries with this rate each (binomial, upper tail). */
export function atLeast(count: number, of: number, rate: number): number {
  let below = 0;
  let term = (1 - rate) ** of;
  for (let k = 0; k < count; k++) {
    below += term;
    term *= ((of - k) / (k + 1)) * (rate / (1 - rate));
  }
  return Math.max(0, 1 - below);
}
