/**
 * Who hands bytes to the kernel in this turn of the loop, and who in the next: many that could send at once would keep everybody
 * else waiting until all of them have.
 */
import { loopTurn } from "../core/time.ts";

/** About half a millisecond of copying. Measured. */
export const TURN_BYTES = 1024 * 1024;

export interface SendTurns {
  /** Resolves in a later turn of the loop than now, first come first served. */
  next(bytes: number): Promise<void>;
}

/** @param turn  ends when everything else that is ready has had its turn */
export function createSendTurns(turn: () => Promise<void> = loopTurn): SendTurns {
  const waiting: { readonly bytes: number; go(): void }[] = [];
  let isRunning = false;
  const run = async (): Promise<void> => {
    isRunning = true;
    while (waiting.length > 0) {
      await turn();
      let had = 0;
      let taken = 0;
      // One that is larger than a turn has a turn of its own.
      for (const { bytes, go } of waiting) {
        if (taken > 0 && had + bytes > TURN_BYTES) break;
        had += bytes;
        taken++;
        go();
      }
      waiting.splice(0, taken);
    }
    isRunning = false;
  };
  return {
    next: (bytes) =>
      new Promise((resolve) => {
        waiting.push({ bytes, go: resolve });
        if (!isRunning) void run();
      }),
  };
}
