/**
 * An end to transfers that trickle: a server that sends a byte now and then answers for ever, and never finishes.
 */
import type { Clock, Ms } from "../../protocols/core/time.ts";

export interface SlowLimits {
  /** From the start to the last byte. */
  readonly timeMs: Ms;
  /** In each window of this length at least so many bytes must come. */
  readonly windowMs: Ms;
  readonly windowBytes: number;
}

export interface TransferWatch {
  /** Aborted by the caller's signal, or by being too slow. */
  readonly signal: AbortSignal;
  note(bytes: number): void;
  /** The limit that was passed, ms. */
  readonly tripped: Ms | undefined;
  end(): void;
}

/** Watches one transfer on the clock until `end`. */
export function watchTransfer(limits: SlowLimits, clock: Clock, signal: AbortSignal): TransferWatch {
  const over = new AbortController();
  const slow = new AbortController();
  let bytes = 0;
  let tripped: Ms | undefined;
  const trip = (limitMs: Ms): void => {
    tripped = limitMs;
    slow.abort(new Error("too slow"));
  };
  const watch = async (): Promise<void> => {
    const endMs = clock.nowMs() + limits.timeMs;
    while (tripped === undefined) {
      const before = bytes;
      await clock.sleep(Math.min(limits.windowMs, endMs - clock.nowMs()), over.signal);
      if (clock.nowMs() >= endMs) trip(limits.timeMs);
      else if (bytes - before < limits.windowBytes) trip(limits.windowMs);
    }
  };
  // The sleep is only ever cut short by `end`.
  watch().catch(() => undefined);
  return {
    signal: AbortSignal.any([signal, slow.signal]),
    note: (count) => {
      bytes += count;
    },
    get tripped() {
      return tripped;
    },
    end: () => over.abort(),
  };
}
