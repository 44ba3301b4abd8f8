/**
 * Whether the customer's server answers: told when it stops and when it is back, counted in between.
 */
import type { Clock, Ms } from "../core/time.ts";

export type UpstreamEvent =
  | { readonly kind: "upstreamDown"; readonly why: string }
  /** `failed`: requests of phones that got no answer meanwhile. */
  | { readonly kind: "upstreamBack"; readonly failed: number; readonly forMs: Ms };

export interface UpstreamState {
  /** False for a moment after it was silent: phones are not let wait for it one after the other. */
  readonly isWorthAsking: boolean;
  failed(why: string): void;
  worked(): void;
}

/** Judgement: below a phone's own pause between its tries of a second. Source: protocols/provisioning.md 3 (`RetryWait`). */
const SPARED_MS: Ms = 800;

export function createUpstreamState(clock: Clock, tell: (event: UpstreamEvent) => void): UpstreamState {
  let down: { readonly sinceMs: Ms; failed: number; silentAtMs: Ms | undefined } | undefined;
  return {
    get isWorthAsking() {
      if (down?.silentAtMs === undefined) return true;
      const sinceMs = clock.nowMs() - down.silentAtMs;
      // After a clock that ran backwards it is asked at once.
      return sinceMs < 0 || sinceMs >= SPARED_MS;
    },
    failed(why) {
      const isNew = down === undefined;
      down ??= { sinceMs: clock.nowMs(), failed: 0, silentAtMs: undefined };
      down.failed++;
      if (why === "silent") down.silentAtMs = clock.nowMs();
      if (isNew) tell({ kind: "upstreamDown", why });
    },
    worked() {
      if (down === undefined) return;
      const { failed, sinceMs } = down;
      down = undefined;
      tell({ kind: "upstreamBack", failed, forMs: clock.nowMs() - sinceMs });
    },
  };
}
