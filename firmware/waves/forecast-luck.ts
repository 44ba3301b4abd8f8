/**
 * What chance does to one device in one play of a plan: how long its steps take, whether somebody uses it when it has its turn,
 * whether an attempt has to be made again. Pure: the same device has the same luck in the same play, on every machine.
 */
import type { DeviceId } from "../../protocols/core/ids.ts";
import { seededRandom, shuffled } from "../../protocols/core/random.ts";
import { MINUTE, type Ms } from "../../protocols/core/time.ts";
import { seedFor } from "./opening-start.ts";
import type { PlannedLeg } from "./shape.ts";

/** Of one device in one play. Each is evenly drawn from 0 to 1; over all plays together each tenth comes about as often. */
export interface Luck {
  readonly length: number;
  readonly inUse: number;
  readonly again: number;
}

/** Few devices make chance count, many make it even; and a play of ten thousand takes a twentieth of a second. */
export function playsFor(tasks: number): number {
  if (tasks <= 200) return 29;
  return tasks <= 2_000 ? 9 : 5;
}

/** The luck of one device in each play, whichever campaign asks: a dry run and the plan itself foretell the same. */
export function luckOf(device: DeviceId, plays: number): readonly Luck[] {
  const random = seededRandom(seedFor(`luck ${device}`));
  const order = Array.from({ length: plays }, (_, at) => at);
  const even = (): readonly number[] => shuffled(order, random).map((at) => (at + random.next()) / plays);
  const [length, inUse, again] = [even(), even(), even()];
  return order.map((at) => ({ length: length[at] as number, inUse: inUse[at] as number, again: again[at] as number }));
}

/**
 * How long a step takes where so large a share of all takes no longer. Half, nine tenths and ninety-nine hundredths are stated or
 * measured; below the half it is as far from it as above, and never less than half of it.
 */
export function lengthAt({ p50, p90, p99 }: PlannedLeg["durationMs"], share: number): Ms {
  if (share >= 0.9) return p90 + (p99 - p90) * Math.min(1, (share - 0.9) / 0.09);
  if (share >= 0.5) return p50 + ((p90 - p50) * (share - 0.5)) / 0.4;
  const leastMs = Math.max(p50 / 2, 2 * p50 - p90);
  return leastMs + ((p50 - leastMs) * share) / 0.5;
}

/**
 * What a release states of a step was measured elsewhere, if at all: all devices of a site may take longer than that, or less. So much
 * of what is stated a step takes here, in the share of all sites that is `share`. Guessed.
 */
export function paceAt(share: number): number {
  return share < 0.5 ? 1 - 0.4 * (0.5 - share) : 1 + 0.8 * (share - 0.5);
}

/** The share of all that takes no longer than that. */
export function shareAt(durationMs: PlannedLeg["durationMs"], lengthMs: Ms): number {
  let [low, high] = [0, 1];
  for (let halves = 0; halves < 12; halves++) {
    const middle = (low + high) / 2;
    if (lengthAt(durationMs, middle) <= lengthMs) low = middle;
    else high = middle;
  }
  return low;
}

/** One in eight is in use when it has its turn: an ordinary share of a working day. Guessed. */
const IN_USE_SHARE = 1 / 8;
/** Of those that are in use two thirds are idle again after this long. Guessed. */
const IN_USE_MS: Ms = 15 * MINUTE;

/** How long it is waited for; 0 where nobody uses it. */
export function waitOf({ inUse }: Pick<Luck, "inUse">): Ms {
  return inUse < 1 - IN_USE_SHARE ? 0 : busyFor((inUse - 1 + IN_USE_SHARE) / IN_USE_SHARE);
}

/** Of one that is known to be in use. */
export function busyFor(share: number): Ms {
  return -Math.log(1 - Math.min(share, 0.99)) * IN_USE_MS;
}

/** One attempt in so many ends without harm and is made again: an answer is lost, a transfer breaks off. Guessed. */
const AGAIN_SHARE = 1 / 20;

export const isAgain = ({ again }: Pick<Luck, "again">): boolean => again < AGAIN_SHARE;
