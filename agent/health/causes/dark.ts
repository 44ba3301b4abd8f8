/** Expected darkness: what people planned and what campaigns do, and how long its devices are given to come back. Pure. */
import type { DeviceId } from "../../../protocols/core/ids.ts";
import type { Ms } from "../../../protocols/core/time.ts";
import type { EndedIncident, IncidentRow } from "../../../store/incident-rows.ts";
import type { OpenCondition } from "../../../store/incidents.ts";
import { type Cause, type Dark, GRACE_MS, SERVICE_GRACE_MS, SERVICE_KINDS } from "./picture.ts";

export interface Muted {
  readonly why: string;
  readonly untilMs?: Ms;
}

export function isDark(device: DeviceId, darks: readonly Dark[], nowMs: Ms): Dark | undefined {
  return darks.find(
    ({ devices, fromMs, untilMs }) =>
      (devices === "all" || devices.has(device)) && fromMs <= nowMs && (untilMs === undefined || nowMs < untilMs + GRACE_MS),
  );
}

/** What began before the darkness is no part of it. */
export function mutedByPlan(device: DeviceId, condition: OpenCondition, darks: readonly Dark[], nowMs: Ms): Muted | undefined {
  const dark = isDark(
    device,
    darks.filter(({ fromMs, untilMs }) => condition.sinceMs >= fromMs && (untilMs === undefined || condition.sinceMs < untilMs + GRACE_MS)),
    nowMs,
  );
  if (dark === undefined) return undefined;
  const { why, untilMs } = dark;
  if (untilMs === undefined) return { why };
  return nowMs < untilMs ? { why, untilMs } : { why: `${why}: over, and given time to come back`, untilMs: untilMs + GRACE_MS };
}

/** Does it hold devices for another's sake? */
export function isGroup(kind: string): boolean {
  return kind !== "device" && kind !== "site" && kind !== "coverage" && kind !== "other";
}

/** How long those it held are given to come back after its end. */
function graceOf({ kind }: Pick<IncidentRow, "kind">): Ms {
  return SERVICE_KINDS.includes(kind) ? SERVICE_GRACE_MS : GRACE_MS;
}

export interface Held {
  /** Open incidents by the conditions they hold. */
  readonly byCondition: ReadonlyMap<number, IncidentRow>;
  /** The latest group incident that held the device and ended within the grace. */
  readonly endedGroups: ReadonlyMap<DeviceId, EndedIncident>;
}

export function heldBy(open: readonly IncidentRow[], ended: readonly EndedIncident[], nowMs: Ms): Held {
  const byCondition = new Map(open.flatMap((row) => row.conditions.map((id) => [id, row] as const)));
  const endedGroups = new Map<DeviceId, EndedIncident>();
  for (const row of ended) {
    if (row.state !== "ended" || !isGroup(row.kind) || nowMs >= row.untilMs + graceOf(row)) continue;
    for (const device of row.devices) endedGroups.set(device, row);
  }
  return { byCondition, endedGroups };
}

/**
 * A device whose group's cause is gone is given time to come back before its trouble counts as its own. Where that cause is back
 * and does not explain it, it is its own.
 * @param wanted keys of all causes that hold now
 */
export function mutedAfter(
  one: OpenCondition,
  cause: Cause,
  at: { readonly held: Held; readonly wanted: ReadonlySet<string>; readonly nowMs: Ms },
): Muted | undefined {
  if (isGroup(cause.kind) || one.deviceId === undefined) return undefined;
  const own = at.held.byCondition.get(one.id);
  if (own?.cause === cause.key) return undefined;
  if (own !== undefined && isGroup(own.kind) && !at.wanted.has(own.cause))
    return { why: `the cause of incident ${own.id} is gone: given time to come back`, untilMs: at.nowMs + graceOf(own) };
  const group = at.held.endedGroups.get(one.deviceId);
  if (own !== undefined || group === undefined || at.wanted.has(group.cause)) return undefined;
  return { why: `incident ${group.id} is over: given time to come back`, untilMs: group.untilMs + graceOf(group) };
}

/** What takes power or link from all below it. */
const CUTS_OFF: readonly string[] = ["switch", "uplink", "power"];

/** Its switch is back, so its port is up, and it has no address yet: no fault of who gives addresses. */
export function isBooting(
  { id, deviceId }: OpenCondition,
  { held, wanted, nowMs }: { readonly held: Held; readonly wanted: ReadonlySet<string>; readonly nowMs: Ms },
): boolean {
  const own = held.byCondition.get(id);
  if (own !== undefined) return CUTS_OFF.includes(own.kind) && !wanted.has(own.cause);
  const group = deviceId === undefined ? undefined : held.endedGroups.get(deviceId);
  return group !== undefined && CUTS_OFF.includes(group.kind) && !wanted.has(group.cause) && nowMs < group.untilMs + GRACE_MS;
}
