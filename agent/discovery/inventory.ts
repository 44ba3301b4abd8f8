/**
 * Sightings become the inventory: who it is, which source is believed, what changed. One transaction per sighting.
 */
import type { DeviceRead, Evidence, FamilyId, ManagedBy, Sighting } from "../../protocols/core/device.ts";
import { type DeviceId, type Mac, parseMac, showMac } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { Version } from "../../protocols/core/version.ts";
import { familyOf } from "../../protocols/families/index.ts";
import type { DeviceRow, Devices } from "../../store/devices.ts";
import type { Places } from "../../store/places.ts";
import type { Sightings } from "../../store/sightings.ts";
import { believe, FACT_FIELDS, type Fact, type FactField, factsOf, type Identity, identify, type Known, rankOf } from "./identify.ts";

export interface InventoryStore {
  transaction<T>(work: () => T): T;
  readonly devices: Devices;
  readonly sightings: Sightings;
  readonly places: Places;
}

/** A field of a device that reads differently now; an absent side is unknown. */
export interface Change {
  readonly field: string;
  readonly was?: string;
  readonly is?: string;
}

export interface InventoryIo {
  readonly store: InventoryStore;
  /** Devices found are in our care at once (`all`), or wait for a person (`ask`). */
  readonly adopt: "all" | "ask";
  /** Runs inside the transaction, so that the feed says exactly what the inventory holds. */
  announce(what: "found" | "changed", row: DeviceRow, changes: readonly Change[]): void;
  onConflict(conflict: Identity & { kind: "conflict" }, sighting: Sighting): void;
}

export interface Inventory {
  /** Takes one sighting in. @returns the device it belongs to, or `undefined` when it names nobody or is in conflict */
  note(sighting: Sighting): DeviceId | undefined;
  /** Takes a whole read of a device in, its coupled parts included; one that its manager answered has no address. */
  noteRead(read: DeviceRead, at: { readonly address?: string; readonly atMs: Ms }): DeviceId | undefined;
}

export function createInventory(io: InventoryIo): Inventory {
  const known = knownIn(io.store.devices);

  const note = (sighting: Sighting): DeviceId | undefined =>
    io.store.transaction(() => {
      const identity = identify(sighting, known);
      switch (identity.kind) {
        case "nobody":
          return undefined;
        case "conflict":
          io.onConflict(identity, sighting);
          return undefined;
        case "named":
          // Mid-campaign it keeps its old name, and is taken in at a later sighting.
          if (!io.store.devices.rename(identity.was, identity.id) && io.store.devices.load(identity.id) === undefined) return undefined;
          break;
        case "new":
        case "known":
      }
      take(identity.id, sighting);
      return identity.id;
    });

  const take = (id: DeviceId, sighting: Sighting): void => {
    const { devices, sightings, places } = io.store;
    const before = devices.load(id);
    const row = before ?? emptyRow(id, sighting.atMs, io.adopt === "all");
    if (before === undefined) devices.save(row); // facts and sightings refer to it
    for (const fact of factsOf(sighting)) devices.putFact(asRow(id, fact, sighting.evidence));
    sightings.add(id, sighting);
    const after = withFacts(row, believeRows(devices, id), sighting);
    const named = { ...after, name: places.ofDevice(id)?.name ?? after.name };
    const changes = before === undefined ? [] : changesBetween(before, named);
    devices.save(named);
    if (before === undefined) io.announce("found", named, []);
    else if (changes.length > 0) io.announce("changed", named, changes);
  };

  return {
    note,
    noteRead(read, { address, atMs }) {
      // What a manager says of a device is the manager's word, and ranks as such.
      const byManager = read.facts.family !== undefined && familyOf(read.facts.family)?.addressless === true;
      const source = byManager ? "lens" : "device";
      const said = { source, atMs, ...(read.presence === "unknown" ? { heard: false } : {}) } as const;
      const where = byManager || address === undefined ? {} : { address };
      const id = note({ ...said, ...where, facts: read.facts, evidence: read.evidence });
      if (id === undefined) return undefined;
      const row = io.store.devices.load(id);
      // Once its own doors tell more, the manager's view of its use is no longer the better one.
      if (byManager && row?.family !== read.facts.family) return id;
      if (row !== undefined) io.store.devices.save({ ...row, inUse: read.inUse, lines: read.lines, parts: read.parts });
      for (const part of read.parts) {
        if (part.mac === undefined) continue;
        const partId = note({
          ...said,
          facts: {
            vendor: "Poly",
            model: part.model,
            mac: part.mac,
            ...(read.facts.family === undefined ? {} : { family: read.facts.family }),
            ...(part.serial === undefined ? {} : { serial: part.serial }),
            ...(part.version === undefined ? {} : { running: { application: part.version } }),
          },
          evidence: [{ via: byManager ? "lens" : "https", what: `paired with ${row?.name ?? id}`, atMs }],
        });
        const known = partId === undefined ? undefined : io.store.devices.load(partId);
        // A panel answers only to its codec: what the codec says of the pairing is all there is to know.
        if (known !== undefined && !byManager)
          io.store.devices.save({ ...known, availability: part.connected ? "online" : "offline", inUse: read.inUse });
      }
      return id;
    },
  };
}

function knownIn(devices: Devices): Known {
  return {
    byMac: (mac) => devices.findByMac(mac)?.id,
    bySerial: (serial) => devices.findBySerial(serial)[0]?.id,
    byAddress(address) {
      const newest = devices.list({ address }).toSorted((a, b) => b.lastSeenMs - a.lastSeenMs)[0];
      if (newest === undefined) return undefined;
      return { id: newest.id, atMs: newest.lastSeenMs, ...(newest.mac === undefined ? {} : { mac: newest.mac }) };
    },
  };
}

function emptyRow(id: DeviceId, atMs: Ms, adopted: boolean): DeviceRow {
  const mac = parseMac(id.slice(2));
  return {
    id,
    ...(mac === undefined ? {} : { mac }), // its place is found by it
    name: id.slice(2),
    managedBy: "unknown",
    availability: "unknown",
    inUse: { state: "unknown", reason: "not asked yet" },
    lines: [],
    parts: [],
    firstSeenMs: atMs,
    lastSeenMs: atMs,
    adopted,
  };
}

function asRow(device: DeviceId, fact: Fact, evidence: readonly Evidence[]) {
  return { device, field: fact.field, source: fact.source, value: fact.value, rank: rankOf(fact.source), atMs: fact.atMs, evidence };
}

function believeRows(devices: Devices, id: DeviceId): ReadonlyMap<FactField, Fact> {
  const isField = (field: string): field is FactField => (FACT_FIELDS as readonly string[]).includes(field);
  return believe(
    devices
      .facts(id)
      .flatMap((row) =>
        isField(row.field) ? [{ field: row.field, value: row.value, source: row.source, atMs: row.atMs, evidence: "" }] : [],
      ),
  );
}

/** The row as the believed facts make it. Casts: each value went through its own parser before it became a fact. */
function withFacts(row: DeviceRow, believed: ReadonlyMap<FactField, Fact>, sighting: Sighting): DeviceRow {
  const value = (field: FactField): string | undefined => believed.get(field)?.value;
  // The MAC that names the device: a guess from its serial, said by a better source, must not take its place.
  const mac: Mac | undefined = parseMac(row.id.slice(2)) ?? parseMac(value("mac") ?? "");
  const model = value("model");
  const fields = {
    mac,
    model,
    serial: value("serial"),
    vendor: value("vendor"),
    family: value("family") as FamilyId | undefined,
    partNumber: value("partNumber"),
    revision: value("revision"),
    address: value("address"),
    running: value("running") as Version | undefined,
    updater: value("updater") as Version | undefined,
    switchPort: portOf(believed.get("switchPort"), sighting) ?? row.switchPort,
  };
  const stated = Object.fromEntries(Object.entries(fields).filter(([, entry]) => entry !== undefined));
  const fallback = mac === undefined ? row.id.slice(2) : `${model ?? "device"} ${showMac(mac).slice(-8)}`;
  return {
    ...row,
    ...stated,
    managedBy: (value("managedBy") as ManagedBy | undefined) ?? row.managedBy,
    name: value("name") ?? fallback,
    lastSeenMs: sighting.heard === false ? row.lastSeenMs : Math.max(row.lastSeenMs, sighting.atMs),
  };
}

/** The sighting's port, where it is the believed one: an older word may come late. */
function portOf(fact: Fact | undefined, { port, source, atMs }: Sighting): Sighting["port"] {
  return fact?.source === source && fact.atMs === atMs ? port : undefined;
}

const WATCHED = ["mac", "serial", "family", "model", "partNumber", "name", "address", "running", "updater", "managedBy"] as const;

function changesBetween(before: DeviceRow, after: DeviceRow): Change[] {
  return WATCHED.filter((field) => before[field] !== after[field]).map((field) => ({
    field,
    ...(before[field] === undefined ? {} : { was: before[field] }),
    ...(after[field] === undefined ? {} : { is: after[field] }),
  }));
}
