/**
 * Tells the depot thread which devices are in our care, so that the provisioning endpoint takes uploads of them alone.
 */
import type { Mac } from "../../protocols/core/ids.ts";
import { type Ms, SECOND } from "../../protocols/core/time.ts";
import type { Store } from "../../store/store.ts";
import type { Log } from "../log.ts";
import type { Thread } from "./channel.ts";
import type { DepotRequests } from "./depot-requests.ts";

/** A phone that was just adopted uploads nothing for so long. Reading 20,000 rows takes some milliseconds. */
export const ACQUAINT_EVERY_MS: Ms = 10 * SECOND;
/** As many as the endpoint keeps files of; twice the places a site may have. */
const MACS_MAX = 40_000;

export interface Acquaintance {
  /** Tells what changed since the last turn. */
  turn(signal: AbortSignal): Promise<void>;
  /** The depot knows nobody any more. */
  forget(): void;
}

export function createAcquaintance(io: {
  readonly store: Pick<Store, "devices">;
  readonly depot: Pick<Thread<DepotRequests>, "ask">;
  readonly log: Log;
}): Acquaintance {
  let told: ReadonlySet<Mac> | undefined;
  let forgotten = 0;
  let isFull = false;
  return {
    forget() {
      told = undefined;
      forgotten++;
    },
    async turn(signal) {
      const now = new Set(io.store.devices.adoptedMacs(MACS_MAX));
      const before = told;
      const since = forgotten;
      const macs = [...now].filter((mac) => before?.has(mac) !== true);
      const gone = before === undefined ? [] : [...before].filter((mac) => !now.has(mac));
      if (now.size >= MACS_MAX && !isFull) io.log.warn("more devices than the provisioning endpoint can know", { known: MACS_MAX });
      isFull = now.size >= MACS_MAX;
      if (before !== undefined && macs.length === 0 && gone.length === 0) return;
      await io.depot.ask("know", { macs, gone, whole: before === undefined }, signal);
      // Forgotten meanwhile, all of it has to be told again.
      if (forgotten === since) told = now;
    },
  };
}
