/**
 * Byte caps: how fast bytes may leave or arrive, by the clock of the domain.
 */
import { type Clock, type Ms, SECOND } from "../core/time.ts";

/** Asked before each piece of bytes moves; resolves when they may. Rejects with the signal's reason when aborted. */
export interface Pace {
  take(bytes: number, signal: AbortSignal): Promise<void>;
  /** The most to ask for at once. */
  readonly pieceBytes: number;
}

/** Judgement: pieces and credit together stay within the headroom, so that no 10 s ever carry more than the cap. */
const PIECE_MS: Ms = 50;
const CREDIT_MS: Ms = 50;
const HEADROOM = 0.98;
/** Waits shorter than this cost more in timers than they smooth; they add up to a later one. */
const SHORTEST_WAIT_MS: Ms = 2;
const LARGEST_PIECE_BYTES = 128 * 1024;

/**
 * A cap of `bytesPerSecond` on everything that takes from it together; `undefined` is no cap.
 * Over any 10 s of the clock no more than the cap passes, as long as nobody asks for more than `pieceBytes` at once.
 */
export function createPace(bytesPerSecond: number | undefined, clock: Clock): Pace {
  if (bytesPerSecond === undefined) return { take: async (_bytes, signal) => signal.throwIfAborted(), pieceBytes: LARGEST_PIECE_BYTES };
  const perMs = (bytesPerSecond * HEADROOM) / SECOND;
  let freeAtMs = Number.NEGATIVE_INFINITY;
  let seenMs = Number.NEGATIVE_INFINITY;
  return {
    pieceBytes: Math.max(1, Math.min(LARGEST_PIECE_BYTES, Math.floor(perMs * PIECE_MS))),
    async take(bytes, signal) {
      signal.throwIfAborted();
      const nowMs = clock.nowMs();
      // A clock set back takes the waits with it: nobody waits for the lost hour.
      if (nowMs < seenMs) freeAtMs -= seenMs - nowMs;
      seenMs = nowMs;
      freeAtMs = Math.max(freeAtMs, nowMs - CREDIT_MS) + bytes / perMs;
      if (freeAtMs - nowMs > SHORTEST_WAIT_MS) await clock.sleep(freeAtMs - nowMs, signal);
    },
  };
}

/** One pace that obeys several: a cap of its own and one shared with others. */
export function bothPaces(first: Pace, second: Pace): Pace {
  return {
    pieceBytes: Math.min(first.pieceBytes, second.pieceBytes),
    async take(bytes, signal) {
      await first.take(bytes, signal);
      await second.take(bytes, signal);
    },
  };
}

/** A cap for each of many, such as connections: all that goes over one of them, at once or one after another, takes from the same. */
export function pacesOf<Owner extends object>(bytesPerSecond: number | undefined, clock: Clock): (owner: Owner) => Pace {
  const known = new WeakMap<Owner, Pace>();
  return (owner) => {
    const pace = known.get(owner) ?? createPace(bytesPerSecond, clock);
    known.set(owner, pace);
    return pace;
  };
}
