/**
 * The exposition format, by prom-client, which is loaded only where somebody may ask. The only user of that package.
 */
import { Bug } from "../../protocols/core/fault.ts";
import { METRICS, type Metric, type MetricName } from "./catalogue.ts";

export type Labels = Readonly<Record<string, string>>;
export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
}

/** What counts as it happens. */
export interface Meter {
  add(name: MetricName, labels: Labels, by?: number): void;
  /** In the base unit of the name. */
  observe(name: MetricName, labels: Labels, value: number): void;
}

/** Where nobody may ask, nothing is counted. */
export const NO_METER: Meter = { add: () => undefined, observe: () => undefined };

export interface MetricsPage {
  readonly contentType: string;
  readonly text: string;
}

export interface Exposition extends Meter {
  /** Takes the place of all series of this name. */
  set(name: MetricName, samples: readonly Sample[]): void;
  page(): Promise<MetricsPage>;
}

/** A fresh set of all metrics, and those of the process itself (`process_…`, `nodejs_…`). */
export async function openExposition(): Promise<Exposition> {
  const { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } = await import("prom-client");
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const make = (name: string, { kind, help, labels: labelNames = [], buckets = [] }: Metric) => {
    const about = { name, help, labelNames: [...labelNames], registers };
    if (kind === "counter") return new Counter(about);
    return kind === "gauge" ? empty(new Gauge(about)) : new Histogram({ ...about, buckets: [...buckets] });
  };
  /** Without labels prom-client begins with 0: a figure nobody set would be told. */
  const empty = (gauge: InstanceType<typeof Gauge>) => {
    gauge.reset();
    gauge.remove({});
    return gauge;
  };
  const made = new Map(Object.entries(METRICS).map(([name, metric]) => [name, make(name, metric)]));
  return {
    add(name, labels, by = 1) {
      const metric = made.get(name);
      if (!(metric instanceof Counter)) throw new Bug(`"${name}" is no counter`);
      metric.inc(labels, by);
    },
    observe(name, labels, value) {
      const metric = made.get(name);
      if (!(metric instanceof Histogram)) throw new Bug(`"${name}" is no histogram`);
      metric.observe(labels, value);
    },
    set(name, samples) {
      const metric = made.get(name);
      if (metric === undefined || metric instanceof Histogram) throw new Bug(`"${name}" cannot be set`);
      if (metric instanceof Gauge) {
        empty(metric);
        for (const { labels = {}, value } of samples) metric.set(labels, value);
      } else {
        metric.reset();
        for (const { labels = {}, value } of samples) metric.inc(labels, value);
      }
    },
    async page() {
      // prom-client writes "Nan" where nothing was measured yet; the format knows "NaN".
      return { contentType: registry.contentType, text: (await registry.metrics()).replaceAll(/ Nan$/gm, " NaN") };
    },
  };
}
