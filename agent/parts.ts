/**
 * What every piece of the daemon is made from, and what wakes its loops.
 */
import type { TaskChange } from "../firmware/waves/ports.ts";
import type { SiteId } from "../protocols/core/ids.ts";
import type { Random } from "../protocols/core/random.ts";
import type { Clock, ScaledClockOptions } from "../protocols/core/time.ts";
import type { Store } from "../store/store.ts";
import type { Config } from "./config/schema.ts";
import type { Log } from "./log.ts";
import type { Secrets } from "./secrets.ts";
import type { Watch } from "./watch.ts";

/** Sees every task transition before and after it is on disk: for tests that kill the process at a named point. */
export type Observe = (when: "before" | "after", change: TaskChange) => void;

export interface StartIo {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly random: Random;
  readonly onReady: (info: { readonly socket: string; readonly provisioning?: { readonly host: string; readonly port: number } }) => void;
  readonly observe?: Observe;
}

export interface Parts {
  readonly config: Config;
  readonly secrets: Secrets;
  readonly site: SiteId;
  readonly clock: Clock;
  readonly clockOptions: ScaledClockOptions;
  readonly store: Store;
  readonly watch: Watch;
  readonly io: StartIo;
  /** Filled as the loops start; until then there is nobody to wake. */
  readonly wakers: {
    drive(): void;
    feed(): void;
    tickets(): void;
    coverage(): void;
    incidents(): void;
    known?: () => void;
    images?: () => void;
  };
}
