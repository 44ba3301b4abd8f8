/**
 * Every figure the agent shows to Prometheus: name, kind, meaning. Source: Prometheus, "Metric and label naming" and
 * "Writing exporters": base units, `_total` for what only grows, no label whose values have no bound.
 */

export type MetricKind = "gauge" | "counter" | "histogram";

export interface Metric {
  readonly kind: MetricKind;
  readonly help: string;
  readonly labels?: readonly string[];
  /** Upper ends in the base unit; a histogram has them. */
  readonly buckets?: readonly number[];
}

const gauge = (help: string, ...labels: string[]): Metric => ({ kind: "gauge", help, labels });
const counter = (help: string, ...labels: string[]): Metric => ({ kind: "counter", help, labels });

/** From one SNMP packet on a LAN to a phone that answers after several time-outs; guessed in between. */
const POLL_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export const METRICS = {
  groundswell_build_info: gauge("1; the labels say what runs.", "version", "node"),
  groundswell_start_time_seconds: gauge("When the agent started, on its own clock.", "site"),

  groundswell_devices: gauge("Devices in our care.", "family", "availability"),
  groundswell_devices_by_state: gauge("Devices in our care by their worst open condition.", "family", "state"),
  groundswell_devices_waiting: gauge("Devices found and not decided about."),
  groundswell_polls_total: counter("Devices asked for their health, by what came of it.", "family", "outcome"),
  groundswell_poll_duration_seconds: {
    kind: "histogram",
    help: "How long one ask of one device took.",
    labels: ["family"],
    buckets: POLL_BUCKETS,
  },

  groundswell_conditions_open: gauge("Open conditions.", "severity", "class"),
  groundswell_incidents_open: gauge("Open incidents: one per cause.", "severity", "class"),
  groundswell_tickets: gauge("Tickets by state.", "state"),
  groundswell_tickets_undelivered: gauge("Versions of tickets that the desk does not have yet."),
  groundswell_campaigns: gauge("Campaigns by state.", "state"),
  groundswell_devices_at_risk: gauge("Devices a campaign may have broken and has not seen healthy yet."),

  groundswell_feed_up: gauge("1 while the broker is connected. Absent where none is configured."),
  groundswell_feed_lag_seconds: gauge("How long the newest published message had waited. Absent until one was published."),
  groundswell_feed_refused_messages: gauge("Messages the broker refuses; they stay in the outbox."),
  groundswell_outbox_messages: gauge("Messages that wait to be published."),
  groundswell_outbox_oldest_age_seconds: gauge("Age of the oldest message that waits; 0 where none does."),

  groundswell_database_size_bytes: gauge("Size of a database file on disk.", "database", "part"),
  groundswell_thread_up: gauge("1 while the worker thread runs.", "thread"),
  groundswell_thread_restarts_total: counter("Times a worker thread died and was started again.", "thread"),
  groundswell_thread_requests: gauge("Requests a worker thread has not answered yet.", "thread"),
  groundswell_loop_turn_age_seconds: gauge("Since when a loop is in the turn, or the pause, it is in.", "loop"),

  groundswell_device_up: gauge("1 where the device answers. Only with metrics.perDevice.", "device", "family"),
  groundswell_device_last_seen_timestamp_seconds: gauge(
    "When the device was last heard of. Only with metrics.perDevice.",
    "device",
    "family",
  ),
  groundswell_device_series_omitted: gauge("Devices beyond metrics.perDevice, which have no series of their own."),
} as const satisfies Readonly<Record<string, Metric>>;

export type MetricName = keyof typeof METRICS;
