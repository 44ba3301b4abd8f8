/**
 * Incidents as people and scripts see them, with what waits and what is muted. Pure over rows and the last decision.
 */
import { isoOf } from "../../protocols/core/time.ts";
import type { IncidentRow } from "../../store/incident-rows.ts";
import type { OpenCondition } from "../../store/incidents.ts";
import type { MaintenanceRow } from "../../store/maintenances.ts";
import type { Store } from "../../store/store.ts";
import type { Decision } from "../health/causes/decide.ts";

type Tables = Pick<Store, "incidents" | "conditions" | "devices">;
export type StandingDecision = Pick<Decision, "waiting" | "muted"> | undefined;

export interface IncidentView {
  readonly incident: number;
  readonly title: string;
  readonly kind: string;
  readonly state: string;
  readonly severity: string;
  readonly causeClass: string;
  readonly service?: string;
  readonly affected: number;
  readonly total: number;
  readonly since: string;
  readonly until?: string;
  /** The incident it went into. */
  readonly partOf?: number;
  readonly reopened: number;
}

export interface HeldBack {
  readonly device?: string;
  readonly name?: string;
  readonly condition: string;
  readonly since: string;
  readonly why: string;
  /** Absent where nobody can say. */
  readonly until?: string;
}

export function viewIncident(row: IncidentRow): IncidentView {
  const { id, cause, title, kind, state, severity, causeClass, service, affected, total, sinceMs, untilMs, parent, reopened } = row;
  const isCounted = kind !== "coverage" && kind !== "other";
  return {
    incident: id,
    title: title === "" ? cause : title,
    kind,
    state,
    severity,
    causeClass,
    ...(service === undefined ? {} : { service }),
    affected: isCounted ? affected : row.conditions.length,
    total: isCounted ? total : row.conditions.length,
    since: isoOf(sinceMs),
    ...(untilMs === undefined ? {} : { until: isoOf(untilMs) }),
    ...(parent === undefined ? {} : { partOf: parent }),
    reopened,
  };
}

function heldBack(condition: OpenCondition, why: string, untilMs: number | undefined, { devices }: Pick<Tables, "devices">): HeldBack {
  const { deviceId } = condition;
  const name = deviceId === undefined ? undefined : devices.load(deviceId)?.name;
  return {
    ...(deviceId === undefined ? {} : { device: deviceId }),
    ...(name === undefined ? {} : { name }),
    condition: condition.kind,
    since: isoOf(condition.sinceMs),
    why,
    ...(untilMs === undefined ? {} : { until: isoOf(untilMs) }),
  };
}

/** Ended incidents shown beside the open ones. */
const LISTED_MAX = 500;
/** Of what waits or is muted as much as a person reads. */
const HELD_BACK_MAX = 200;

export function listIncidents(all: boolean, tables: Tables, standing: StandingDecision) {
  const rows = all ? tables.incidents.list(LISTED_MAX) : tables.incidents.listOpen();
  const waiting = standing?.waiting ?? [];
  const muted = standing?.muted ?? [];
  return {
    schema: "groundswell.incidents/1" as const,
    incidents: rows.map(viewIncident),
    waitingCount: waiting.length,
    waiting: waiting.slice(0, HELD_BACK_MAX).map(({ condition, why, untilMs }) => heldBack(condition, why, untilMs, tables)),
    mutedCount: muted.length,
    muted: muted.slice(0, HELD_BACK_MAX).map(({ condition, why, untilMs }) => heldBack(condition, why, untilMs, tables)),
  };
}

export function showIncident(id: number, tables: Tables, standing: StandingDecision) {
  const row = tables.incidents.load(id);
  if (row === undefined) return undefined;
  const conditions = tables.conditions.ofIncident(id);
  const members = new Set(conditions.flatMap(({ deviceId }) => deviceId ?? []));
  return {
    schema: "groundswell.incident/1" as const,
    ...viewIncident(row),
    why: row.why,
    advice: row.advice,
    conditions: conditions.map(({ deviceId, kind, severity, sinceMs, untilMs, evidence }) => {
      const name = deviceId === undefined ? undefined : tables.devices.load(deviceId)?.name;
      return {
        ...(deviceId === undefined ? {} : { device: deviceId }),
        ...(name === undefined ? {} : { name }),
        condition: kind,
        severity,
        since: isoOf(sinceMs),
        ...(untilMs === undefined ? {} : { until: isoOf(untilMs) }),
        evidence: evidence.map(({ what }) => what).join("; "),
      };
    }),
    muted: (standing?.muted ?? [])
      .filter(({ condition: { deviceId } }) => deviceId !== undefined && members.has(deviceId))
      .slice(0, HELD_BACK_MAX)
      .map(({ condition, why, untilMs }) => heldBack(condition, why, untilMs, tables)),
  };
}

export function viewMaintenance(row: MaintenanceRow, nowMs: number) {
  const { id, scopeKind, scope, fromMs, untilMs, endedMs, reason, actor } = row;
  return {
    maintenance: id,
    what: scopeKind,
    scope,
    state: endedMs === undefined && untilMs > nowMs ? "lasts" : "over",
    from: isoOf(fromMs),
    until: isoOf(Math.min(untilMs, endedMs ?? untilMs)),
    reason,
    by: actor,
  };
}
