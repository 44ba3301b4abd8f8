/**
 * Failure domains: groups of devices of which some must stay up at every instant. Pure, made from places.
 */

import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Candidate, FailureDomain } from "./shape.ts";

/** Phones of an emergency zone that stay able to call while others are updated. One is the least that is any good. */
export const ZONE_KEEPS_DEFAULT = 1;

export interface DomainOptions {
  /** Devices each emergency zone keeps; by zone name, else `zoneKeeps`. */
  readonly zoneKeeps?: number;
  readonly zoneKeepsByName?: Readonly<Record<string, number>>;
}

/**
 * The domains of a site, sorted by id. A room keeps all but one, a floor half, an emergency zone `k`. A zone too small to
 * keep `k` while one device is away keeps all but one; the plan carries that number, so its approval names it.
 */
export function domainsOf(candidates: readonly Candidate[], options: DomainOptions = {}): FailureDomain[] {
  const groups = new Map<string, { kind: FailureDomain["kind"]; name: string; members: DeviceId[] }>();
  const join = (kind: FailureDomain["kind"], name: string | undefined, device: DeviceId): void => {
    if (name === undefined || name === "") return;
    const id = `${kind}:${name}`;
    const group = groups.get(id) ?? { kind, name, members: [] };
    groups.set(id, group);
    group.members.push(device);
  };
  for (const { device, family, place } of candidates) {
    // Network gear stands in the room but serves nobody there directly; it has no part in the count.
    if (family === "switch" || family === "generic-snmp") continue;
    join("room", place.room, device);
    join("floor", place.floor, device);
    join("zone", place.zone, device);
  }
  return [...groups]
    .map(([id, { kind, name, members }]) => ({
      id,
      kind,
      members: members.toSorted(),
      minUp: minUpOf(kind, members.length, keepsOf(name, options)),
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1));
}

function keepsOf(zone: string, options: DomainOptions): number {
  const byName = options.zoneKeepsByName;
  if (byName !== undefined && Object.hasOwn(byName, zone)) return byName[zone] ?? ZONE_KEEPS_DEFAULT;
  return options.zoneKeeps ?? ZONE_KEEPS_DEFAULT;
}

function minUpOf(kind: FailureDomain["kind"], members: number, keeps: number): number {
  switch (kind) {
    case "room":
      return members - 1;
    case "floor":
      return Math.floor(members / 2);
    case "zone":
      return Math.min(keeps, members - 1);
  }
}

/** The domains of each device, with fast membership; build once per plan, ask per device. */
export interface DomainIndex {
  of(device: DeviceId): readonly { readonly domain: FailureDomain; readonly has: ReadonlySet<DeviceId> }[];
}

const KIND_RANK = { room: 0, zone: 1, floor: 2 } as const;

export function indexDomains(domains: readonly FailureDomain[]): DomainIndex {
  const byDevice = new Map<DeviceId, { domain: FailureDomain; has: ReadonlySet<DeviceId> }[]>();
  for (const domain of domains.toSorted((a, b) => KIND_RANK[a.kind] - KIND_RANK[b.kind])) {
    const has = new Set(domain.members);
    for (const member of has) {
      const entry = byDevice.get(member) ?? [];
      byDevice.set(member, entry);
      entry.push({ domain, has });
    }
  }
  return { of: (device) => byDevice.get(device) ?? [] };
}

/**
 * The id of the domain that forbids taking `candidate` down while the devices of `atRisk` are or may be down; rooms are
 * named before zones and zones before floors. `undefined` where none forbids it.
 */
export function conflictsWith(
  atRisk: readonly DeviceId[],
  candidate: DeviceId,
  domains: readonly FailureDomain[] | DomainIndex,
): string | undefined {
  const index = "of" in domains ? domains : indexDomains(domains);
  const down = new Set(atRisk);
  down.delete(candidate);
  for (const { domain, has } of index.of(candidate)) {
    let downInside = 1;
    for (const device of down) if (has.has(device)) downInside++;
    if (has.size - downInside < domain.minUp) return domain.id;
    // A room is named apart: even where a plan allows more, never two of one room at once (I2).
    if (domain.kind === "room" && downInside > 1) return domain.id;
  }
  return undefined;
}
