/**
 * Which source is believed? Pure: the same facts in any order give the same answer. Whose a sighting is: `owner`.
 */
import {
  type DeviceFacts,
  type FamilyId,
  type ManagedBy,
  namesManager,
  type Sighting,
  type SightingSource,
} from "../../protocols/core/device.ts";
import { type Mac, macFromVideoSerial } from "../../protocols/core/ids.ts";
import { DAY, type Ms } from "../../protocols/core/time.ts";

/** Higher is believed over lower; equal ranks go by time. Source: design, order of sources. */
const RANK: Readonly<Record<SightingSource, number>> = {
  device: 90,
  tls: 85,
  provisioning: 80,
  lldp: 70,
  cdp: 70,
  sip: 60,
  dhcp: 50,
  lens: 40,
  csv: 30,
  bridge: 20,
};

export function rankOf(source: SightingSource): number {
  return RANK[source];
}

/** The fields of a device that sources may disagree on. Versions are two fields of their own. */
export const FACT_FIELDS = [
  "vendor",
  "model",
  "family",
  "partNumber",
  "revision",
  "serial",
  "mac",
  "name",
  "address",
  "running",
  "updater",
  "managedBy",
  "switchPort",
] as const;
export type FactField = (typeof FACT_FIELDS)[number];

export interface Fact {
  readonly field: FactField;
  readonly value: string;
  readonly source: SightingSource;
  readonly atMs: Ms;
  readonly evidence: string;
}

/** The believed one of two facts about the same field of the same device. Total and order-free: ties go by text. */
export function believed(a: Fact, b: Fact): Fact {
  const byRank = rankOf(a.source) - rankOf(b.source);
  if (byRank !== 0) return byRank > 0 ? a : b;
  if (a.atMs !== b.atMs) return a.atMs > b.atMs ? a : b;
  return a.value >= b.value ? a : b;
}

/** Whose word on an address may be old: LLDP's chassis address, a router's table, what a person or a cloud wrote down. */
export const ADDRESS_HINTS: readonly SightingSource[] = ["lldp", "cdp", "bridge", "lens", "csv"];

export function isHint(source: SightingSource): boolean {
  return ADDRESS_HINTS.includes(source);
}

/** An address is where a device is now: the newest word counts, whoever says it, except that of a hint. */
function believedAddress(a: Fact, b: Fact): Fact {
  if (isHint(a.source) !== isHint(b.source)) return isHint(a.source) ? b : a;
  if (a.atMs !== b.atMs) return a.atMs > b.atMs ? a : b;
  return a.value >= b.value ? a : b;
}

/** Sources of one pass over the site: within it the better one tells the port, after it the newer. A guess: a pass takes minutes. */
const ONE_PASS_MS: Ms = 15 * 60_000;

/** A port is where a device is plugged in now: what was better said of an earlier place is no longer so. */
function believedPort(facts: readonly Fact[]): Fact | undefined {
  const newestMs = Math.max(...facts.map(({ atMs }) => atMs));
  return facts
    .filter(({ atMs }) => newestMs - atMs <= ONE_PASS_MS)
    .reduce<Fact | undefined>((best, one) => (best === undefined ? one : believed(one, best)), undefined);
}

/** A manager nobody has named for so long has let go. A guess: Lens and the devices are asked many times a day. */
const MANAGER_HOLDS_MS: Ms = 7 * DAY;

/** A named manager is believed over "nobody", whoever says so: what another one updates is not ours to touch. */
function believedManager(facts: readonly Fact[]): Fact | undefined {
  const newestMs = Math.max(...facts.map(({ atMs }) => atMs));
  // Casts: each value went through its own parser before it became a fact.
  const named = facts.filter(({ value, atMs }) => namesManager(value as ManagedBy) && newestMs - atMs <= MANAGER_HOLDS_MS);
  return (named.length > 0 ? named : facts).reduce<Fact | undefined>(
    (best, one) => (best === undefined ? one : believed(one, best)),
    undefined,
  );
}

export function believe(facts: readonly Fact[]): ReadonlyMap<FactField, Fact> {
  const chosen = new Map<FactField, Fact>();
  for (const fact of facts) {
    const other = chosen.get(fact.field);
    if (other === undefined) chosen.set(fact.field, fact);
    else chosen.set(fact.field, fact.field === "address" ? believedAddress(fact, other) : believed(fact, other));
  }
  const manager = believedManager(facts.filter(({ field }) => field === "managedBy"));
  if (manager !== undefined) chosen.set("managedBy", manager);
  const port = believedPort(facts.filter(({ field }) => field === "switchPort"));
  if (port !== undefined) chosen.set("switchPort", port);
  return chosen;
}

/** Longer texts of facts are cut. */
export const FACT_CHARS = 200;

export function showPort({ switchAddress, name }: NonNullable<Sighting["port"]>): string {
  return `${switchAddress} ${name}`;
}

/** A sighting as facts, each with the evidence that carries it. */
export function factsOf(sighting: Sighting): Fact[] {
  const { facts, source, atMs } = sighting;
  const evidence = sighting.evidence
    .map((entry) => `${entry.via}: ${entry.what}`)
    .join("; ")
    .slice(0, 500);
  const values: Readonly<Record<FactField, string | undefined>> = {
    vendor: facts.vendor,
    model: facts.model,
    family: facts.family,
    partNumber: facts.partNumber,
    revision: facts.revision,
    serial: facts.serial,
    mac: macOf(facts),
    name: facts.name,
    address: sighting.address,
    running: facts.running?.application,
    updater: facts.running?.updater,
    managedBy: facts.managedBy,
    switchPort: sighting.port === undefined ? undefined : showPort(sighting.port),
  };
  return FACT_FIELDS.flatMap((field) => {
    const value = values[field]?.trim();
    return value === undefined || value === "" ? [] : [{ field, value: value.slice(0, FACT_CHARS), source, atMs, evidence }];
  });
}

/** Families whose serial number holds half of a MAC. */
export const VIDEO_FAMILIES: readonly FamilyId[] = ["video-os", "group", "hdx"];

export function isVideo({ family }: DeviceFacts): boolean {
  return family !== undefined && VIDEO_FAMILIES.includes(family);
}

/** The MAC a sighting proves: stated, or inside a video system's serial number. */
export function macOf(facts: DeviceFacts): Mac | undefined {
  if (facts.mac !== undefined) return facts.mac;
  return isVideo(facts) && facts.serial !== undefined ? macFromVideoSerial(facts.serial) : undefined;
}
