/**
 * How many check-ins are told. Each is a write to the inventory, and anybody can invent a MAC: one sender, or many together, tell no
 * more than phones do that boot at once. What is beyond is answered all the same, so that every phone boots.
 */
import { type Clock, type Ms, SECOND } from "../core/time.ts";

/** So many at once, then so many a second. */
interface Rate {
  readonly atOnce: number;
  readonly perSecond: number;
}

/** A boot is some eleven requests (protocols/provisioning.md 1): fifty phones at once behind one proxy. Judgement. */
export const CHECK_INS_OF_ADDRESS: Rate = { atOnce: 600, perSecond: 10 };
/** Some five hundred phones that boot at once, and twice, as in an update; then what leaves the inventory most of its time. Judgement. */
export const CHECK_INS_OF_ALL: Rate = { atOnce: 12_000, perSecond: 100 };
/** Addresses remembered at once, as in `refusals`. */
const ADDRESSES_MAX = 1_000;

export interface CheckIns {
  /** False where the address, or all together, have told enough for now. */
  takes(address: string): boolean;
}

interface Budget {
  left: number;
  atMs: Ms;
}

export function createCheckIns(clock: Clock): CheckIns {
  const all: Budget = { left: CHECK_INS_OF_ALL.atOnce, atMs: clock.nowMs() };
  /** Who asked least lately first. */
  const addresses = new Map<string, Budget>();
  const budgetOf = (address: string): Budget => {
    const known = addresses.get(address) ?? { left: CHECK_INS_OF_ADDRESS.atOnce, atMs: clock.nowMs() };
    addresses.delete(address);
    if (addresses.size >= ADDRESSES_MAX) addresses.delete(addresses.keys().next().value as string);
    addresses.set(address, known);
    return known;
  };
  /** A clock set back gives nothing, and takes nothing away. */
  const refill = (budget: Budget, { atOnce, perSecond }: Rate): void => {
    const nowMs = clock.nowMs();
    budget.left = Math.min(atOnce, budget.left + (Math.max(0, nowMs - budget.atMs) / SECOND) * perSecond);
    budget.atMs = nowMs;
  };
  return {
    takes(address) {
      const own = budgetOf(address);
      refill(own, CHECK_INS_OF_ADDRESS);
      refill(all, CHECK_INS_OF_ALL);
      if (own.left < 1 || all.left < 1) return false;
      own.left--;
      all.left--;
      return true;
    },
  };
}
