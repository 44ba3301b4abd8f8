/**
 * Sightings become the inventory: who it is, which source is believed, what changed. One transaction per sighting.
 */
import type { DeviceRead, Evidence, FamilyId, ManagedBy, Sighting } from "../../protocols/core/device.ts";
import { type DeviceId, type Mac, parseMac, showMac } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { Version } from "../../protocols/core/version.ts";
import { familyOf } from "../../protocols/families/index.ts";
import type { Conflict } from "../../store/conflicts.ts";
import type { DeviceRow, Devices } from "../../store/devices.ts";
import type { Places } from "../../store/places.ts";
import { believe, FACT_FIELDS, type Fact, type FactField, factsOf, identify, rankOf } from "./identify.ts";
import { decideBy, type Policy, returned, standingOf as standingWord } from "./inbox.ts";
import { knownIn } from "./known.ts";
import { type QuarrelStore, settleQuarrels } from "./quarrels.ts";
import { splitTarget } from "./splits.ts";

export interface InventoryStore extends QuarrelStore {
  transaction<T>(work: () => T): T;
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
  /** The site's rules for new devices; without it, `adopt` decides on all. */
  readonly policy?: Policy;
  /** Runs inside the transaction, so that the feed says exactly what the inventory holds. */
  announce(what: "found" | "changed", row: DeviceRow, changes: readonly Change[]): void;
  /** It was not open before. */
  onConflict(conflict: Conflict, sighting: Sighting): void;
}

export interface Inventory {
  /** Takes one sighting in. @returns the device it belongs to, or `undefined` when it names nobody */
  note(sighting: Sighting): DeviceId | undefined;
  /** Takes a whole read of a device in, its coupled parts included; one that its manager answered has no address. */
  noteRead(read: DeviceRead, at: { readonly address?: string; readonly atMs: Ms }): DeviceId | undefined;
}

/** For who decides on identities. */
export interface KeptInventory extends Inventory {
  /** These sightings are this device's, which is made where it is missing: its row follows from all its facts anew. */
  retell(id: DeviceId, sightings: readonly Sighting[]): void;
}

export function createInventory(io: InventoryIo): KeptInventory {
  const { devices, sightings, places, decisions } = io.store;
  const known = knownIn(io.store);
  const policy: Policy = io.policy ?? (() => (io.adopt === "all" ? "adopt" : "ask"));

  const note = (sighting: Sighting): DeviceId | undefined =>
    io.store.transaction(() => {
      const identity = identify(sighting, known);
      if (identity.kind === "nobody") return undefined;
      // Two that claim one serial are two until a person decides: each is known by its MAC, and the quarrel is listed.
      const stated = identity.kind === "conflict" ? identity.between[0] : identity.id;
      if (stated === undefined) return undefined;
      const id = decisions.resolve(stated);
      // Mid-campaign it keeps its old name, and is taken in at a later sighting.
      if (identity.kind === "named" && id !== identity.was && !devices.rename(identity.was, id) && devices.load(id) === undefined) {
        return undefined;
      }
      const whose = splitTarget(id, sighting, decisions.splitsOf(id));
      take(whose, sighting);
      for (const conflict of settleQuarrels(whose, io.store, { nowMs: sighting.atMs, ended: "gone" })) io.onConflict(conflict, sighting);
      return whose;
    });

  const take = (id: DeviceId, sighting: Sighting): void => {
    const before = devices.load(id);
    const row = before ?? emptyRow(id, sighting.atMs);
    if (before === undefined) devices.save(row); // facts and sightings refer to it
    for (const fact of factsOf(sighting)) devices.putFact(asRow(id, fact, sighting.evidence));
    sightings.add(id, sighting);
    const after = withoutOthersMac(withFacts(row, believeRows(devices, id), sighting), devices);
    const placed = { ...after, name: places.ofDevice(id)?.name ?? after.name };
    const named = decideBy(policy(placed), returned(placed, sighting), sighting.atMs);
    const changes = before === undefined ? [] : changesBetween(before, named);
    devices.save(named);
    if (before === undefined) io.announce("found", named, []);
    else if (changes.length > 0) io.announce("changed", named, changes);
  };

  return {
    note,
    retell: (id, told) =>
      io.store.transaction(() => {
        const before = devices.load(id) ?? emptyRow(id, Math.min(...told.map(({ atMs }) => atMs)));
        devices.save(before); // facts refer to it
        for (const sighting of told) for (const fact of factsOf(sighting)) devices.putFact(asRow(id, fact, sighting.evidence));
        const heardMs = told.flatMap(({ heard, atMs }) => (heard === false ? [] : [atMs]));
        const atMs = Math.max(before.lastSeenMs, ...heardMs);
        const after = withFacts(bare(before), believeRows(devices, id), { source: "csv", atMs, facts: {}, evidence: [] });
        const own = withoutOthersMac(after, devices);
        devices.save({ ...own, name: places.ofDevice(id)?.name ?? own.name });
      }),
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

function emptyRow(id: DeviceId, atMs: Ms): DeviceRow {
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
    adopted: false,
  };
}

/** Without all that follows from facts. */
function bare(row: DeviceRow): DeviceRow {
  const { id, name, managedBy, availability, inUse, lines, parts, firstSeenMs, lastSeenMs, adopted } = row;
  const { ignoredAtMs, decidedBy, retiredAtMs } = row;
  const standing = Object.entries({ ignoredAtMs, decidedBy, retiredAtMs }).filter(([, value]) => value !== undefined);
  const plain = { id, name, managedBy, availability, inUse, lines, parts, firstSeenMs, lastSeenMs, adopted };
  return { ...plain, ...(Object.fromEntries(standing) as Partial<DeviceRow>) };
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
    switchPort: portOf(believed.get("switchPort"), row.switchPort, sighting.port),
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

/** The believed port; whether power is on it is known of the port just seen, or as it was. */
function portOf(fact: Fact | undefined, before: DeviceRow["switchPort"], seen: Sighting["port"]): Sighting["port"] {
  const [switchAddress = "", ...words] = fact?.value.split(" ") ?? [];
  const name = words.join(" ");
  const isIt = (port: Sighting["port"]): boolean => port?.switchAddress === switchAddress && port.name === name;
  if (fact === undefined) return before;
  return isIt(seen) ? seen : isIt(before) ? before : { switchAddress, name };
}

/** Of two that a person split, one has the MAC: the other states it and is known by something else. */
function withoutOthersMac(row: DeviceRow, devices: Devices): DeviceRow {
  const { mac, ...rest } = row;
  const owner = mac === undefined ? undefined : devices.findByMac(mac);
  return owner === undefined || owner.id === row.id ? row : rest;
}

const WATCHED = ["mac", "serial", "family", "model", "partNumber", "name", "address", "running", "updater", "managedBy"] as const;

function changesBetween(before: DeviceRow, after: DeviceRow): Change[] {
  const standing =
    standingWord(before) === standingWord(after) ? [] : [{ field: "standing", was: standingWord(before), is: standingWord(after) }];
  const changed = WATCHED.filter((field) => before[field] !== after[field]).map((field) => ({
    field,
    ...(before[field] === undefined ? {} : { was: before[field] }),
    ...(after[field] === undefined ? {} : { is: after[field] }),
  }));
  return [...changed, ...standing];
}
