/**
 * Conflicts, decisions, places and the inbox as people and scripts see them. Pure over the rows.
 */
import { isoOf } from "../../protocols/core/time.ts";
import type { ConflictRow } from "../../store/conflicts.ts";
import type { Decision } from "../../store/decisions.ts";
import type { DeviceRow } from "../../store/devices.ts";
import type { PlaceRow } from "../../store/places.ts";
import type { Store } from "../../store/store.ts";
import { conflictWords } from "../discovery/contradictions.ts";
import { type Judgement, standingOf } from "../discovery/inbox.ts";

/** Rows one answer shows; a site with more has another trouble. */
const SHOWN_MAX = 1_000;
/** Sightings an explanation shows. */
const SIGHTINGS_SHOWN = 10;

export function listConflicts(all: boolean, { conflicts, devices }: Pick<Store, "conflicts" | "devices">) {
  return {
    schema: "groundswell.conflicts/1",
    conflicts: conflicts.list(all ? "all" : "open", SHOWN_MAX).map((row) => viewConflict(row, devices)),
  };
}

function viewConflict({ id, kind, value, sides, sinceMs, seenMs, untilMs, ended }: ConflictRow, devices: Store["devices"]) {
  return {
    conflict: id,
    kind,
    value,
    what: conflictWords({ kind, value, sides }),
    since: isoOf(sinceMs),
    seen: isoOf(seenMs),
    ...(untilMs === undefined ? {} : { until: isoOf(untilMs), ended }),
    sides: sides.map(({ device, claims, source, atMs, evidence }) => ({
      device,
      name: devices.load(device)?.name ?? device,
      claims,
      source,
      at: isoOf(atMs),
      evidence,
    })),
  };
}

export function listDecisions(all: boolean, { decisions }: Pick<Store, "decisions">) {
  return { schema: "groundswell.decisions/1", decisions: decisions.list(all ? "all" : "open", SHOWN_MAX).map(viewDecision) };
}

function viewDecision({ id, kind, keeps, other, by, atMs, actor, undoneAtMs }: Decision) {
  return {
    decision: id,
    kind,
    keeps,
    other,
    at: isoOf(atMs),
    actor,
    ...(by === undefined ? {} : { by }),
    ...(undoneAtMs === undefined ? {} : { undone: isoOf(undoneAtMs) }),
  };
}

type PlaceTables = Pick<Store, "places" | "devices">;

export function listPlaces({ places, devices }: PlaceTables) {
  return { schema: "groundswell.places/1", places: places.all().map((place) => viewPlace(place, devices)) };
}

function viewPlace({ id, mac, ...place }: PlaceRow, devices: Store["devices"]) {
  const row = mac === undefined ? undefined : devices.findByMac(mac);
  return {
    place: id,
    ...place,
    ...(mac === undefined ? {} : { mac }),
    ...(row === undefined ? {} : { device: row.id, model: row.model, availability: row.availability, standing: standingOf(row) }),
  };
}

/** With all hardware that ever served there: its history is the place's. */
export function showPlace(place: PlaceRow, { places, devices }: PlaceTables) {
  return {
    schema: "groundswell.place/1",
    place: viewPlace(place, devices),
    served: places.tenures({ place: place.id }).map(({ mac, fromMs, untilMs, why }) => {
      const row = devices.findByMac(mac);
      return {
        mac,
        ...(row === undefined ? {} : { device: row.id, model: row.model, serial: row.serial }),
        from: isoOf(fromMs),
        ...(untilMs === undefined ? {} : { until: isoOf(untilMs) }),
        why,
      };
    }),
  };
}

export interface InboxIo {
  readonly store: Pick<Store, "devices" | "places" | "sightings" | "conflicts">;
  readonly judge: (row: DeviceRow) => Judgement;
  /** `covered`, `notCovered` …; absent where nobody knows. */
  readonly coverageOf?: ((id: string) => string | undefined) | undefined;
}

export type InboxWhich = "waiting" | "ignored" | "all";

export function listInbox(which: InboxWhich, io: InboxIo) {
  const { devices } = io.store;
  const waiting = which === "ignored" ? [] : devices.list({ adopted: false, ignored: false, retired: false });
  const ignored = which === "waiting" ? [] : devices.list({ ignored: true });
  return { schema: "groundswell.inbox/1", devices: [...waiting, ...ignored].map((row) => viewNew(row, io)) };
}

function viewNew(row: DeviceRow, { store, judge, coverageOf }: InboxIo) {
  const { id, name, model, mac, serial, family, address, decidedBy } = row;
  const known = { model, mac, serial, family, address, room: store.places.ofDevice(id)?.room, coverage: coverageOf?.(id), decidedBy };
  const sources = [...new Set(store.devices.facts(id).map(({ source }) => source))];
  return {
    device: id,
    name,
    standing: standingOf(row),
    ...Object.fromEntries(Object.entries(known).filter(([, value]) => value !== undefined)),
    why: decidedBy === "person" ? "a person decided" : judge(row).why,
    sources,
    conflicts: store.conflicts.ofDevice(id).length,
    firstSeen: isoOf(row.firstSeenMs),
    lastSeen: isoOf(row.lastSeenMs),
  };
}

/** Why it is where it is: the rule, and what speaks for the device being what it seems. */
export function explainNew(row: DeviceRow, io: InboxIo) {
  const words = (evidence: readonly { readonly via: string; readonly what: string }[]): string =>
    evidence.map(({ via, what }) => `${via}: ${what}`).join("; ");
  return {
    schema: "groundswell.inbox-explained/1",
    device: viewNew(row, io),
    judgement: io.judge(row),
    evidence: io.store.sightings.recent(row.id, SIGHTINGS_SHOWN).map(({ source, atMs, address, evidence }) => ({
      source,
      at: isoOf(atMs),
      ...(address === undefined ? {} : { address }),
      what: words(evidence),
    })),
    conflicts: io.store.conflicts.ofDevice(row.id).map(conflictWords),
  };
}
