/**
 * Which device is it, and which source is believed? Pure: the same sightings in any order give the same inventory.
 */
import { type DeviceFacts, type ManagedBy, namesManager, type Sighting, type SightingSource } from "../../protocols/core/device.ts";
import { type DeviceId, deviceIdOf, type Mac, macFromVideoSerial } from "../../protocols/core/ids.ts";
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
const ADDRESS_HINTS: readonly SightingSource[] = ["lldp", "cdp", "bridge", "lens", "csv"];

/** Its address is a hint where the device is, and says nothing on where it is not. */
export function isAddressHint(source: SightingSource): boolean {
  return ADDRESS_HINTS.includes(source);
}

/** An address is where a device is now: the newest word counts, whoever says it, except that of a hint. */
function believedAddress(a: Fact, b: Fact): Fact {
  const hint = (fact: Fact): boolean => ADDRESS_HINTS.includes(fact.source);
  if (hint(a) !== hint(b)) return hint(a) ? b : a;
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
    switchPort: sighting.port === undefined ? undefined : `${sighting.port.switchAddress} ${sighting.port.name}`,
  };
  return FACT_FIELDS.flatMap((field) => {
    const value = values[field]?.trim();
    return value === undefined || value === "" ? [] : [{ field, value: value.slice(0, 200), source, atMs, evidence }];
  });
}

/** The MAC a sighting proves: stated, or inside a video system's serial number. */
export function macOf(facts: DeviceFacts): Mac | undefined {
  if (facts.mac !== undefined) return facts.mac;
  const video = facts.family === "video-os" || facts.family === "group" || facts.family === "hdx";
  return video && facts.serial !== undefined ? macFromVideoSerial(facts.serial) : undefined;
}

/** What the inventory already knows, as far as identity goes. */
export interface Known {
  byMac(mac: Mac): DeviceId | undefined;
  bySerial(serial: string): DeviceId | undefined;
  /** The device that was last seen at this address, and when; `shared` where several are said to be there and none was heard. */
  byAddress(address: string): { readonly id: DeviceId; readonly mac?: Mac; readonly atMs: Ms; readonly shared?: true } | undefined;
  /** A person said that these are two. */
  apart?(one: DeviceId, other: DeviceId): boolean;
}

export type Identity =
  | { readonly kind: "known"; readonly id: DeviceId }
  | { readonly kind: "new"; readonly id: DeviceId }
  /** Known so far by its address or serial only; the MAC is its name from now on. A device that has `id` already takes it in. */
  | { readonly kind: "named"; readonly id: DeviceId; readonly was: DeviceId }
  /** Two devices claim one identity: shown to a person, never merged. */
  | { readonly kind: "conflict"; readonly between: readonly DeviceId[]; readonly why: string }
  /** Nothing in it names a device. */
  | { readonly kind: "nobody" };

/** An address says who it is only for so long: leases move. */
const ADDRESS_HINT_MS: Ms = 15 * 60_000;

export function identify(sighting: Sighting, known: Known): Identity {
  const { mac: stated, serial } = sighting.facts;
  const bySerial = serial === undefined ? undefined : known.bySerial(serial);
  // A MAC worked out from the serial is only a guess on newer units: a device known by that serial keeps the MAC it stated.
  const mac = stated ?? (bySerial === undefined ? macOf(sighting.facts) : undefined);
  if (mac !== undefined) {
    const found = known.byMac(mac);
    const id = found ?? (deviceIdOf({ mac }) as DeviceId);
    if (bySerial !== undefined && bySerial !== id && known.apart?.(bySerial, id) !== true) {
      if (isPlaceholder(bySerial, serial)) return { kind: "named", id, was: bySerial };
      return { kind: "conflict", between: [id, bySerial], why: `serial ${serial} belongs to ${bySerial}, MAC ${mac} to ${id}` };
    }
    const placeholder = nameless(sighting, known);
    if (placeholder !== undefined && placeholder !== id && known.apart?.(placeholder, id) !== true)
      return { kind: "named", id, was: placeholder };
    return { kind: found === undefined ? "new" : "known", id };
  }
  if (bySerial !== undefined) return { kind: "known", id: bySerial };
  if (serial !== undefined) return { kind: "new", id: deviceIdOf({ serial }) as DeviceId };
  if (sighting.address === undefined) return { kind: "nobody" };
  const here = known.byAddress(sighting.address);
  if (here?.shared === true) return { kind: "nobody" };
  if (here !== undefined && Math.abs(sighting.atMs - here.atMs) <= ADDRESS_HINT_MS) return { kind: "known", id: here.id };
  if (sighting.facts.family === undefined) return { kind: "nobody" };
  return { kind: "new", id: deviceIdOf({ address: sighting.address }) as DeviceId };
}

/** Named before it stated a MAC: by its address, its serial, or the MAC that its serial may hold. */
function isPlaceholder(id: DeviceId, serial: string | undefined): boolean {
  return /^d-[as]-/.test(id) || (serial !== undefined && id === deviceIdOf({ mac: macFromVideoSerial(serial) }));
}

/** A device known at this address that never said its MAC: most likely the same one, now saying it. */
function nameless(sighting: Sighting, known: Known): DeviceId | undefined {
  if (sighting.address === undefined) return undefined;
  const here = known.byAddress(sighting.address);
  return here !== undefined && here.mac === undefined && Math.abs(sighting.atMs - here.atMs) <= ADDRESS_HINT_MS ? here.id : undefined;
}
