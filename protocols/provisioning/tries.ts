/**
 * Wrong log-ins of each address: after some it is not listened to for a while.
 */
import { type Clock, MINUTE, type Ms } from "../core/time.ts";

/** A phone with an old password tries some eight times a boot; a guesser gets no further. Judgement. */
export const WRONG_TRIES_MAX = 10;
export const TRIES_WINDOW_MS: Ms = MINUTE;
/** Addresses remembered at once, as in `refusals`. */
const ADDRESSES_MAX = 1_000;

export interface WrongTries {
  isBlocked(address: string): boolean;
  note(address: string): void;
}

export function createWrongTries(clock: Clock): WrongTries {
  const open = new Map<string, { readonly sinceMs: Ms; count: number }>();
  const current = (address: string) => {
    const entry = open.get(address);
    if (entry === undefined || clock.nowMs() - entry.sinceMs < TRIES_WINDOW_MS) return entry;
    open.delete(address);
    return undefined;
  };
  return {
    isBlocked: (address) => (current(address)?.count ?? 0) >= WRONG_TRIES_MAX,
    note(address) {
      const entry = current(address);
      if (entry !== undefined) entry.count++;
      else {
        if (open.size >= ADDRESSES_MAX) open.delete(open.keys().next().value as string);
        open.set(address, { sinceMs: clock.nowMs(), count: 1 });
      }
    },
  };
}
