/**
 * Looks at everything once and sets what is not counted as it happens. Each look is a handful of grouped reads.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import type { Clock, Ms } from "../../protocols/core/time.ts";
import { HISTORY_FILE, MAIN_FILE } from "../../store/open.ts";
import type { Store } from "../../store/store.ts";
import type { Pulse, ThreadPulse } from "../lifecycle/pulse.ts";
import type { Exposition, Sample } from "./prometheus.ts";
import { deviceSeries, seconds, seriesOf } from "./samples.ts";

export interface FeedStanding {
  readonly connected: boolean;
  /** How long the newest published message had waited. */
  readonly lagMs: Ms | undefined;
  readonly refused: number;
}

export interface CollectIo {
  readonly store: Pick<Store, "figures" | "outbox" | "devices" | "reservations">;
  readonly clock: Clock;
  readonly dataDirectory: string;
  /** Devices with series of their own; 0 for none. */
  readonly perDevice: number;
  loops(): readonly Pulse[];
  threads(): readonly ThreadPulse[];
  /** `undefined` where no broker is configured. */
  feed(): FeedStanding | undefined;
}

const SEVERITIES = ["info", "warning", "error", "critical"];
const CLASSES = ["hardware", "software", "network", "power", "cloud", "configuration"];
const CAMPAIGN_STATES = ["planned", "awaitingApproval", "armed", "running", "paused"];
const TICKET_STATES = ["open", "closing", "closed"];

export async function collect(into: Exposition, io: CollectIo): Promise<void> {
  countRows(into, io);
  countFeed(into, io);
  countParts(into, io);
  if (io.perDevice > 0) countDevices(into, io);
  into.set("groundswell_database_size_bytes", await databaseSizes(io.dataDirectory));
}

function countRows(into: Exposition, { store }: CollectIo): void {
  const { figures } = store;
  const open = { severity: SEVERITIES, class: CLASSES };
  into.set("groundswell_devices", seriesOf(figures.devices()));
  into.set("groundswell_devices_by_state", seriesOf(figures.states()));
  into.set("groundswell_devices_waiting", [{ value: figures.waiting() }]);
  into.set("groundswell_conditions_open", seriesOf(figures.openConditions(), open));
  into.set("groundswell_incidents_open", seriesOf(figures.openIncidents(), open));
  into.set("groundswell_tickets", seriesOf(figures.tickets(), { state: TICKET_STATES }));
  into.set("groundswell_tickets_undelivered", [{ value: figures.undeliveredTickets() }]);
  into.set("groundswell_campaigns", seriesOf(figures.campaigns(), { state: CAMPAIGN_STATES }));
  into.set("groundswell_devices_at_risk", [{ value: store.reservations.count() }]);
}

function countFeed(into: Exposition, { store, clock, feed }: CollectIo): void {
  const standing = feed();
  const oldestMs = store.outbox.oldestMs();
  const one = (value: number | undefined): readonly Sample[] => (value === undefined ? [] : [{ value }]);
  into.set("groundswell_feed_up", one(standing === undefined ? undefined : standing.connected ? 1 : 0));
  into.set("groundswell_feed_lag_seconds", one(standing?.lagMs === undefined ? undefined : seconds(standing.lagMs)));
  into.set("groundswell_feed_refused_messages", one(standing?.refused));
  into.set("groundswell_outbox_messages", one(store.outbox.depth()));
  into.set("groundswell_outbox_oldest_age_seconds", one(oldestMs === undefined ? 0 : seconds(Math.max(0, clock.nowMs() - oldestMs))));
}

function countParts(into: Exposition, { clock, loops, threads }: CollectIo): void {
  const nowMs = clock.nowMs();
  const each = (value: (thread: ThreadPulse) => number): readonly Sample[] =>
    threads().map((thread) => ({ labels: { thread: thread.name }, value: value(thread) }));
  into.set(
    "groundswell_thread_up",
    each(({ up }) => (up ? 1 : 0)),
  );
  into.set(
    "groundswell_thread_restarts_total",
    each(({ restarts }) => restarts),
  );
  into.set(
    "groundswell_thread_requests",
    each(({ openRequests }) => openRequests),
  );
  into.set(
    "groundswell_loop_turn_age_seconds",
    loops().map(({ name, sinceMs }) => ({ labels: { loop: name }, value: seconds(nowMs - sinceMs) })),
  );
}

function countDevices(into: Exposition, { store, perDevice }: CollectIo): void {
  const care = { adopted: true, retired: false } as const;
  const { up, lastSeen, omitted } = deviceSeries(store.devices.list({ ...care, limit: perDevice }), store.devices.count(care));
  into.set("groundswell_device_up", up);
  into.set("groundswell_device_last_seen_timestamp_seconds", lastSeen);
  into.set("groundswell_device_series_omitted", omitted);
}

/** SQLite keeps what is newest in a file beside the main one until a checkpoint. */
async function databaseSizes(directory: string): Promise<readonly Sample[]> {
  const files = [MAIN_FILE, HISTORY_FILE].flatMap((file) => [
    { database: file, part: "data", path: join(directory, file) },
    { database: file, part: "wal", path: join(directory, `${file}-wal`) },
  ]);
  return Promise.all(
    files.map(async ({ database, part, path }) => {
      const value = await stat(path).then(
        ({ size }) => size,
        () => 0, // not there: nothing is in it
      );
      return { labels: { database: database.replace(/\.db$/, ""), part }, value };
    }),
  );
}
