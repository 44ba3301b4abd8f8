/** Chance that begins anew with each story, so that what a client draws does not depend on earlier ones. */
import { type Random, seededRandom } from "../../../protocols/core/random.ts";

export interface StoryChance extends Random {
  begin(seed: number): void;
}

/** @param lasting  what hex digits are drawn from where they are drawn once and kept */
export function storyChance(lasting?: Random): StoryChance {
  let now = seededRandom(0);
  return {
    next: () => now.next(),
    below: (limit) => now.below(limit),
    hex: (bytes) => (lasting ?? now).hex(bytes),
    begin(seed) {
      now = seededRandom(seed);
    },
  };
}
