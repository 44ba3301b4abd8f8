/** What a portal has to see of an outage that its devices notice over hours, from the events alone. */
import type { SiteEvent } from "../../fixtures/portal/contract.ts";
import type { TrickleRun } from "./trickle.ts";

interface Seen {
  readonly id: number;
  readonly kind: string;
  readonly state: string;
  readonly parent: number | undefined;
  readonly service: string | undefined;
  readonly affected: number;
  readonly devices: readonly string[];
}

/**
 * Incidents of their own that may come before the outage is known: five losses make it known, and those that are known by then to
 * fail, but not to fail together, have told already. Far from one for each device.
 */
export const SINGLE_MAX = 8;

/** Every broken promise in words; empty where all is as it should be. */
export function brokenPromises(run: Pick<TrickleRun, "portal" | "eventsInIt" | "outage" | "logged">): readonly string[] {
  const events = (run.portal.sites[0]?.events.events ?? []).filter(({ type }) => type.includes("incident."));
  const upTo = run.portal.sites[0]?.events.events[run.eventsInIt - 1]?.sequence ?? 0;
  const before = events.filter(({ sequence }) => sequence <= upTo);
  const opened = events.filter(({ type }) => type.endsWith("incident.opened"));
  return [
    ...run.portal.faults(),
    ...run.logged.map((line) => `the agent's log: ${line}`),
    ...standing(lastOf(before), run),
    ...(opened.length <= SINGLE_MAX ? [] : [`${opened.length} incidents were opened for one cause`]),
    ...[...lastOf(events).values()].flatMap((one) => (one.state === "open" ? [`after the outage incident ${one.id} stays open`] : [])),
    ...(opened.some(({ sequence }) => sequence > upTo) ? ["while the devices came back an incident was opened"] : []),
    ...orderOf(events),
  ];
}

/** In the outage: one stands, with everybody in it, and whatever else there was points to it. */
function standing(last: ReadonlyMap<number, Seen>, { outage }: Pick<TrickleRun, "outage">): readonly string[] {
  const all = [...last.values()];
  const open = all.filter(({ state }) => state === "open");
  const [one] = open;
  if (one === undefined || open.length > 1) return [`${open.length} incidents stand in the outage, not one`];
  const missing = outage.devices.filter(({ id }) => !one.devices.includes(id));
  return [
    ...(one.kind === "cloud" && one.service === outage.service ? [] : [`incident ${one.id} is "${one.kind}" of ${one.service}`]),
    ...(one.affected === outage.devices.length ? [] : [`it counts ${one.affected} of ${outage.devices.length} devices`]),
    ...(missing.length === 0 ? [] : [`it misses ${missing.length} devices`]),
    ...all.flatMap(({ id, state, parent }) =>
      id === one.id || (state === "partOf" && parent === one.id)
        ? []
        : [`incident ${id} is "${state}" and points to ${parent ?? "nothing"}, not to ${one.id}`],
    ),
  ];
}

/** Whoever reads a pointer has heard before what it points to. */
function orderOf(events: readonly SiteEvent[]): readonly string[] {
  const heard = new Map<number, string>();
  return events.flatMap((event) => {
    const { id, kind, parent } = seenIn(event);
    heard.set(id, kind);
    return parent === undefined || heard.get(parent) === "cloud" ? [] : [`incident ${id} points to ${parent}, which is no outage yet`];
  });
}

function lastOf(events: readonly SiteEvent[]): ReadonlyMap<number, Seen> {
  return new Map(events.map((event) => seenIn(event)).map((seen) => [seen.id, seen]));
}

function seenIn({ data }: SiteEvent): Seen {
  const text = (name: string): string | undefined => (typeof data[name] === "string" ? data[name] : undefined);
  const number = (name: string): number | undefined => (typeof data[name] === "number" ? data[name] : undefined);
  const devices: unknown = data["devices"];
  return {
    id: number("incident") ?? 0,
    kind: text("kind") ?? "",
    state: text("state") ?? "",
    parent: number("parent"),
    service: text("service"),
    affected: number("affected") ?? 0,
    devices: Array.isArray(devices) ? devices.map(String) : [],
  };
}
