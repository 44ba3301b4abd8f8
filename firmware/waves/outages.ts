/** Planned outages of a plan: domains that may be down further than their rule allows, because its approvers say so. Pure. */
import type { DomainKind, Plan } from "./shape.ts";

export interface PlannedOutage {
  readonly domain: string;
  readonly devices: number;
  /** How many stay up while the plan runs, and how many its rule keeps. */
  readonly keeps: number;
  readonly usually: number;
}

export const outagesIn = ({ domains }: Pick<Plan, "domains">): readonly PlannedOutage[] =>
  domains.flatMap(({ id, members, minUp, usualMinUp }) =>
    usualMinUp === undefined ? [] : [{ domain: id, devices: members.length, keeps: minUp, usually: usualMinUp }],
  );

/** Of which there can be outages. */
const KINDS: readonly DomainKind[] = ["floor", "huntGroup", "group", "reception"];
/** Names told to whoever named one wrongly. */
const NAMES_MAX = 10;

/** Why nothing is planned where an outage is named of what the site does not have. */
export function strayOutage({ policy, domains }: Pick<Plan, "policy" | "domains">): string | undefined {
  const known = domains.filter(({ kind }) => KINDS.includes(kind)).map(({ id }) => id);
  const stray = policy.plannedOutages?.find(({ domain }) => !known.includes(domain));
  if (stray === undefined) return undefined;
  const more = known.length > NAMES_MAX ? `, and ${known.length - NAMES_MAX} more` : "";
  const names = known.length === 0 ? "it has no floors, groups or reception" : `it has ${known.slice(0, NAMES_MAX).join(", ")}${more}`;
  return `Nothing is planned: the site has no "${stray.domain}" to plan an outage of; ${names}`;
}
