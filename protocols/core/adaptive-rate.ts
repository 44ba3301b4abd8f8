/**
 * How fast to go on, from what comes back. Who answers only the repeat is surely there, so its first packet was lost: on the
 * way, or in our own receive buffer. Halves after a loss, and comes back in small steps. Pure but for what it remembers.
 */

export interface AdaptiveRate {
  /** Packets per second now. */
  readonly perSecond: number;
  /** Somebody answered: the first packet (`lost` false), or only a repeat of it. Times are real milliseconds. */
  note(answer: { readonly firstSentMs: number; readonly lost: boolean }, nowMs: number): void;
}

/** Answers looked at together: at 2 % loss three of them are late by more than chance. Guessed. */
const ANSWERS_MIN = 50;
/** More than wires lose by themselves; a full receive buffer loses far more. Guessed. */
const LOSS_RATIO = 0.02;
const CUT = 0.5;
/** Of the wanted rate, per look without loss: back from a half after ten of them. */
const STEP = 0.05;
/** A look at least this often apart, so that one burst is one cut. */
const LOOK_MS = 500;
/** The slowest, as part of the wanted rate: whoever loses everything is slow for another reason than us. */
const FLOOR = 1 / 64;

/** @param wanted  the rate it starts at and never passes; `Infinity` stays as it is */
export function createAdaptiveRate(wanted: number): AdaptiveRate {
  let rate = wanted;
  let answers = 0;
  let losses = 0;
  /** Packets sent before the last change tell of the rate before it. */
  let sinceMs = Number.NEGATIVE_INFINITY;
  let lookedMs = Number.NEGATIVE_INFINITY;
  return {
    get perSecond() {
      return rate;
    },
    note({ firstSentMs, lost }, nowMs) {
      if (firstSentMs < sinceMs) return;
      answers++;
      if (lost) losses++;
      if (answers < ANSWERS_MIN || nowMs - lookedMs < LOOK_MS) return;
      const slower = losses / answers > LOSS_RATIO;
      if (slower) sinceMs = nowMs;
      rate = slower ? Math.max(wanted * FLOOR, rate * CUT) : Math.min(wanted, rate + wanted * STEP);
      [answers, losses, lookedMs] = [0, 0, nowMs];
    },
  };
}
