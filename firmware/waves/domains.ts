/**
 * Failure domains: groups of devices of which some must stay up at every instant. Pure, made from places, from what the
 * network says of its cables, and from the groups a site names.
 */

import type { DeviceId } from "../../protocols/core/ids.ts";
import type { WavePolicy } from "./policy.ts";
import type { Candidate, DomainKind, FailureDomain, SiteGroup, Unit } from "./shape.ts";

/** How many stay up is the policy's to say. */
export type DomainPolicy = Pick<WavePolicy, "zoneKeeps" | "zones" | "subnetAtRiskMax" | "switchAtRiskMax" | "plannedOutages">;

interface Gathered {
  readonly kind: DomainKind;
  readonly name: string;
  readonly members: Set<DeviceId>;
  readonly stated?: number;
  readonly parent?: DeviceId;
}

/** Of them never two at once unless coupled, whatever a plan says of `minUp` (I2); a port's devices may hang on one another. */
const ONE_UNIT: Readonly<Record<DomainKind, boolean>> = {
  ...{ room: true, port: true },
  ...{ zone: false, huntGroup: false, group: false, reception: false, switch: false, subnet: false, floor: false },
};
/** The order in which domains are named to people. */
const KIND_RANK: Readonly<Record<DomainKind, number>> = {
  ...{ room: 0, zone: 1, reception: 2, huntGroup: 3, group: 4, port: 5, switch: 6, subnet: 7, floor: 8 },
};

/**
 * The domains of a site, sorted by id. One too small to keep what its kind keeps while one unit is away keeps all but the largest
 * unit; the plan carries that number, so its approval names it. What a person stated for a group is lessened by a planned outage
 * alone, which is approved with the plan (I1).
 */
export function domainsOf(
  candidates: readonly Candidate[],
  policy: DomainPolicy,
  groups: readonly SiteGroup[] = [],
  units: readonly Unit[] = [],
): FailureDomain[] {
  const unitOf = new Map(units.flatMap((unit) => unit.map((member) => [member, unit] as const)));
  return gather(candidates, policy, groups)
    .filter(({ members }) => members.size > 0)
    .map((group) => {
      const { kind, name, members, parent } = group;
      const id = idOf(kind, name);
      const kept = duringOutage(id, minUpOf(group, largestUnit(members, unitOf), policy), policy);
      return { id, kind, members: [...members].toSorted(), ...kept, ...(parent === undefined ? {} : { parent }) };
    })
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

const idOf = (kind: DomainKind, name: string): string => (name === "" ? kind : `${kind}:${name}`);

/** Network gear stands in the room but serves nobody there directly; it has no part in any count. */
const serves = ({ family }: Candidate): boolean => family !== "switch" && family !== "generic-snmp";

function gather(candidates: readonly Candidate[], policy: DomainPolicy, groups: readonly SiteGroup[]): readonly Gathered[] {
  const found = new Map<string, Gathered>();
  const join = (kind: DomainKind, name: string | undefined, device: DeviceId): void => {
    if (name === undefined || name === "") return;
    const id = idOf(kind, name);
    const group = found.get(id) ?? { kind, name, members: new Set() };
    found.set(id, group);
    group.members.add(device);
  };
  const serving = candidates.filter(serves);
  for (const { device, place, subnet } of serving) {
    join("room", place.room, device);
    join("floor", place.floor, device);
    join("zone", place.zone, device);
    if (policy.subnetAtRiskMax !== undefined) join("subnet", subnet, device);
  }
  const reception = serving.filter(({ place }) => place.duties.includes("reception")).map(({ device }) => device);
  found.set("reception", { kind: "reception", name: "", members: new Set(reception) });
  const known = new Set(serving.map(({ device }) => device));
  for (const { kind, name, members, minUp: stated, parent } of groups) {
    if (kind === "coupled") continue;
    // A switch alone limits nothing: it needs a budget, or is itself a device that may go down.
    if (kind === "switch" && policy.switchAtRiskMax === undefined && parent === undefined) continue;
    found.set(idOf(kind, name), {
      ...{ kind, name, members: new Set(members.filter((member) => known.has(member))) },
      ...(stated === undefined ? {} : { stated }),
      ...(parent === undefined ? {} : { parent }),
    });
  }
  return [...found.values()];
}

/** The most members that go down as one. */
function largestUnit(members: ReadonlySet<DeviceId>, unitOf: ReadonlyMap<DeviceId, Unit>): number {
  let largest = 1;
  for (const unit of new Set([...members].map((member) => unitOf.get(member)))) {
    if (unit !== undefined) largest = Math.max(largest, unit.filter((one) => members.has(one)).length);
  }
  return largest;
}

/** Receptions are small and always needed: two away are the most, and never more than half. */
const RECEPTION_AWAY_MAX = 2;

function minUpOf({ kind, name, members: { size }, stated }: Gathered, largest: number, policy: DomainPolicy): number {
  if (stated !== undefined) return stated;
  const rest = size - largest;
  switch (kind) {
    case "room":
    case "port":
      return rest;
    case "floor":
      return Math.min(rest, Math.floor(size / 2));
    case "zone":
      return Math.min(rest, policy.zones.find((zone) => zone.name === name)?.keeps ?? policy.zoneKeeps);
    case "reception":
      return Math.min(rest, Math.max(size - RECEPTION_AWAY_MAX, Math.ceil(size / 2)));
    case "huntGroup":
    case "group":
      return Math.min(rest, Math.ceil(size / 2));
    case "switch":
      return policy.switchAtRiskMax === undefined ? 0 : Math.min(rest, Math.max(0, size - policy.switchAtRiskMax));
    case "subnet":
      return policy.subnetAtRiskMax === undefined ? 0 : Math.min(rest, Math.max(0, size - policy.subnetAtRiskMax));
  }
}

/** A planned outage never asks for more than the rule. */
function duringOutage(
  id: string,
  rule: number,
  { plannedOutages = [] }: Pick<WavePolicy, "plannedOutages">,
): Pick<FailureDomain, "minUp" | "usualMinUp"> {
  const keeps = Math.min(rule, ...plannedOutages.filter(({ domain }) => domain === id).map((outage) => outage.keeps));
  return keeps < rule ? { minUp: keeps, usualMinUp: rule } : { minUp: rule };
}

interface Entry {
  readonly domain: FailureDomain;
  readonly has: ReadonlySet<DeviceId>;
}

/** The domains of each device, with fast membership; build once per plan, ask per device. */
export interface DomainIndex {
  /** Of which it is a member, in the order in which they are named. */
  of(device: DeviceId): readonly Entry[];
  /** Whose members hang on it. */
  below(device: DeviceId): readonly Entry[];
  /** Itself and all that goes down with it. */
  unitOf(device: DeviceId): Unit;
  /** What its unit takes of each domain that any of it is a member of. */
  takesOf(device: DeviceId): readonly Takes[];
}

export interface Takes {
  readonly domain: FailureDomain;
  /** How many may be away at once, and how many of them the unit is. */
  readonly mayBeAway: number;
  readonly takes: number;
}

export function indexDomains({
  domains,
  units,
}: {
  readonly domains: readonly FailureDomain[];
  readonly units: readonly Unit[];
}): DomainIndex {
  const byMember = new Map<DeviceId, Entry[]>();
  const byParent = new Map<DeviceId, Entry[]>();
  const add = (to: Map<DeviceId, Entry[]>, device: DeviceId, entry: Entry): void => {
    const known = to.get(device);
    if (known === undefined) to.set(device, [entry]);
    else known.push(entry);
  };
  for (const domain of domains.toSorted((a, b) => KIND_RANK[a.kind] - KIND_RANK[b.kind])) {
    const entry = { domain, has: new Set(domain.members) };
    for (const member of entry.has) add(byMember, member, entry);
    if (domain.parent !== undefined) add(byParent, domain.parent, entry);
  }
  const unitOf = new Map(units.flatMap((unit) => unit.map((member) => [member, unit] as const)));
  const takes = new Map<DeviceId, readonly Takes[]>();
  const index: DomainIndex = {
    of: (device) => byMember.get(device) ?? [],
    below: (device) => byParent.get(device) ?? [],
    unitOf: (device) => unitOf.get(device) ?? [device],
    takesOf(device) {
      const known = takes.get(device) ?? takesOf(index.unitOf(device), index);
      takes.set(device, known);
      return known;
    },
  };
  return index;
}

function takesOf(unit: Unit, index: DomainIndex): readonly Takes[] {
  return [...new Set(unit.flatMap((member) => index.of(member)))].map(({ domain, has }) =>
    ONE_UNIT[domain.kind]
      ? { domain, mayBeAway: 1, takes: 1 }
      : {
          domain,
          mayBeAway: Math.max(1, domain.members.length - domain.minUp),
          takes: unit.filter((member) => has.has(member)).length,
        },
  );
}

/** A domain that never lets this device's unit go, even while all else is up. */
export function neverLets(device: DeviceId, index: DomainIndex): FailureDomain | undefined {
  const unit = index.unitOf(device);
  const entries = unit.flatMap((member) => index.of(member));
  return entries.find(({ domain, has }) => domain.members.length - unit.filter((one) => has.has(one)).length < domain.minUp)?.domain;
}

/**
 * The id of the domain that forbids taking `candidate`, and what goes down with it, while the devices of `atRisk` are or may be
 * down; rooms are named before zones and zones before floors. `undefined` where none forbids it.
 */
export function conflictsWith(atRisk: readonly DeviceId[], candidate: DeviceId, index: DomainIndex): string | undefined {
  const unit = index.unitOf(candidate);
  const down = new Set(atRisk.flatMap((device) => index.unitOf(device)));
  for (const member of unit) down.delete(member);
  const entries = new Set(unit.flatMap((member) => index.of(member)));
  for (const { domain, has } of entries) {
    const mine = unit.filter((member) => has.has(member)).length;
    let others = 0;
    for (const device of down) if (has.has(device)) others++;
    if (has.size - mine - others < domain.minUp || (ONE_UNIT[domain.kind] && others > 0)) return domain.id;
    if (domain.parent !== undefined && down.has(domain.parent)) return domain.id;
  }
  for (const { domain, has } of unit.flatMap((member) => index.below(member))) {
    for (const device of down) if (has.has(device)) return domain.id;
  }
  return undefined;
}
