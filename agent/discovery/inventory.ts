/**
 * Sightings become the inventory: who it is, which source is believed, what changed. One transaction per sighting.
 */
import type { DeviceRead, Evidence, FamilyId, ManagedBy, Sighting } from "../../protocols/core/device.ts";
import { type DeviceId, type Mac, parseMac, showMac } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { Version } from "../../protocols/core/version.ts";
import { familyOf } from "../../protocols/families/index.ts";
import type { Claims } from "../../store/claims.ts";
import type { Conflict } from "../../store/conflicts.ts";
import type { DeviceRow, Devices } from "../../store/devices.ts";
import type { Places } from "../../store/places.ts";
import { believe, FACT_CHARS, FACT_FIELDS, type Fact, type FactField, factsOf, rankOf, showPort } from "./identify.ts";
import { decideBy, type Policy, returned, standingOf } from "./inbox.ts";
import { homeOf, withPhoneMac } from "./owner.ts";
import { type QuarrelStore, settleQuarrels } from "./quarrels.ts";
import { createSettler } from "./settle.ts";
import { splitTarget } from "./splits.ts";

export interface InventoryStore extends QuarrelStore {
  transaction<T>(work: () => T): T;
  readonly places: Places;
  readonly claims: Claims;
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
  /** Inside the transaction: `from` is a name no more, `to` is its device. */
  onRenamed?(from: DeviceId, to: DeviceId): void;
  /** It was not open before. Each MAC is a device of its own meanwhile: nothing is merged. */
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
  /** These sightings are the device's already: its row follows from its facts and theirs anew. */
  retell(id: DeviceId, sightings: readonly Sighting[]): void;
  /** These sightings of one device are another's, which is made where it is missing. */
  part(from: DeviceId, to: DeviceId, seqs: readonly number[]): void;
}

/** What became of a device's facts: there are more, another device's joined them, or some went to another. */
type Turn = "more" | "joined" | "less";

export function createInventory(io: InventoryIo): KeptInventory {
  const { devices, sightings, places, claims, decisions } = io.store;
  /** Devices that gave or took sightings since the last look at what contradicts. */
  const moved: DeviceId[] = [];
  const policy: Policy = io.policy ?? (() => (io.adopt === "all" ? "adopt" : "ask"));

  const note = (told: Sighting): DeviceId | undefined =>
    io.store.transaction(() => {
      const sighting = withPhoneMac({ ...told, atMs: Math.round(told.atMs) });
      const home = homeOf(sighting);
      if (home === undefined) return undefined;
      const owner = decisions.resolve(settler.ownerOf(home, sighting));
      const id = splitTarget(owner, sighting, decisions.splitsOf(owner));
      take(id, sighting, settler.before(id, home, sighting) ? "joined" : "more");
      settler.after(id, sighting);
      for (const one of new Set([id, ...moved.splice(0)])) {
        for (const conflict of settleQuarrels(one, io.store, { nowMs: sighting.atMs, ended: "gone" })) io.onConflict(conflict, sighting);
      }
      return id;
    });

  const take = (id: DeviceId, sighting: Sighting, how: Turn): void => {
    const before = devices.load(id);
    if (before === undefined) devices.save(emptyRow(id, sighting.atMs)); // facts and sightings refer to it
    put(id, sighting);
    sightings.add(id, sighting);
    write(id, before, how);
  };

  const put = (id: DeviceId, sighting: Sighting): void => {
    for (const fact of factsOf(sighting)) devices.putFact(asRow(id, fact, sighting.evidence));
  };

  /** Writes the row as its facts make it. `before`: as it stands now; absent where it is new. */
  const write = (id: DeviceId, before: DeviceRow | undefined, how: Turn): void => {
    const row = before ?? devices.load(id);
    if (row === undefined) return;
    const after = withoutOthersMac(withFacts(how === "less" ? bare(row) : row, believeRows(devices, id), claims), devices);
    const placed = { ...after, ...spanOf(row, claims.span(id), how), name: places.ofDevice(id)?.name ?? after.name };
    const named = decideBy(policy(placed), returned(placed), placed.lastSeenMs);
    const changes = before === undefined ? [] : changesBetween(before, named);
    devices.save(named);
    if (before === undefined) io.announce("found", named, []);
    else if (changes.length > 0) io.announce("changed", named, changes);
  };

  const part = (from: DeviceId, to: DeviceId, seqs: readonly number[]): void => {
    const told = claims.load(seqs);
    if (devices.load(to) === undefined) devices.save(emptyRow(to, Math.min(...told.map(({ atMs }) => atMs))));
    claims.move(seqs, to);
    const sources = [...new Set(told.map(({ source }) => source))];
    devices.dropFacts(from, sources);
    for (const sighting of claims.ofSources(from, sources)) put(from, sighting);
    for (const sighting of told) put(to, sighting);
    write(from, devices.load(from), "less");
    write(to, devices.load(to), "joined");
  };

  const settler = createSettler({
    devices: {
      rename(from, to) {
        const done = devices.rename(from, to);
        if (done) io.onRenamed?.(from, to);
        return done;
      },
    },
    claims,
    reread(id) {
      write(id, devices.load(id), "joined");
      moved.push(id);
    },
    part(from, to, seqs) {
      part(from, to, seqs);
      moved.push(from, to);
    },
    decisions,
  });

  return {
    note,
    retell: (id, told) =>
      io.store.transaction(() => {
        for (const sighting of told) put(id, sighting);
        write(id, devices.load(id), "less");
      }),
    part: (from, to, seqs) => io.store.transaction(() => part(from, to, seqs)),
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
      // Most say the same again: a row is dozens of columns to write.
      if (row !== undefined && !saysSame(row, read))
        io.store.devices.save({ ...row, inUse: read.inUse, lines: read.lines, parts: read.parts });
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

function saysSame(row: DeviceRow, { inUse, lines, parts }: DeviceRead): boolean {
  return JSON.stringify([row.inUse, row.lines, row.parts]) === JSON.stringify([inUse, lines, parts]);
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
function withFacts(row: DeviceRow, believed: ReadonlyMap<FactField, Fact>, claims: Pick<Claims, "ports">): DeviceRow {
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
    managedBy: value("managedBy") as ManagedBy | undefined,
    switchPort: portOf(row.id, believed.get("switchPort"), claims),
  };
  const stated = Object.fromEntries(Object.entries(fields).filter(([, entry]) => entry !== undefined));
  const fallback = mac === undefined ? row.id.slice(2) : `${model ?? "device"} ${showMac(mac).slice(-8)}`;
  return { ...row, ...stated, name: value("name") ?? fallback };
}

/** What is the row's own, and no fact's. */
function bare(row: DeviceRow): DeviceRow {
  const { id, name, availability, inUse, lines, parts, firstSeenMs, lastSeenMs, adopted } = row;
  const { ignoredAtMs, decidedBy, retiredAtMs } = row;
  const standing = Object.entries({ ignoredAtMs, decidedBy, retiredAtMs }).filter(([, value]) => value !== undefined);
  const own = { id, name, availability, inUse, lines, parts, firstSeenMs, lastSeenMs, adopted };
  return { ...own, managedBy: "unknown", ...(Object.fromEntries(standing) as Partial<DeviceRow>) };
}

/** Of two that a person split, one has the MAC: the other states it and is known by something else. */
function withoutOthersMac(row: DeviceRow, devices: Devices): DeviceRow {
  const { mac, ...rest } = row;
  const owner = mac === undefined ? undefined : devices.findByMac(mac);
  return owner === undefined || owner.id === row.id ? row : rest;
}

/** The port that the believed fact tells of, with all that was said of it then. */
function portOf(id: DeviceId, fact: Fact | undefined, claims: Pick<Claims, "ports">): Sighting["port"] {
  if (fact === undefined) return undefined;
  return claims
    .ports(id, fact.source, fact.atMs)
    .filter((port) => showPort(port).trim().slice(0, FACT_CHARS) === fact.value)
    .toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? 1 : -1))[0];
}

/** A device nobody heard of yet counts as seen when it was first told of. Sightings may be pruned: the row then remembers. */
function spanOf(
  row: DeviceRow,
  { firstMs, heardMs }: ReturnType<Claims["span"]>,
  how: Turn,
): Pick<DeviceRow, "firstSeenMs" | "lastSeenMs"> {
  const firstSeenMs = how === "less" ? (firstMs ?? row.firstSeenMs) : Math.min(row.firstSeenMs, firstMs ?? row.firstSeenMs);
  const remembered = how !== "more" || row.lastSeenMs === row.firstSeenMs ? firstSeenMs : row.lastSeenMs;
  return { firstSeenMs, lastSeenMs: heardMs ?? remembered };
}

const WATCHED = ["mac", "serial", "family", "model", "partNumber", "name", "address", "running", "updater", "managedBy"] as const;

function changesBetween(before: DeviceRow, after: DeviceRow): Change[] {
  const changed = WATCHED.filter((field) => before[field] !== after[field]).map((field) => ({
    field,
    ...(before[field] === undefined ? {} : { was: before[field] }),
    ...(after[field] === undefined ? {} : { is: after[field] }),
  }));
  const [was, is] = [standingOf(before), standingOf(after)];
  return was === is ? changed : [...changed, { field: "standing", was, is }];
}
