/** How often the drive of a story comes round. */
import type { Random } from "../../../protocols/core/random.ts";
import { MINUTE, type Ms, SECOND } from "../../../protocols/core/time.ts";
import type { Store } from "../../../store/store.ts";
import type { Story } from "./draw.ts";

/**
 * Often while something is under way; far apart where hardly anything can have changed. Promises hold at any pace; how long a campaign
 * of a steward takes does not, and the agent's comes round every few seconds.
 */
export function paceOf({ people }: Story, store: Store, random: Random): Ms {
  const moving = store.tasks.active();
  const isWatched = people === "steward" && moving.length === 0 && store.campaigns.list(1)[0]?.state.at === "running";
  if (isWatched || moving.some(({ state }) => "attempt" in state)) return (15 + random.below(40)) * SECOND;
  return moving.length > 0 ? (30 + random.below(120)) * SECOND : (3 + random.below(5)) * MINUTE;
}
