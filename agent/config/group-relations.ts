/**
 * What must hold between the groups of a site, and between a policy's rings and its places. Pure.
 */
import { error, type Related, warning } from "./related.ts";
import type { Config } from "./schema.ts";

export function groupRelations({ groups = [], policy, places = [] }: Partial<Config>): Related[] {
  const found: Related[] = [];
  const seen = new Set<string>();
  for (const [i, { kind, name, members, minUp }] of groups.entries()) {
    const at = ["groups", i];
    const key = `${kind} ${name}`;
    if (seen.has(key)) found.push(error([...at, "name"], `another ${kind} has this name`));
    seen.add(key);
    const twice = members.find((member, j) => members.indexOf(member) < j);
    if (twice !== undefined) found.push(error([...at, "members"], `names "${twice}" twice`));
    if (minUp !== undefined && minUp >= members.length) {
      const what = `keeps all ${members.length} members up: none of them could ever be updated`;
      found.push(error([...at, "minUp"], what, `at most ${members.length - 1}`));
    }
  }
  const zones = new Set(places.map(({ zone }) => zone));
  for (const [i, { name }] of (policy?.zones ?? []).entries()) {
    // Without places in the settings a person gives them one by one.
    if (places.length > 0 && !zones.has(name)) found.push(warning(["policy", "zones", i, "name"], `no place is in the zone "${name}"`));
  }
  return found;
}
