/**
 * Units: what is updated as one. A codec brings its touch panel and cameras along; they are planned, reserved and counted together.
 */
import type { DeviceId } from "../../protocols/core/ids.ts";
import type { Candidate, SiteGroup, Unit } from "./shape.ts";

/** The coupled sets among the candidates, each sorted by id; sets that share a device are one. A device alone is in none. */
export function unitsOf(candidates: readonly Candidate[], groups: readonly SiteGroup[]): Unit[] {
  const known = new Set(candidates.map(({ device }) => device));
  const setOf = new Map<DeviceId, Set<DeviceId>>();
  for (const { kind, members } of groups) {
    if (kind !== "coupled") continue;
    const here = members.filter((member) => known.has(member));
    const joined = new Set(here.flatMap((member) => [...(setOf.get(member) ?? [member])]));
    for (const member of joined) setOf.set(member, joined);
  }
  return [...new Set(setOf.values())]
    .map((set) => [...set].toSorted())
    .filter(({ length }) => length > 1)
    .sort((a, b) => ((a[0] ?? "") < (b[0] ?? "") ? -1 : 1));
}
