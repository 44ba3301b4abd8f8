/**
 * From what the store and the loops say to series. Pure.
 */
import type { FamilyId } from "../../protocols/core/device.ts";
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { Counted } from "../../store/figures.ts";
import type { Sample } from "./prometheus.ts";

const SECONDS = 1_000;
export const seconds = (lengthMs: Ms): number => lengthMs / SECONDS;

/** Grouped counts as series. Every combination of `always` is there, with 0 where nothing counts: an alert needs a series to look at. */
export function seriesOf<K extends string>(
  counted: readonly Counted<K>[],
  always: { readonly [key in K]?: readonly string[] } = {},
): readonly Sample[] {
  const keys = Object.keys(always) as K[];
  const zeros = keys.length === 0 ? [] : combinations(keys, always);
  const isThere = (labels: Readonly<Record<string, string>>): boolean =>
    counted.some(({ by }) => keys.every((key) => by[key] === labels[key]));
  return [
    ...counted.map(({ by, count }) => ({ labels: by, value: count })),
    ...zeros.filter((labels) => !isThere(labels)).map((labels) => ({ labels, value: 0 })),
  ];
}

function combinations<K extends string>(keys: readonly K[], values: { readonly [key in K]?: readonly string[] }): Record<string, string>[] {
  return keys.reduce<Record<string, string>[]>(
    (made, key) => made.flatMap((labels) => (values[key] ?? []).map((value) => ({ ...labels, [key]: value }))),
    [{}],
  );
}

export interface DeviceStanding {
  readonly id: DeviceId;
  readonly family?: FamilyId;
  readonly availability: string;
  readonly lastSeenMs: Ms;
}

/** One series per device of the first so many; the rest is told as a number. */
export function deviceSeries(devices: readonly DeviceStanding[], total: number) {
  const of = (value: (device: DeviceStanding) => number): readonly Sample[] =>
    devices.map((device) => ({ labels: { device: device.id, family: device.family ?? "unknown" }, value: value(device) }));
  return {
    up: of(({ availability }) => (availability === "online" ? 1 : 0)),
    lastSeen: of(({ lastSeenMs }) => seconds(lastSeenMs)),
    omitted: [{ value: total - devices.length }],
  };
}
