/**
 * The drive's rows, read once in a moment. A turn asks the same of them for each of thousands of tasks; between two of its
 * questions nobody else can write, as long as it does not wait.
 */

import type { CampaignId, DeviceId } from "../../protocols/core/ids.ts";
import type { CampaignState } from "./campaign-state.ts";
import type { Company } from "./company.ts";
import type { ReleaseStanding } from "./freshness.ts";
import type { Kill } from "./kill.ts";
import type { CampaignRow, DriveStore, TaskChange, TaskRow, WaveRow } from "./ports.ts";
import type { Plan } from "./shape.ts";
import { attemptsSpent, isAtRisk, isFinal } from "./task-state.ts";

interface Read {
  campaigns?: readonly CampaignRow[];
  atRisk?: readonly DeviceId[];
  company?: Company;
  kills?: readonly Kill[];
  readonly states: Map<CampaignId, CampaignState | undefined>;
  readonly tasks: Map<CampaignId, readonly TaskRow[]>;
  readonly waves: Map<CampaignId, readonly WaveRow[]>;
  /** By campaign and wave. */
  readonly unfinished: Map<string, readonly TaskRow[]>;
  readonly judged: Map<string, readonly TaskRow[]>;
  readonly staged: Map<string, boolean>;
  readonly catalogues: Map<Plan, readonly ReleaseStanding[]>;
}

export interface Momentary {
  readonly rows: DriveStore;
  /** What is read in `run` is read once, until it is written through `rows`. `run` does not wait: nobody else writes meanwhile. */
  during(run: () => void): void;
}

/** Its device has no part in any count before and after: what is read of all of them stands. */
const isUntouched = ({ row, next }: TaskChange): boolean =>
  [row.state, next].every((state) => !isAtRisk(state) && !isFinal(state) && attemptsSpent(state) === 0);

export function momentary(store: DriveStore): Momentary {
  let read: Read | undefined;
  let isOpen = false;
  const fresh = (): Read => ({
    ...{ states: new Map(), tasks: new Map(), waves: new Map(), unfinished: new Map(), judged: new Map(), staged: new Map() },
    catalogues: new Map(),
  });
  const forget = (): void => {
    read = undefined;
  };
  const now = (): Read => {
    if (!isOpen) return fresh();
    read ??= fresh();
    return read;
  };
  const once = <K, V>(known: Map<K, V>, key: K, ask: (key: K) => V): V => {
    if (!known.has(key)) known.set(key, ask(key));
    return known.get(key) as V;
  };
  const writing = <T>(write: () => T): T => {
    forget();
    try {
      return write();
    } finally {
      forget();
    }
  };
  const rows: DriveStore = {
    campaigns() {
      const moment = now();
      moment.campaigns ??= store.campaigns();
      return moment.campaigns;
    },
    atRisk() {
      const moment = now();
      moment.atRisk ??= store.atRisk();
      return moment.atRisk;
    },
    company() {
      const moment = now();
      moment.company ??= store.company();
      return moment.company;
    },
    kills() {
      const moment = now();
      moment.kills ??= store.kills();
      return moment.kills;
    },
    state: (campaign) => once(now().states, campaign, store.state),
    tasks: (campaign) => once(now().tasks, campaign, store.tasks),
    waves: (campaign) => once(now().waves, campaign, store.waves),
    unfinished: (campaign, wave) => once(now().unfinished, `${campaign} ${wave}`, () => store.unfinished(campaign, wave)),
    judged: (campaign, wave) => once(now().judged, `${campaign} ${wave}`, () => store.judged(campaign, wave)),
    catalogue: (plan) => once(now().catalogues, plan, store.catalogue),
    imageStaged: (sha256) => once(now().staged, sha256, store.imageStaged),
    damaged: store.damaged,
    signs: store.signs,
    baseline: store.baseline,
    seenMs: store.seenMs,
    applyTask(change) {
      if (!isUntouched(change)) return writing(() => store.applyTask(change));
      const applied = store.applyTask(change);
      read?.tasks.clear();
      read?.unfinished.clear();
      read?.judged.clear();
      return applied;
    },
    reserve: (change, baseline) => writing(() => store.reserve(change, baseline)),
    applyWave: (...about) => writing(() => store.applyWave(...about)),
    applyCampaign: (...about) => writing(() => store.applyCampaign(...about)),
    together: (run) => writing(() => store.together(run)),
  };
  return {
    rows,
    during(run) {
      isOpen = true;
      try {
        run();
      } finally {
        isOpen = false;
        forget();
      }
    },
  };
}
