/** A place among few that is given up for a while and taken again, behind whoever came meanwhile. */
import type { Limit } from "../../protocols/core/limit.ts";

export interface Lane {
  /** Rejects with the signal's reason when aborted before its turn. */
  take(): Promise<void>;
  /** Nothing where it is not held. */
  leave(): void;
  /** Leaves, waits, and takes one again. Where the wait ends by an abort, none is held. */
  readonly aside: (wait: () => Promise<void>) => Promise<void>;
}

export function laneIn(lanes: Limit, signal: AbortSignal): Lane {
  let held: (() => void) | undefined;
  const take = (): Promise<void> => {
    const { promise: taken, resolve, reject } = Promise.withResolvers<void>();
    const stay = (): Promise<void> => {
      const { promise: left, resolve: leave } = Promise.withResolvers<void>();
      held = leave;
      resolve();
      return left;
    };
    lanes.run(stay, signal).catch(reject);
    return taken;
  };
  const leave = (): void => {
    held?.();
    held = undefined;
  };
  return {
    take,
    leave,
    async aside(wait) {
      leave();
      await wait();
      await take();
    },
  };
}
