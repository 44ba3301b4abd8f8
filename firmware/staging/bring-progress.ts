/**
 * How far a file is that is brought, and what it waits for.
 */
import type { Fault } from "../../protocols/core/fault.ts";
import { type Clock, type Ms, SECOND } from "../../protocols/core/time.ts";

/** `waits`: the site's cap on bytes holds it back; or it is tried again after `fault`, in `forMs`. */
export interface BringProgress {
  readonly doneBytes: number;
  /** As the server or the list states it. */
  readonly totalBytes?: number;
  readonly waits?: { readonly for: "cap" } | { readonly for: "again"; readonly fault: Fault; readonly forMs: Ms };
}

/** Often enough for a line that moves. Judgement. */
const TELL_EVERY_MS: Ms = SECOND / 2;
/** Held back for at least this share of the time: the cap is what it waits for. Judgement. */
const CAP_SHARE = 0.5;

export interface Teller {
  /** So much is here. Told at once the first time, then not too often. */
  at(doneBytes: number): void;
  /** Runs what waits for the cap. */
  held(wait: () => Promise<void>): Promise<void>;
}

export function createTeller(tell: ((now: BringProgress) => void) | undefined, totalBytes: number | undefined, clock: Clock): Teller {
  let saidAtMs: Ms | undefined;
  let heldMs = 0;
  return {
    at(doneBytes) {
      const nowMs = clock.nowMs();
      const sinceMs = saidAtMs === undefined ? undefined : nowMs - saidAtMs;
      // A clock that was set back tells at once.
      if (sinceMs !== undefined && sinceMs >= 0 && sinceMs < TELL_EVERY_MS) return;
      const capped = sinceMs !== undefined && heldMs > 0 && heldMs >= sinceMs * CAP_SHARE;
      tell?.({ doneBytes, ...sizeKnown(totalBytes), ...(capped ? { waits: { for: "cap" } } : {}) });
      saidAtMs = nowMs;
      heldMs = 0;
    },
    async held(wait) {
      const fromMs = clock.nowMs();
      await wait();
      heldMs += clock.nowMs() - fromMs;
    },
  };
}

export function sizeKnown(totalBytes: number | undefined): { readonly totalBytes?: number } {
  return totalBytes === undefined ? {} : { totalBytes };
}
