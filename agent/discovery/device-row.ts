/** The row of a device as its believed facts make it. */
import type { Evidence, FamilyId, ManagedBy, Sighting } from "../../protocols/core/device.ts";
import { type DeviceId, type Mac, parseMac, showMac } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import type { Version } from "../../protocols/core/version.ts";
import type { Claims } from "../../store/claims.ts";
import type { DeviceRow, Devices } from "../../store/devices.ts";
import { believe, FACT_CHARS, FACT_FIELDS, type Fact, type FactField, rankOf, showPort } from "./identify.ts";
import { standingOf } from "./inbox.ts";

/** A field of a device that reads differently now; an absent side is unknown. */
export interface Change {
  readonly field: string;
  readonly was?: string;
  readonly is?: string;
}

/** What became of a device's facts: there are more, another device's joined them, or some went to another. */
export type Turn = "more" | "joined" | "less";

export function emptyRow(id: DeviceId, atMs: Ms): DeviceRow {
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

export function asRow(device: DeviceId, fact: Fact, evidence: readonly Evidence[]) {
  return { device, field: fact.field, source: fact.source, value: fact.value, rank: rankOf(fact.source), atMs: fact.atMs, evidence };
}

export function believeRows(devices: Devices, id: DeviceId): ReadonlyMap<FactField, Fact> {
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
export function withFacts(row: DeviceRow, believed: ReadonlyMap<FactField, Fact>, claims: Pick<Claims, "ports">): DeviceRow {
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
export function bare(row: DeviceRow): DeviceRow {
  const { id, name, availability, inUse, lines, parts, firstSeenMs, lastSeenMs, adopted } = row;
  const { ignoredAtMs, decidedBy, retiredAtMs } = row;
  const standing = Object.entries({ ignoredAtMs, decidedBy, retiredAtMs }).filter(([, value]) => value !== undefined);
  const own = { id, name, availability, inUse, lines, parts, firstSeenMs, lastSeenMs, adopted };
  return { ...own, managedBy: "unknown", ...(Object.fromEntries(standing) as Partial<DeviceRow>) };
}

/** Of two that a person split, one has the MAC: the other states it and is known by something else. */
export function withoutOthersMac(row: DeviceRow, devices: Devices): DeviceRow {
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
export function spanOf(
  row: DeviceRow,
  { firstMs, heardMs }: ReturnType<Claims["span"]>,
  how: Turn,
): Pick<DeviceRow, "firstSeenMs" | "lastSeenMs"> {
  const firstSeenMs = how === "less" ? (firstMs ?? row.firstSeenMs) : Math.min(row.firstSeenMs, firstMs ?? row.firstSeenMs);
  const remembered = how !== "more" || row.lastSeenMs === row.firstSeenMs ? firstSeenMs : row.lastSeenMs;
  return { firstSeenMs, lastSeenMs: heardMs ?? remembered };
}

const WATCHED = ["mac", "serial", "family", "model", "partNumber", "name", "address", "running", "updater", "managedBy"] as const;

export function changesBetween(before: DeviceRow, after: DeviceRow): Change[] {
  const changed = WATCHED.filter((field) => before[field] !== after[field]).map((field) => ({
    field,
    ...(before[field] === undefined ? {} : { was: before[field] }),
    ...(after[field] === undefined ? {} : { is: after[field] }),
  }));
  const [was, is] = [standingOf(before), standingOf(after)];
  return was === is ? changed : [...changed, { field: "standing", was, is }];
}
