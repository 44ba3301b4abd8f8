/**
 * Devices as people and scripts see them. Pure over the rows.
 */
import { type DeviceId, deviceIdOf, parseDeviceId, parseMac } from "../../protocols/core/ids.ts";
import type { Reading } from "../../protocols/core/reading.ts";
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import type { CoverageRow, CoverageState } from "../../store/coverage.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { ConditionRow } from "../../store/incidents.ts";
import type { PlaceRow } from "../../store/places.ts";
import type { Store } from "../../store/store.ts";
import { type CoverageView, viewCoverage } from "../coverage/view.ts";
import { type Standing, standingOf } from "../discovery/inbox.ts";
import { type HealthState, stateOf } from "../health/judge-state.ts";
import { type UpdateView, updatesOf } from "./updates.ts";

type Tables = Pick<Store, "devices" | "places" | "conditions" | "sightings" | "history" | "coverage" | "taskWindows">;

export interface DeviceView {
  readonly id: string;
  readonly mac?: string;
  readonly serial?: string;
  readonly family?: string;
  readonly model?: string;
  readonly partNumber?: string;
  readonly name: string;
  readonly address?: string;
  readonly running?: string;
  readonly updater?: string;
  readonly availability: string;
  /** How it stands, in one word: `ok`, `warning`, `error`, `unknown`. */
  readonly health: HealthState;
  readonly inUse: { readonly state: string; readonly reason?: string };
  readonly registered: number;
  readonly lines: number;
  readonly managedBy: string;
  readonly room?: string;
  readonly floor?: string;
  readonly switchPort?: string;
  readonly conditions: readonly string[];
  /** Absent for what needs no contract, and for what was not judged yet. */
  readonly coverage?: CoverageView;
  readonly adopted: boolean;
  /** `waiting` and `ignored` are not in our care, `retired` is not asked until it is seen again. */
  readonly standing: Standing;
  readonly lastSeen: string;
}

/** What stands beside a device's own row. */
interface Beside {
  readonly place: PlaceRow | undefined;
  readonly conditions: readonly ConditionRow[];
  readonly coverage?: CoverageRow | undefined;
}

export function viewDevice(row: DeviceRow, { place, conditions, coverage }: Beside): DeviceView {
  const { id, mac, serial, family, model, partNumber, name, address, running, updater, availability, inUse, managedBy, adopted } = row;
  const known = { mac, serial, family, model, partNumber, address, running, updater, room: place?.room, floor: place?.floor };
  return {
    id,
    name,
    ...(Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)) as Partial<DeviceView>),
    availability,
    health: stateOf(availability, conditions),
    inUse,
    registered: row.lines.filter((line) => line.registered).length,
    lines: row.lines.length,
    managedBy,
    ...(row.switchPort === undefined ? {} : { switchPort: `${row.switchPort.switchAddress} ${row.switchPort.name}` }),
    conditions: conditions.map(({ kind }) => kind),
    ...(coverage === undefined ? {} : { coverage: viewCoverage(coverage) }),
    adopted,
    standing: standingOf(row),
    lastSeen: isoOf(row.lastSeenMs),
  };
}

export interface DeviceQuery {
  readonly model?: string | undefined;
  readonly family?: string | undefined;
  readonly availability?: string | undefined;
  /** Words that must all appear in name, model, address, MAC, serial, room or version; `coverage=none` asks for a state of contract. */
  readonly where?: string | undefined;
}

export function listDevices(query: DeviceQuery, tables: Tables): { schema: "groundswell.devices/1"; devices: DeviceView[] } {
  const conditions = openByDevice(tables);
  const coverage = tables.coverage.all();
  const all = wordsOf(query.where);
  const words = all.filter((word) => !word.startsWith(COVERAGE));
  const states = all.filter((word) => word.startsWith(COVERAGE)).map((word) => COVERAGE_WORDS[word.slice(COVERAGE.length)]);
  const same = (wanted: string | undefined, found: string | undefined): boolean =>
    wanted === undefined || found?.toLowerCase() === wanted.toLowerCase();
  const devices = tables.devices
    .list()
    .filter((row) => same(query.model, row.model) && same(query.family, row.family) && same(query.availability, row.availability))
    .map((row) => {
      const place = tables.places.ofDevice(row.id);
      return viewDevice(row, { place, conditions: conditions.get(row.id) ?? [], coverage: coverage.get(row.id) });
    })
    .filter((view) => states.every((state) => state !== undefined && view.coverage?.state === state))
    .filter((view) => {
      const text = [view.name, view.model, view.address, view.mac, view.serial, view.room, view.running, view.id, ...view.conditions]
        .join(" ")
        .toLowerCase();
      return words.every((word) => text.includes(word));
    });
  return { schema: "groundswell.devices/1", devices };
}

const COVERAGE = "coverage=";
/** Every spelling a person may use of a state of contract. */
const COVERAGE_WORDS: Readonly<Record<string, CoverageState>> = {
  covered: "covered",
  expiring: "expiring",
  lapsed: "lapsed",
  none: "notCovered",
  notcovered: "notCovered",
  "not-covered": "notCovered",
  unknown: "unknown",
};

function wordsOf(where: string | undefined): readonly string[] {
  return (where ?? "")
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
}

/** What is wrong with a filter, in words; `undefined` where nothing is. */
export function whereTrouble(where: string | undefined): string | undefined {
  const wrong = wordsOf(where).find((word) => word.startsWith(COVERAGE) && !Object.hasOwn(COVERAGE_WORDS, word.slice(COVERAGE.length)));
  return wrong === undefined ? undefined : `"${wrong}" is no filter: expected coverage=none, covered, expiring, lapsed or unknown`;
}

function openByDevice(tables: Tables): ReadonlyMap<string, ConditionRow[]> {
  const byDevice = new Map<string, ConditionRow[]>();
  for (const condition of tables.conditions.listOpen()) {
    if (condition.deviceId === undefined) continue;
    const list = byDevice.get(condition.deviceId) ?? [];
    byDevice.set(condition.deviceId, list);
    list.push(condition);
  }
  return byDevice;
}

/** A device by id, MAC in any spelling, name or address; names that fit several are nobody's. */
export function findDevice(text: string, tables: Pick<Store, "devices"> & Partial<Pick<Store, "decisions">>): DeviceRow | undefined {
  const { devices, decisions } = tables;
  /** A name that was merged away stands for the device it is part of. */
  const now = (id: DeviceId | undefined): DeviceRow | undefined =>
    id === undefined ? undefined : (devices.load(id) ?? (decisions === undefined ? undefined : devices.load(decisions.resolve(id))));
  const byId = now(parseDeviceId(text));
  if (byId !== undefined) return byId;
  const mac = parseMac(text);
  if (mac !== undefined) return devices.findByMac(mac) ?? now(deviceIdOf({ mac }));
  const wanted = text.trim().toLowerCase();
  const found = devices
    .list()
    .filter((row) => row.name.toLowerCase() === wanted || row.address === text || row.serial?.toLowerCase() === wanted);
  return found.length === 1 ? found[0] : undefined;
}

const SIGHTINGS_SHOWN = 20;
const CONDITIONS_SHOWN = 20;

export interface DeviceDetail {
  readonly schema: "groundswell.device/1";
  readonly device: DeviceView & { readonly parts: DeviceRow["parts"]; readonly lineList: DeviceRow["lines"] };
  readonly place?: PlaceRow;
  readonly facts: readonly {
    readonly field: string;
    readonly value: string;
    readonly source: string;
    readonly at: string;
    readonly evidence: string;
  }[];
  readonly reading?: { readonly at: string; readonly values: Reading };
  readonly conditions: readonly {
    readonly kind: string;
    readonly severity: string;
    readonly since: string;
    readonly until?: string;
    readonly evidence: string;
  }[];
  /** What campaigns did to it, newest first, and what it was like before and after. */
  readonly updates: readonly UpdateView[];
  readonly sightings: readonly { readonly source: string; readonly at: string; readonly address?: string; readonly what: string }[];
}

export function showDevice(row: DeviceRow, tables: Tables): DeviceDetail {
  const place = tables.places.ofDevice(row.id);
  const conditions = tables.conditions.ofDevice(row.id, CONDITIONS_SHOWN);
  const latest = tables.history.latest(row.id);
  const words = (evidence: readonly { readonly via: string; readonly what: string }[]): string =>
    evidence.map(({ via, what }) => `${via}: ${what}`).join("; ");
  const at = (atMs: Ms): string => isoOf(atMs);
  return {
    schema: "groundswell.device/1",
    device: {
      ...viewDevice(row, {
        place,
        conditions: conditions.filter(({ untilMs }) => untilMs === undefined),
        coverage: tables.coverage.load(row.id),
      }),
      parts: row.parts,
      lineList: row.lines,
    },
    ...(place === undefined ? {} : { place }),
    facts: tables.devices
      .facts(row.id)
      .map((fact) => ({ field: fact.field, value: fact.value, source: fact.source, at: at(fact.atMs), evidence: words(fact.evidence) })),
    ...(latest === undefined ? {} : { reading: { at: at(latest.atMs), values: latest.reading } }),
    conditions: conditions.map((one) => ({
      kind: one.kind,
      severity: one.severity,
      since: at(one.sinceMs),
      evidence: words(one.evidence),
      ...(one.untilMs === undefined ? {} : { until: at(one.untilMs) }),
    })),
    updates: updatesOf(row.id, tables),
    sightings: tables.sightings.recent(row.id, SIGHTINGS_SHOWN).map((one) => ({
      source: one.source,
      at: at(one.atMs),
      what: words(one.evidence),
      ...(one.address === undefined ? {} : { address: one.address }),
    })),
  };
}
