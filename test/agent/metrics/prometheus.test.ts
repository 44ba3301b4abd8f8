import { expect, test } from "vitest";
import { METRICS, type MetricName } from "../../../agent/metrics/catalogue.ts";
import { NO_METER, openExposition } from "../../../agent/metrics/prometheus.ts";
import { readExposition } from "../../support/exposition.ts";

async function pageOf(exposition: Awaited<ReturnType<typeof openExposition>>) {
  const { text, contentType } = await exposition.page();
  return { contentType, metrics: new Map(readExposition(text).map((metric) => [metric.name, metric])) };
}

test("openExposition(): every metric is there with its help and type before anything was set, those of the process too", async () => {
  const { metrics, contentType } = await pageOf(await openExposition());
  expect(contentType).toBe("text/plain; version=0.0.4; charset=utf-8");
  for (const [name, { kind, help }] of Object.entries(METRICS)) expect(metrics.get(name)).toMatchObject({ type: kind, help });
  for (const name of ["process_resident_memory_bytes", "process_cpu_seconds_total", "nodejs_eventloop_lag_p99_seconds"]) {
    expect(metrics.get(name)?.samples.length).toBeGreaterThan(0);
  }
});

test("set(): takes the place of what was there, series of before are gone", async () => {
  const exposition = await openExposition();
  const set = (availability: string) => exposition.set("groundswell_devices", [{ labels: { family: "uc-phone", availability }, value: 3 }]);
  set("online");
  set("offline");
  expect((await pageOf(exposition)).metrics.get("groundswell_devices")?.samples).toEqual([
    { name: "groundswell_devices", labels: { family: "uc-phone", availability: "offline" }, value: 3 },
  ]);
});

test("set(): what was not set, or is not known any more, is absent and not 0", async () => {
  const exposition = await openExposition();
  const samples = async () => (await pageOf(exposition)).metrics.get("groundswell_feed_up")?.samples.length;
  expect(await samples()).toBe(0);
  exposition.set("groundswell_feed_up", [{ value: 1 }]);
  expect(await samples()).toBe(1);
  exposition.set("groundswell_feed_up", []);
  expect(await samples()).toBe(0);
});

test("set(): a counter that something else counts does not add up", async () => {
  const exposition = await openExposition();
  for (const value of [1, 2, 2]) exposition.set("groundswell_thread_restarts_total", [{ labels: { thread: "field" }, value }]);
  expect((await pageOf(exposition)).metrics.get("groundswell_thread_restarts_total")?.samples[0]?.value).toBe(2);
});

test("add(), observe(): counted by label", async () => {
  const exposition = await openExposition();
  exposition.add("groundswell_polls_total", { family: "group", outcome: "answered" });
  exposition.add("groundswell_polls_total", { family: "group", outcome: "answered" }, 2);
  exposition.observe("groundswell_poll_duration_seconds", { family: "group" }, 0.3);
  const { metrics } = await pageOf(exposition);
  expect(metrics.get("groundswell_polls_total")?.samples[0]?.value).toBe(3);
  const buckets = metrics.get("groundswell_poll_duration_seconds")?.samples ?? [];
  expect(buckets.find(({ labels }) => labels["le"] === "0.25")?.value).toBe(0);
  expect(buckets.find(({ labels }) => labels["le"] === "0.5")?.value).toBe(1);
});

test("a text from outside in a label ends no line and opens no series", async () => {
  const exposition = await openExposition();
  exposition.set("groundswell_device_up", [{ labels: { device: 'a"} 1\nevil{x="', family: "uc-phone" }, value: 1 }]);
  const { metrics } = await pageOf(exposition);
  expect(metrics.get("groundswell_device_up")?.samples[0]?.labels["device"]).toBe('a"} 1\nevil{x="');
});

test("set(), add(), observe(): a name of another kind is our mistake", async () => {
  const exposition = await openExposition();
  expect(() => exposition.add("groundswell_devices", {})).toThrow("no counter");
  expect(() => exposition.observe("groundswell_devices", {}, 1)).toThrow("no histogram");
  expect(() => exposition.set("groundswell_poll_duration_seconds", [])).toThrow("cannot be set");
});

test("NO_METER: where nobody may ask, nothing is kept", () => {
  expect(NO_METER.add("groundswell_polls_total", {})).toBeUndefined();
  expect(NO_METER.observe("groundswell_poll_duration_seconds", {}, 1)).toBeUndefined();
});

test.each(Object.entries(METRICS) as [MetricName, (typeof METRICS)[MetricName]][])("%s: named as the field names it", (name, metric) => {
  expect(name).toMatch(/^groundswell_[a-z]+(_[a-z]+)*$/);
  expect(name.endsWith("_total")).toBe(metric.kind === "counter");
  expect(name).not.toMatch(/_(ms|millis|milliseconds|minutes|hours|kb|mb|percent|count|sum|bucket)(_|$)/);
  if (metric.kind === "histogram") expect(name).toMatch(/_(seconds|bytes)$/);
  expect(metric.help).toMatch(/^[A-Z0-9].*\.$/);
  for (const label of metric.labels ?? []) expect(label).toMatch(/^[a-z]+$/);
});
