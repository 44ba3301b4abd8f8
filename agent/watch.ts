/**
 * What others see of the agent's own health: probes and metrics over the loops, threads and feed as they come up.
 */
import type { Clock } from "../protocols/core/time.ts";
import { StoreError } from "../store/sql.ts";
import type { Store } from "../store/store.ts";
import type { Config } from "./config/schema.ts";
import { liveness, PING_WITHIN_MS, readiness, type ThreadPulse } from "./lifecycle/pulse.ts";
import type { Loop } from "./loop.ts";
import { type CollectIo, collect, type FeedStanding } from "./metrics/collect.ts";
import { type Exposition, type Meter, type MetricsPage, NO_METER, openExposition } from "./metrics/prometheus.ts";
import type { Thread } from "./threads/channel.ts";
import { AGENT_VERSION } from "./version.ts";
import { type Probes, startProbeServer } from "./web/probes.ts";

type AnyThread = Pick<Thread<never>, "up" | "restarts" | "open" | "ping">;

/** Filled as the parts come up; until then the agent is not ready. */
export interface Watched {
  threads: Readonly<Record<string, AnyThread>>;
  loops: readonly Loop[];
  feed: (() => FeedStanding) | undefined;
}

export interface Watch {
  readonly meter: Meter;
  readonly probes: Probes;
  readonly watched: Watched;
  /** Where it listens; absent where the settings name no port. */
  readonly port: number | undefined;
  close(): Promise<void>;
}

export interface WatchIo {
  readonly config: Pick<Config, "metrics" | "site" | "dataDirectory">;
  readonly store: Store;
  readonly clock: Clock;
}

const THREADS = ["field", "depot", "history"];

/** Opens the port the settings name, first of all doors: who asks while the agent starts hears what is still to come. */
export async function openWatch(io: WatchIo): Promise<Watch> {
  const { config, store, clock } = io;
  const watched: Watched = { threads: {}, loops: [], feed: undefined };
  const pulses = (): readonly ThreadPulse[] =>
    Object.entries(watched.threads).map(([name, { up, restarts, open }]) => ({ name, up, restarts, openRequests: open }));
  const loops = () => watched.loops.map(({ pulse }) => pulse);
  const exposition = config.metrics === undefined ? undefined : await openExposition();
  if (exposition !== undefined) about(exposition, io);
  const collecting = {
    ...{ store, clock, loops, threads: pulses, dataDirectory: config.dataDirectory, perDevice: config.metrics?.perDevice ?? 0 },
    feed: () => watched.feed?.(),
  };
  const probes: Probes = {
    live: async () =>
      liveness({
        nowMs: clock.nowMs(),
        toRealMs: (lengthMs) => clock.toRealMs(lengthMs),
        loops: loops(),
        threads: pulses(),
        answering: await answering(watched.threads),
      }),
    ready: () => readiness({ storeTrouble: storeTrouble(store), threads: pulses(), threadsWanted: THREADS, loops: loops() }),
    ...(exposition === undefined ? {} : { metrics: oneAtATime(exposition, collecting) }),
  };
  const server = config.metrics === undefined ? undefined : await startProbeServer(config.metrics, probes);
  return {
    meter: exposition ?? NO_METER,
    probes,
    watched,
    port: server?.port,
    async close() {
      await server?.close();
    },
  };
}

function about(exposition: Exposition, { config, clock }: WatchIo): void {
  exposition.set("groundswell_build_info", [{ labels: { version: AGENT_VERSION, node: process.version }, value: 1 }]);
  exposition.set("groundswell_start_time_seconds", [{ labels: { site: config.site.id }, value: clock.nowMs() / 1_000 }]);
}

/** Whoever asks while the page is being made gets the same page. */
function oneAtATime(exposition: Exposition, io: CollectIo): () => Promise<MetricsPage> {
  let making: Promise<MetricsPage> | undefined;
  const make = async (): Promise<MetricsPage> => {
    await collect(exposition, io);
    return exposition.page();
  };
  return () => {
    making ??= make().finally(() => {
      making = undefined;
    });
    return making;
  };
}

async function answering(threads: Watched["threads"]): Promise<ReadonlySet<string>> {
  const signal = AbortSignal.timeout(PING_WITHIN_MS);
  const answers = await Promise.all(
    Object.entries(threads).map(([name, thread]) =>
      thread.ping(signal).then(
        () => [name],
        () => [],
      ),
    ),
  );
  return new Set(answers.flat());
}

/** One small read tells a handle that is dead, a disk that is gone, a file that is damaged. */
function storeTrouble(store: Pick<Store, "marks">): string | undefined {
  try {
    store.marks.highestTime();
    return undefined;
  } catch (error) {
    if (error instanceof StoreError) return error.message;
    throw error;
  }
}
