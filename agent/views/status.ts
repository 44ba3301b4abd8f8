/**
 * How the agent and its site stand, in one answer. Pure over the rows and what the loops say of themselves.
 */

import { isFinalCampaign } from "../../firmware/waves/campaign-state.ts";
import type { Calendar } from "../../firmware/waves/policy.ts";
import { isFinal } from "../../firmware/waves/task-state.ts";
import { CLOCK_BACK_MAX_MS } from "../../firmware/waves/time-holds.ts";
import { windowAt } from "../../firmware/waves/window.ts";
import { showFault } from "../../protocols/core/fault.ts";
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import type { MqttState } from "../../protocols/mqtt/link.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { SourceReading } from "../../store/offerings.ts";
import type { Store } from "../../store/store.ts";
import type { ClockHeld } from "../commands/clock-held.ts";
import type { Config } from "../config/schema.ts";
import type { DiscoveryProgress } from "../discovery/discover.ts";
import type { RecordState } from "../discovery/sources/records.ts";
import type { Releases } from "../firmware/releases.ts";
import { recordView } from "./records.ts";
import { sourceView } from "./sources.ts";

export interface StatusInput {
  readonly store: Store;
  readonly site: { readonly id: string; readonly name: string; readonly environment: string };
  readonly agentVersion: string;
  readonly upSinceMs: Ms;
  readonly nowMs: Ms;
  readonly clockFactor: number;
  readonly clockHeld: ClockHeld;
  readonly mqtt: MqttState | undefined;
  readonly rosterTrouble: string | undefined;
  readonly discovery: DiscoveryProgress | undefined;
  readonly records: readonly RecordState[];
  readonly releases: Releases;
  /** Of the sources beside the channel. */
  readonly sources: readonly SourceReading[];
  readonly calendar: Calendar | undefined;
  readonly provisioning: Pick<NonNullable<Config["provisioning"]>, "host" | "port" | "mode" | "upstream"> | undefined;
  /** See `BootServer.down`. */
  readonly bootServerDown: { readonly why: string; readonly sinceMs: Ms } | undefined;
}

export function statusOf(input: StatusInput) {
  const { store, nowMs } = input;
  const devices = store.devices.list();
  const conditions = store.conditions.listOpen();
  const oldest = store.outbox.oldestMs();
  const { mqtt } = input;
  return {
    schema: "groundswell.status/1" as const,
    site: input.site,
    agentVersion: input.agentVersion,
    upSince: isoOf(input.upSinceMs),
    now: isoOf(nowMs),
    clock: { factor: input.clockFactor, ...heldView(input.clockHeld), ...setBack(store, nowMs) },
    broker: {
      configured: mqtt !== undefined,
      connected: mqtt?.at === "online",
      ...(mqtt?.at === "waiting" ? { fault: showFault(mqtt.fault) } : {}),
    },
    commands: { trouble: input.rosterTrouble ?? null },
    outbox: { waiting: store.outbox.depth(), ...(oldest === undefined ? {} : { oldest: isoOf(oldest) }) },
    devices: {
      total: devices.length,
      ...countBy(devices, ({ availability }) => availability, ["online", "suspect", "offline", "unknown"]),
      byModel: byModel(devices),
    },
    conditions: {
      open: conditions.length,
      byKind: Object.entries(countBy(conditions, ({ kind }) => kind, [])).map(([kind, count]) => ({ kind, count })),
    },
    coverage: { ...store.coverage.count(), lists: store.entitlements.newest().length },
    tickets: { open: store.tickets.list({ state: "open" }).length, undelivered: store.tickets.undelivered().length },
    campaigns: openCampaigns(store),
    kills: store.kills.list().map(({ scope, by, reason, sinceMs }) => ({ scope, by, reason, since: isoOf(sinceMs) })),
    window: windowOf(input.calendar, nowMs),
    catalogue: catalogueOf(store, input.releases),
    sources: input.sources.map((reading) => sourceView(reading, store)),
    discovery: input.discovery ?? null,
    records: input.records.map(recordView),
    provisioning: provisioningOf(input),
  };
}

/** The latest time it has shown, where it shows an earlier one now: until then, or until it is accepted, nothing starts. */
function setBack({ marks }: Pick<Store, "marks">, nowMs: Ms): { readonly hasShown?: string } {
  const highestMs = marks.highestTime() ?? nowMs;
  return nowMs < highestMs - CLOCK_BACK_MAX_MS ? { hasShown: isoOf(highestMs) } : {};
}

/** Does a time server hold it? */
function heldView(held: ClockHeld) {
  return { held: held.is, ...(held.is === "yes" ? { answered: isoOf(held.answeredMs) } : { heldWhy: held.why }) };
}

function provisioningOf({ provisioning, bootServerDown: down }: StatusInput) {
  if (provisioning === undefined) return null;
  const { host, port, mode, upstream } = provisioning;
  const trouble = down === undefined ? {} : { down: { why: down.why, since: isoOf(down.sinceMs) } };
  return { host, port, mode, ...(upstream === undefined ? {} : { upstream: { url: upstream.url, ...trouble } }) };
}

function countBy<T>(items: readonly T[], nameOf: (item: T) => string, always: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = Object.fromEntries(always.map((name) => [name, 0]));
  for (const item of items) counts[nameOf(item)] = (counts[nameOf(item)] ?? 0) + 1;
  return counts;
}

function byModel(devices: readonly DeviceRow[]) {
  const models = new Map<string, Map<string, number>>();
  for (const { model = "unknown", running = "unknown" } of devices) {
    const versions = models.get(model) ?? new Map<string, number>();
    models.set(model, versions);
    versions.set(running, (versions.get(running) ?? 0) + 1);
  }
  return [...models]
    .map(([model, versions]) => ({
      model,
      count: [...versions.values()].reduce((sum, count) => sum + count, 0),
      versions: [...versions].map(([version, count]) => ({ version, count })).toSorted((a, b) => b.count - a.count),
    }))
    .toSorted((a, b) => b.count - a.count || a.model.localeCompare(b.model));
}

function openCampaigns(store: Store) {
  return store.campaigns
    .open()
    .filter(({ state }) => !isFinalCampaign(state))
    .map(({ id, state }) => {
      const tasks = store.tasks.ofCampaign(id);
      const why =
        state.at === "paused"
          ? state.cause.kind === "gate"
            ? `gate "${state.cause.gate}": ${state.cause.evidence}`
            : `paused by ${state.cause.by}`
          : undefined;
      return {
        campaign: id,
        state: state.at,
        release: store.campaigns.load(id)?.plan.release.id ?? "",
        planned: tasks.length,
        done: tasks.filter((task) => isFinal(task.state)).length,
        ...(why === undefined ? {} : { why }),
      };
    });
}

function windowOf(calendar: Calendar | undefined, nowMs: Ms) {
  if (calendar === undefined) return null;
  const state = windowAt(calendar, nowMs);
  return "openUntilMs" in state
    ? { open: true, until: isoOf(state.openUntilMs), zone: calendar.zone }
    : { open: false, opens: isoOf(state.opensAtMs), zone: calendar.zone };
}

function catalogueOf(store: Store, releases: Releases) {
  const catalogue = store.releases.catalogue();
  const last = releases.lastSync;
  if (catalogue === undefined && last === undefined) return null;
  return {
    version: catalogue?.version ?? 0,
    releases: store.releases.list().length,
    ...(catalogue === undefined ? {} : { expires: isoOf(catalogue.expiresAtMs) }),
    ...(last === undefined ? {} : { lastSync: isoOf(last.atMs) }),
    ...(last?.fault === undefined ? {} : { fault: `${last.fault.name}: ${showFault(last.fault)}` }),
  };
}
