/**
 * Who must not be away together with a device: the at-risk budget, its own failure domains, what other campaigns have in hand,
 * and devices that are down by themselves. Pure; asked for what a person is told and once more where the slot is taken.
 */
import type { DeviceId, TaskId } from "../../protocols/core/ids.ts";
import { isoOf, type Ms } from "../../protocols/core/time.ts";
import { conflictsWith, type DomainIndex } from "./domains.ts";
import type { WavePolicy } from "./policy.ts";
import type { DomainKind, FailureDomain, PlannedTask } from "./shape.ts";
import type { Hold } from "./task-state.ts";

/** A place at risk, of whichever campaign. */
export interface Slot {
  readonly device: DeviceId;
  readonly task: TaskId;
  /** Ids of the failure domains its own plan counts it in. */
  readonly domains: readonly string[];
}

export interface DownDevice {
  readonly device: DeviceId;
  /** Its last sign of life. */
  readonly sinceMs: Ms;
}

/** Over all campaigns of the site. */
export interface Company {
  readonly slots: readonly Slot[];
  /** Between two attempts of a campaign that has not ended: no slot is held, and the campaign is not done with them. */
  readonly begun: readonly Pick<Slot, "device" | "task">[];
  /** Known to answer nobody. */
  readonly down: readonly DownDevice[];
}

export const NO_COMPANY: Company = { slots: [], begun: [], down: [] };

export interface CompanyInput {
  readonly planned: Pick<PlannedTask, "id" | "device">;
  readonly policy: Pick<WavePolicy, "atRiskMax">;
  readonly domains: DomainIndex;
  readonly atRisk: readonly DeviceId[];
  readonly company: Company;
  /** The plan is a rollback: a device that is unproven may be the very one it takes over. */
  readonly goesBack?: true;
}

export interface CompanyHolds {
  readonly holds: readonly Hold[];
  /** Id of the failure domain that has a part in them. */
  readonly domain?: string;
}

/** Every reason, the budget first. */
export const companyHolds = (input: CompanyInput): readonly Hold[] => holdsOfCompany(input).holds;

/** The same, with what has to change before they can be others. */
export function holdsOfCompany(input: CompanyInput): CompanyHolds {
  const { planned, policy, domains, atRisk, company } = input;
  const others = atRisk.filter((device) => device !== planned.device);
  const holds: Hold[] = [];
  if (others.length >= policy.atRiskMax) {
    holds.push({
      code: "budget",
      why: `${policy.atRiskMax} devices are at risk, the limit`,
      endedBy: "one of them seen healthy or written off",
    });
  }
  // Only tasks that touched nothing ask, so it is another task that left the device unproven. A rollback takes over from it.
  const isBegun = company.begun.some(({ device, task }) => device === planned.device && task !== planned.id);
  if ((others.length < atRisk.length && input.goesBack !== true) || isBegun) {
    holds.push({
      code: "domain",
      why: "another campaign has the device in hand, or left it unproven",
      endedBy: "that campaign, or a person who writes the device off there",
    });
  }
  const domain = conflictsWith(others, planned.device, domains) ?? foreignDomain(input);
  if (domain !== undefined)
    holds.push({
      code: "domain",
      why: `${domain} must keep its others up`,
      endedBy: "the device at risk there seen healthy or written off",
    });
  if (domain !== undefined) return { holds, domain };
  const alone = downHold(input, others);
  return alone === undefined ? { holds } : { holds: [...holds, alone.hold], domain: alone.domain };
}

/** Of them never two at once, whoever took them in hand; the others are counts of a plan's own members. */
const ONE_AT_ONCE: Readonly<Record<DomainKind, boolean>> = {
  ...{ room: true, port: true },
  ...{ zone: false, huntGroup: false, group: false, reception: false, switch: false, subnet: false, floor: false },
};

/** A room another campaign has a device of in hand that this plan does not know there: it was put up later. */
function foreignDomain({ planned, domains, company }: CompanyInput): string | undefined {
  if (company.slots.length === 0) return undefined;
  const mine = domains.takesOf(planned.device).flatMap(({ domain }) => (ONE_AT_ONCE[domain.kind] ? [domain.id] : []));
  if (mine.length === 0) return undefined;
  const unit = domains.unitOf(planned.device);
  const foreign = company.slots.filter(({ device, task }) => task !== planned.id && !unit.includes(device));
  return mine.find((id) => foreign.some((slot) => slot.domains.includes(id)));
}

/**
 * What has to be up of a domain when devices that are down by themselves count too. People are served by the first kinds; the
 * others say how many an update may take down, and a dead device takes nothing of that. A room goes on being updated one by one
 * while one of its others is up.
 */
const STAYS_UP: Readonly<Record<DomainKind, (minUp: number) => number>> = {
  ...{ zone: (minUp) => minUp, huntGroup: (minUp) => minUp, group: (minUp) => minUp, reception: (minUp) => minUp, floor: (minUp) => minUp },
  room: (minUp) => Math.min(1, minUp),
  ...{ port: () => 0, switch: () => 0, subnet: () => 0 },
};

function downHold(
  { planned, domains, company }: CompanyInput,
  others: readonly DeviceId[],
): { readonly hold: Hold; readonly domain: string } | undefined {
  if (company.down.length === 0) return undefined;
  const unit = domains.unitOf(planned.device);
  const taken = new Set([...others.flatMap((device) => domains.unitOf(device)), ...unit]);
  const downIn = downByDomain(company.down, domains);
  for (const { domain } of domains.takesOf(planned.device)) {
    const down = (downIn.get(domain) ?? []).filter(({ device }) => !taken.has(device));
    if (down.length === 0) continue;
    const up = domain.members.filter((member) => !taken.has(member)).length - down.length;
    const needed = STAYS_UP[domain.kind](domain.minUp);
    if (up >= needed) continue;
    const since = isoOf(Math.min(...down.map(({ sinceMs }) => sinceMs)));
    const which =
      down.length === 1 ? `1 is down by itself since ${since}` : `${down.length} are down by themselves, the first since ${since}`;
    const why = `${up} of ${domain.members.length} in ${domain.id} would be up, and ${needed} must be: ${which}`;
    const endedBy = "what is down there being back, or a person who skips the device, or plans anew once what is down is retired";
    return { hold: { code: "down", why, endedBy }, domain: domain.id };
  }
  return undefined;
}

type DownIn = ReadonlyMap<FailureDomain, readonly DownDevice[]>;

/** By the list of a turn: thousands of tasks ask of the same. */
const sorted = new WeakMap<readonly DownDevice[], Map<DomainIndex, DownIn>>();

function downByDomain(down: readonly DownDevice[], domains: DomainIndex): DownIn {
  const known = sorted.get(down) ?? new Map<DomainIndex, DownIn>();
  sorted.set(down, known);
  const found = known.get(domains) ?? sortDown(down, domains);
  known.set(domains, found);
  return found;
}

function sortDown(down: readonly DownDevice[], domains: DomainIndex): DownIn {
  const found = new Map<FailureDomain, DownDevice[]>();
  for (const one of down) {
    for (const { domain } of domains.of(one.device)) found.set(domain, [...(found.get(domain) ?? []), one]);
  }
  return found;
}
