/**
 * Which tickets there should be. Pure, and decided from the whole set of failures, so that a restart, a repeat or another
 * order of arrival changes nothing. Rule: tickets.md 5.7.
 */

import type { CampaignId, DeviceId, SiteId } from "../../protocols/core/ids.ts";
import type { Ms } from "../../protocols/core/time.ts";
import { type FailureFact, failureDocument, type TicketDocument, type TicketEnd } from "./document.ts";
import { type TicketBase, type TroubleName, ticketBase } from "./key.ts";

export interface GroupInput {
  readonly environment: string;
  readonly site: SiteId;
  readonly facts: readonly FailureFact[];
  /** From this many like failures on they are one trouble. */
  readonly groupAt: number;
  /** Is the newest ticket of this trouble open? */
  readonly isOpen: (base: TicketBase) => boolean;
}

/** A ticket as it should read. A merged one names the other by its base: its generation is not known here. */
export interface WantedTicket {
  readonly base: TicketBase;
  /** The one it began in. */
  readonly campaign: CampaignId;
  readonly devices: readonly DeviceId[];
  readonly document: (end: TicketEnd | undefined) => TicketDocument;
  /** Absent while it is open. */
  readonly end?:
    | { readonly how: "recovered"; readonly proof: string; readonly atMs: Ms }
    | { readonly how: "merged"; readonly into: TicketBase };
}

/**
 * Wanted tickets: cause tickets first, then device tickets. Until `groupAt` like failures one ticket per device; then one per
 * (model, edge, cause, site), and the open device tickets are closed with a pointer to it. Once one, it stays one.
 */
export function wantedTickets(input: GroupInput): readonly WantedTicket[] {
  const groups = new Map<TicketBase, [FailureFact, ...FailureFact[]]>();
  for (const fact of newestPerDevice(input.facts)) {
    const base = ticketBase(causeName(input, fact));
    const group = groups.get(base);
    if (group === undefined) groups.set(base, [fact]);
    else group.push(fact);
  }
  const wanted = [...groups].flatMap(([base, facts]) =>
    facts.length >= input.groupAt || input.isOpen(base) ? asOneCause(input, base, facts) : facts.map((fact) => asDevice(input, fact)),
  );
  return wanted.sort((a, b) => Number(a.end?.how === "merged") - Number(b.end?.how === "merged"));
}

/** A device that failed the same way in two campaigns is one trouble: the later tells it. */
function newestPerDevice(facts: readonly FailureFact[]): readonly FailureFact[] {
  const newest = new Map<string, FailureFact>();
  for (const fact of facts) {
    const name = `${fact.device}|${edgeOf(fact)}|${fact.cause}`;
    const known = newest.get(name);
    if (known === undefined || known.sinceMs < fact.sinceMs) newest.set(name, fact);
  }
  return [...newest.values()];
}

function edgeOf(fact: FailureFact): string {
  return `${fact.model}:${fact.from}>${fact.to}`;
}

function causeName({ environment, site }: GroupInput, fact: FailureFact): TroubleName {
  return { environment, site, kind: "cause", scope: edgeOf(fact), cause: fact.cause };
}

function deviceBase({ environment, site }: GroupInput, fact: FailureFact): TicketBase {
  return ticketBase({ environment, site, kind: "device", scope: fact.device, cause: `${edgeOf(fact)}:${fact.cause}` });
}

function asOneCause(input: GroupInput, base: TicketBase, facts: readonly [FailureFact, ...FailureFact[]]): WantedTicket[] {
  const { site } = input;
  const end = endOf(facts);
  const one: WantedTicket = {
    base,
    campaign: facts.reduce((first, fact) => (fact.sinceMs < first.sinceMs ? fact : first)).campaign,
    devices: facts.map((fact) => fact.device).sort(),
    document: (how) => failureDocument("cause", site, facts, how),
    ...(end === undefined ? {} : { end }),
  };
  const pointers = facts.flatMap((fact): WantedTicket[] => {
    const own = deviceBase(input, fact);
    if (!input.isOpen(own)) return [];
    return [
      {
        base: own,
        campaign: fact.campaign,
        devices: [fact.device],
        document: (how) => failureDocument("device", site, [fact], how),
        end: { how: "merged", into: base },
      },
    ];
  });
  return [one, ...pointers];
}

function asDevice(input: GroupInput, fact: FailureFact): WantedTicket {
  const end = endOf([fact]);
  return {
    base: deviceBase(input, fact),
    campaign: fact.campaign,
    devices: [fact.device],
    document: (how) => failureDocument("device", input.site, [fact], how),
    ...(end === undefined ? {} : { end }),
  };
}

/** Over when every device has a verified recovery; the last one's evidence proves it. */
function endOf(facts: readonly FailureFact[]): { how: "recovered"; proof: string; atMs: Ms } | undefined {
  let last: { proof: string; atMs: Ms } | undefined;
  for (const { recovered } of facts) {
    if (recovered === undefined) return undefined;
    if (last === undefined || recovered.atMs >= last.atMs) last = recovered;
  }
  return last === undefined ? undefined : { how: "recovered", proof: last.proof, atMs: last.atMs };
}
